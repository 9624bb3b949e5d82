import { describe, expect, test } from 'vitest'
import type { SessionRecord } from '../../src/core/record/record.ts'
import type { Page } from '../../src/core/store/store.ts'
import { hasTransfer } from '../../src/core/store/transfer.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { copyStore } from '../../src/stores/moving.ts'
import { sqliteStore } from '../../src/stores/sqlite.ts'
import { runCase, type StoreContext, storeContract } from '../../src/testing/index.ts'
import { begunBefore } from '../contract/moving.ts'
import { serveWhileCopying } from '../contract/moving-load.ts'
import { add, ending, nastyData, nastyKeys } from '../unit/stores/records.ts'
import { redisForTests } from './engines.ts'
import { followed } from './following.ts'

const redis = redisForTests('single', 'cluster')

/** Each session was begun in SQLite, and moves to the Redis of this context. */
function movingTo({ store, openNamespace, start, close }: StoreContext): StoreContext {
  const join = (to: StoreContext['store']) => begunBefore(sqliteStore(':memory:', { namespace: to.namespace }), to)
  return {
    store: join(store),
    openNamespace: async (namespace) => join((await openNamespace?.(namespace)) ?? store),
    start,
    close,
  }
}

describe('the store contract on a move from SQLite to Redis, each session begun before it', () => {
  // The others are about what a store holds and answers, which two in memory show as well and at less cost.
  const meant = storeContract.filter(({ name }) =>
    /^(create|limit|rotate|touch|end|endUser|updateUser|endAll|userEpoch|sweep|race):/.test(name),
  )
  test.each(meant)('$name', async (one) => {
    const context = movingTo(await redis.context('node-redis'))
    expect(await runCase(one, () => context)).toMatchObject({ outcome: 'passed' })
  })
})

test.each(['node-redis', 'ioredis, Cluster'])('three processes serve while SQLite is copied to %s', async (client) => {
  const { store, close } = await redis.context(client)
  const from = sqliteStore(':memory:', { namespace: store.namespace })
  await serveWhileCopying(from, store, Date.now(), client)
  await close?.()
})

test.each(['ioredis', 'node-redis, Cluster'])('from %s to another store everything comes along', async (client) => {
  const { store, close } = await redis.context(client)
  expect(hasTransfer(store)).toBe(true)
  const to = memoryStore({ namespace: store.namespace })
  const createdAt = Date.now()
  const times = { createdAt, renewedAt: createdAt, lastSeenAt: createdAt, expiresAt: createdAt + 1_000_000 }
  const records = await Promise.all(nastyKeys.map((userId) => add(store, { ...times, userId, data: nastyData() })))
  await store.endAll({ ...ending, keepUntil: times.expiresAt })
  records.push(...(await Promise.all(nastyKeys.map((userId) => add(store, { ...times, userId, data: nastyData() })))))
  for (const userId of nastyKeys) await store.updateUser(userId, { at: createdAt })
  expect(await copyStore(store, to, { batch: 7 })).toMatchObject({ copied: records.length, behind: 0 })
  for (const { id } of records) expect(await to.read(id)).toEqual(await store.read(id))
  for (const userId of [...nastyKeys, 'nobody'])
    expect(await to.userEpoch(userId)).toEqual(await store.userEpoch(userId))
  expect(await to.changes(0)).toEqual(await store.changes(0))
  await close?.()
})

test.each(['ioredis', 'node-redis, Cluster'])(
  'all of a log comes to %s, though a feed follows the one there',
  async (client) => {
    const { store, close } = await redis.opened(client)
    await followed(store)
    const from = memoryStore({ namespace: store.namespace })
    const createdAt = Date.now()
    const times = { createdAt, renewedAt: createdAt, lastSeenAt: createdAt, expiresAt: createdAt + 1_000_000 }
    const { id } = await add(from, times)
    await from.end(id, { ...ending, keepUntil: times.expiresAt })
    await copyStore(from, store)
    expect(await store.changes(0)).toEqual(await from.changes(0))
    expect((await store.changes(0)).map(({ subject }) => subject)).toEqual([id])
    await close?.()
  },
)

test.each(['ioredis', 'node-redis, Cluster'])('on %s a cursor of another run begins the walk anew', async (client) => {
  const { store, close } = await redis.context(client)
  const createdAt = Date.now()
  const times = { createdAt, renewedAt: createdAt, lastSeenAt: createdAt, expiresAt: createdAt + 1_000_000 }
  const records = await Promise.all(Array.from({ length: 30 }, () => add(store, times)))
  expect(hasTransfer(store)).toBe(true)
  const found = new Set<string>()
  for (let cursor: string | null = 'another.run/0/17'; cursor !== null && hasTransfer(store); ) {
    const page: Page<SessionRecord> = await store.scan({ cursor, limit: 20 })
    for (const { id } of page.items) found.add(id)
    cursor = page.cursor
  }
  expect([...found].toSorted()).toEqual(records.map(({ id }) => id).toSorted())
  await close?.()
})
