import { describe, expect, test } from 'vitest'
import { brokenStores, runCases, storeContract } from '../../src/testing/index.ts'
import { clientsOf, type Kind, redisForTests } from './engines.ts'

/** One client on one Redis; with COATCHECK_COMBINATIONS=all each client on each kind (`npm run soak`). */
const kinds: readonly Kind[] =
  process.env['COATCHECK_COMBINATIONS'] === 'all' ? ['single', 'sentinel', 'cluster'] : ['single']
const clients = kinds.length === 1 ? ['ioredis'] : kinds.flatMap(clientsOf)
const redis = redisForTests(...kinds)
/** A race is decided by the engine, so a store that can lose it does not lose it each time. */
const ATTEMPTS = 20

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

/** Races that are lost with ioredis on one Redis, and not with every other client: those send together what comes together. */
const WON_WITH_OTHERS: typeof WON_BY_TIMING = {
  'create puts the record into the index later': [
    'race: a sign-in and endUser at once leave nothing alive',
    'race: a sign-in and endUser with except at once leave nothing alive',
    'race: a sign-in and updateUser at once leave no old role',
  ],
  'two sweeps expire the same': ['sweep: two at once expire each record once'],
  'adopt compares the epoch before it writes': ['adopt: an adoption and endAll at once leave nothing alive'],
}

describe.each(clients)('the store contract catches, around the store on Redis with %s:', (client) => {
  test.for(brokenStores)('$name', async ({ name, breaks, context }) => {
    const isCaught = async (one: (typeof storeContract)[number]) => {
      const [result] = await runCases([one], async () => context(await redis.context(client)))
      return result?.outcome === 'failed'
    }
    const isFirst = client === 'ioredis'
    const won = [...(WON_BY_TIMING[name] ?? []), ...(isFirst ? [] : (WON_WITH_OTHERS[name] ?? []))]
    const meant = breaks.filter((one) => !won.includes(one))
    const cases = storeContract.filter((one) => meant.includes(one.name))
    if (isFirst) expect(cases.length).toBeGreaterThan(0)
    for (const one of cases) {
      let attempts = 1
      while (!(await isCaught(one))) expect(attempts++, `${one.name} was never seen failing`).toBeLessThan(ATTEMPTS)
    }
  })
})
