import { Redis as IoRedis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Redis, startRedis } from '../../../../scripts/engines.ts'
import type { Store } from '../../src/index.ts'
import { redisStore } from '../../src/stores/redis.ts'
import { type Kit, kitOf } from '../../src/testing/store-contract/kit.ts'

let redis: Redis
let client: IoRedis
let store: Store

beforeAll(async () => {
  redis = await startRedis()
  client = new IoRedis(`redis://127.0.0.1:${redis.port}`)
  store = redisStore(client)
}, 60_000)

afterAll(async () => {
  client.disconnect()
  await redis.stop()
})

/**
 * A store whose creations stop between their two commands: the session is entered in its user's set, and its record is not
 * there yet. `goOn` lets it be written.
 */
function stoppedBetween() {
  const arrived = Promise.withResolvers<void>()
  const goingOn = Promise.withResolvers<void>()
  let calls = 0
  const slow = redisStore({
    on: () => undefined,
    async call(command, ...args) {
      if (command === 'EVALSHA' && ++calls === 2) {
        arrived.resolve()
        await goingOn.promise
      }
      return await client.call(command, ...args)
    },
  })
  return { slow, arrived: arrived.promise, goOn: goingOn.resolve }
}

const ENDINGS: Readonly<Record<string, (kit: Kit, userId: string) => Promise<unknown>>> = {
  'all sessions of the user are ended': ({ request }, userId) => store.endUser(userId, request()),
  'all sessions of the user are changed': ({ start }, userId) =>
    store.updateUser(userId, { at: start, set: new Map([['role', '"user"']]) }),
  'all sessions of everybody are ended': ({ request }) => store.endAll(request()),
}

let seed = 0

describe.each(Object.entries(ENDINGS))('while a sign-in is between its two commands, %s', (_, end) => {
  test('it does not count, and the next one does', async () => {
    const kit = kitOf(store, Date.now(), `sign-in ${seed++}`)
    const userId = `user ${seed}`
    const { slow, arrived, goOn } = stoppedBetween()
    const record = kit.record({ userId, data: new Map([['role', '"admin"']]) })
    const creating = slow.create(record, { ifUserEpoch: (await store.userEpoch(userId)).epoch })
    await arrived
    await end(kit, userId)
    goOn()
    expect(await creating).toEqual({ outcome: 'user-changed' })
    expect(await store.read(record.id)).toBeNull()
    expect((await store.listUser(userId)).items).toEqual([])
    const next = kit.record({ userId })
    expect(await store.create(next, { ifUserEpoch: (await store.userEpoch(userId)).epoch })).toMatchObject({
      outcome: 'created',
    })
    expect(await store.read(next.id)).toEqual(next)
  })
})

test('those of one process under a limit are admitted one after the other: none has to look twice', async () => {
  const kit = kitOf(store, Date.now(), `sign-in ${seed++}`)
  const sent: (string | number)[] = []
  const counting = redisStore({
    on: () => undefined,
    async call(command, ...args) {
      sent.push(command)
      return await client.call(command, ...args)
    },
  })
  const limit = { max: 1, strategy: 'end-oldest', keepUntil: kit.start + 1_000 } as const
  const create = (userId: string) => counting.create(kit.record({ userId }), { limit })
  for (let i = 0; i < 2; i++) await create('who loads the scripts')
  sent.length = 0
  for (let i = 0; i < 20; i++) await create('one by one')
  const { length } = sent
  sent.length = 0
  const results = await Promise.all(Array.from({ length: 20 }, () => create('at once')))
  expect(results.map(({ outcome }) => outcome)).toEqual(Array(20).fill('created'))
  expect(sent.length).toBe(length)
})

test('a sign-in that never came is no session for a limit, and cannot come any more', async () => {
  const kit = kitOf(store, Date.now(), `sign-in ${seed++}`)
  const { slow, arrived, goOn } = stoppedBetween()
  const lost = kit.record({ userId: 'bob' })
  const creating = slow.create(lost)
  await arrived
  const limit = { max: 1, strategy: 'refuse', keepUntil: kit.start + 1_000 } as const
  const next = kit.record({ userId: 'bob' })
  expect(await store.create(next, { limit })).toEqual({ outcome: 'created', ended: [] })
  goOn()
  expect(await creating).toEqual({ outcome: 'user-changed' })
  expect((await store.listUser('bob')).items).toEqual([next])
})

test('a sign-in that began before all sessions are ended does not count, also where the clock is behind an earlier ending', async () => {
  const kit = kitOf(store, Date.now())
  // As a machine with another clock has left it.
  await redisStore(client).raiseEpoch(null, { epoch: Date.now() + 60_000, endEpoch: 0 })
  for (let i = 0; i < 2; i++) {
    const begun = (await store.userEpoch('eve')).epoch
    await store.endAll(kit.request())
    expect((await store.userEpoch('eve')).epoch).toBe(begun + 1)
    const late = kit.record({ userId: 'eve' })
    expect((await store.create(late, { ifUserEpoch: begun })).outcome).toBe('user-changed')
  }
  const again = kit.record({ userId: 'eve' })
  const ifUserEpoch = (await store.userEpoch('eve')).epoch
  expect((await store.create(again, { ifUserEpoch })).outcome).toBe('created')
})
