import { describe, expect, test } from 'vitest'
import { brokenStores, runCases, storeContract } from '../../src/testing/index.ts'
import { clientsOf, type Kind, redisForTests } from './engines.ts'

/** One client on one Redis; with COATCHECK_COMBINATIONS=all each client on each kind (`npm run soak`). */
const kinds: readonly Kind[] =
  process.env['COATCHECK_COMBINATIONS'] === 'all' ? ['single', 'sentinel', 'cluster'] : ['single']
const clients = kinds.length === 1 ? ['ioredis'] : kinds.flatMap(clientsOf)
const redis = redisForTests(...kinds)
/** A race is decided by the engine, so a store that can lose it does not lose it each time: each attempt waits longer in it. */
const ATTEMPTS = 20
const GAP = 5

/**
 * Races that a broken store cannot lose here, because it asks before it does wrong and the other one is done by then.
 * Another case catches each of these stores.
 */
const WON_BY_TIMING: Readonly<Record<string, readonly string[]>> = {
  'update revives': ['race: everything at once, and endAll is final'],
  'adopt asks for no epoch': ['adopt: an adoption and endAll at once leave nothing alive'],
  'updateUser writes the whole records that it has read': [
    'race: an update of all fields and an updateUser at once lose nothing',
    'race: a touch and an updateUser at once lose nothing',
    'race: a renewal and an updateUser at once lose nothing',
  ],
}

describe.each(clients)('the store contract catches, around the store on Redis with %s:', (client) => {
  test.for(brokenStores)('$name', async ({ name, breaks, context }) => {
    const isCaught = async (one: (typeof storeContract)[number], attempt: number) => {
      const gap = attempt * GAP
      const [result] = await runCases([one], async () => context(await redis.context(client), { gap }))
      return result?.outcome === 'failed'
    }
    const meant = breaks.filter((one) => !WON_BY_TIMING[name]?.includes(one))
    const cases = storeContract.filter((one) => meant.includes(one.name))
    expect(cases.length).toBeGreaterThan(0)
    for (const one of cases) {
      let attempt = 1
      while (!(await isCaught(one, attempt))) {
        expect(attempt++, `${one.name} was never seen failing`).toBeLessThan(ATTEMPTS)
      }
    }
  })
})
