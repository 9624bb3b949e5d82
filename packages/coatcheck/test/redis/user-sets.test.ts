import { Redis as IoRedis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { type Redis, startRedis } from '../../../../scripts/engines.ts'
import { makeKeys } from '../../src/stores/redis/keys.ts'
import { redisStore } from '../../src/stores/redis.ts'
import { kitOf } from '../../src/testing/store-contract/kit.ts'

const keys = makeKeys('default')
const SET = keys.user('ada')
const FIVE = { max: 5, strategy: 'end-oldest', keepUntil: Date.now() + 60_000 } as const

let redis: Redis
let client: IoRedis
let store: ReturnType<typeof redisStore>
beforeAll(async () => {
  redis = await startRedis()
  client = new IoRedis(redis.port)
  store = redisStore(client)
})
afterAll(async () => {
  client.disconnect()
  await redis.stop()
})
beforeEach(async () => void (await client.flushall()))

/** Sessions that have ended and are gone, as a sweep leaves them when their time has come. */
async function gone(count: number): Promise<readonly string[]> {
  const { add } = kitOf(store, Date.now())
  const ids: string[] = []
  for (let i = 0; i < count; i++) {
    const { id } = await add({ userId: 'ada' })
    await client.del(keys.record(id))
    ids.push(id)
  }
  return ids
}

test('a user without sessions leaves Redis seven days after the numbers may be forgotten', async () => {
  const { request, start } = kitOf(store, Date.now())
  const forgetAt = start + 31 * 86_400_000
  await store.endUser('ada', { ...request({ at: start }), forgetAt })
  expect(await client.pexpiretime(SET)).toBe(forgetAt + 7 * 86_400_000)
  await store.updateUser('ada', { at: start, forgetAt: start + 60_000 })
  expect(await client.pexpiretime(SET)).toBe(forgetAt + 7 * 86_400_000)
})

/** As if they had been entered long ago. */
async function age(ids: readonly string[]): Promise<void> {
  for (const id of ids) await client.zadd(SET, 'XX', '1000', id)
}

const members = () => client.zrange(SET, '0', '-1')
const gets = async () => Number(/cmdstat_get:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0)

describe('the set of a user', () => {
  test('keeps no session that is gone once it is listed, and one that may still come', async () => {
    const [late = '', ...old] = await gone(6)
    await age(old)
    expect((await store.listUser('ada')).items).toEqual([])
    expect(await members()).toEqual([late])
  })

  test('keeps one that was entered anew since it was looked at', async () => {
    const [id = ''] = await gone(1)
    await age([id])
    const own = client.call.bind(client)
    onTestFinished(() => void Reflect.deleteProperty(client, 'call'))
    Object.assign(client, {
      async call(...args: Parameters<typeof own>) {
        // Between the look at the set and what follows from it.
        if (args[0] === 'GET' && args[1] === keys.record(id)) await client.zadd(SET, 'XX', String(Date.now()), id)
        return await own(...args)
      },
    })
    await store.listUser('ada')
    expect(await members()).toEqual([id])
  })

  test('under a limit waits for none that is gone, and lets it go', async () => {
    const { record, request, add, start } = kitOf(store, Date.now())
    await age(await gone(40))
    const ended = await add({ userId: 'ada' })
    await store.end(ended.id, { ...request(), at: start - 600_000 })
    const newcomer = record({ userId: 'ada', createdAt: start })
    const before = await gets()
    expect(await store.create(newcomer, { limit: FIVE })).toMatchObject({ outcome: 'created' })
    // Each of them once, and what scripts read.
    expect((await gets()) - before).toBeLessThan(80)
    expect((await members()).filter((id) => !id.startsWith('\u001e'))).toEqual([newcomer.id])
  })
})

test('a number that was given out does not come back when the set is gone, be it at the same time', async () => {
  const { request, start } = kitOf(store, Date.now())
  await store.endUser('ada', request({ at: start }))
  await store.endUser('ada', request({ at: start }))
  const { epoch } = await store.userEpoch('ada')
  await client.del(SET)
  await store.endUser('ada', request({ at: start }))
  expect((await store.userEpoch('ada')).epoch).toBeGreaterThan(epoch)
})

test('a creation under a limit that is said again, because its second step was lost, is done', async () => {
  const { record, start } = kitOf(store, Date.now())
  const newcomer = record({ userId: 'ada', createdAt: start })
  await store.create(record({ userId: 'eve' }), { limit: FIVE })
  const own = client.call.bind(client)
  onTestFinished(() => void Reflect.deleteProperty(client, 'call'))
  Object.assign(client, {
    async call(...args: Parameters<typeof own>) {
      if (args.includes(keys.record(newcomer.id)) && args[0] === 'EVALSHA') throw new Error('Connection is closed.')
      return await own(...args)
    },
  })
  await expect(store.create(newcomer, { limit: FIVE })).rejects.toMatchObject({ operation: 'create' })
  Reflect.deleteProperty(client, 'call')
  expect(await store.create(newcomer, { limit: FIVE })).toMatchObject({ outcome: 'created' })
})
