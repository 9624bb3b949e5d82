import { describe, expect, test } from 'vitest'
import { hasDamage, hasFeed, hasMarks } from '../../../src/core/store/capabilities.ts'
import type { Store } from '../../../src/core/store/store.ts'
import { memoryStore } from '../../../src/stores/memory.ts'
import { copyStore, movingStore } from '../../../src/stores/moving.ts'
import { sqliteStore } from '../../../src/stores/sqlite.ts'
import { faultStore, intercept } from '../../../src/testing/index.ts'
import { add, aRecord, ending, HOUR, ids, isThere, MINUTE, START } from './records.ts'

const AT = START + MINUTE
const authentication = {
  assurance: { level: 1, methods: ['pwd'] },
  expiresAt: START + HOUR,
  idleFor: null,
  persistent: false,
}

function world() {
  const [from, to] = [memoryStore(), memoryStore()]
  return { from, to, moving: movingStore({ from, to }) }
}

describe('two stores that cannot be one', () => {
  const bare = (store: Store): Store => {
    const { scan: _, adopt: __, ...rest } = memoryStore({ namespace: store.namespace })
    return rest
  }
  const from = memoryStore()
  test.each([
    ['from', { from: bare(from), to: memoryStore() }],
    ['to', { from, to: bare(from) }],
    ['to', { from, to: from }],
  ])('are refused by the option %s', (option, stores) => {
    expect(() => movingStore(stores)).toThrow(expect.objectContaining({ code: 'ERR_OPTION', option }))
  })
})

test('it promises no more than either of the two', () => {
  const [volatile, durable] = [memoryStore(), sqliteStore('never-opened.db')]
  expect(movingStore({ from: durable, to: volatile }).guarantees).toEqual({
    durable: false,
    shared: false,
    bounded: true,
  })
  expect(movingStore({ from: volatile, to: durable }).guarantees.durable).toBe(false)
  expect(movingStore({ from: durable, to: sqliteStore('another.db') }).guarantees).toEqual(durable.guarantees)
  const unbounded = { ...memoryStore(), guarantees: { durable: true, shared: true, bounded: false } }
  expect(movingStore({ from: unbounded, to: durable }).guarantees.bounded).toBe(false)
})

test('reading brings nothing, and changes bring the one session', async () => {
  const { from, to, moving } = world()
  const [one, other] = [await add(from), await add(from)]
  expect(await moving.read(one.id)).toEqual(one)
  expect(await isThere(to, one)).toBe(false)
  await moving.update(one.id, { at: AT, set: new Map([['a', '1']]) })
  expect([await isThere(to, one), await isThere(to, other)]).toEqual([true, false])
  expect((await from.read(one.id))?.version).toBe(0)
  expect((await moving.read(one.id))?.version).toBe(1)
})

test('the new store may have another namespace, and records are of that one', async () => {
  const [from, to] = [memoryStore(), memoryStore({ namespace: 'another' })]
  const moving = movingStore({ from, to })
  const [one, other] = [await add(from), await add(from)]
  expect(await moving.read(one.id)).toEqual({ ...one, namespace: 'another' })
  await moving.update(one.id, { at: AT })
  expect((await moving.read(one.id))?.namespace).toBe('another')
  const { expired } = await moving.sweep(START + HOUR, { limit: 10, keepFor: HOUR })
  expect(expired.map(({ id, namespace }) => [id, namespace])).toContainEqual([other.id, 'another'])
})

test('an id of the old store is taken', async () => {
  const { from, moving } = world()
  const one = await add(from)
  expect(await moving.create(aRecord(moving, { id: one.id }))).toEqual({ outcome: 'taken' })
  expect((await moving.create(one)).outcome).toBe('created')
})

test('a session that has authenticated does not count by its old secret when the new store has forgotten it', async () => {
  const { from, to, moving } = world()
  const one = await add(from, { userId: 'ada', expiresAt: START + 12 * HOUR, idleFor: null })
  const rotation = { at: AT, from: one.secretHash, to: 'next', generation: 1, predecessor: null, authentication }
  expect((await moving.rotate(one.id, rotation)).outcome).toBe('rotated')
  await to.sweep(START + 2 * HOUR, { limit: 10, keepFor: 0 })
  expect(await to.read(one.id)).toBeNull()
  expect((await moving.read(one.id))?.ended?.reason).toBe('replaced')
  // Which is no ending that anybody is told of, not even by a process that starts now.
  expect(await movingStore({ from, to }).changes(0)).toEqual([])
})

test('an authentication is refused by an ending of before the move', async () => {
  const { from, moving } = world()
  await from.updateUser('ada', { at: AT })
  const one = await add(from, { userId: 'ada' })
  const rotation = { at: AT, from: one.secretHash, to: 'next', generation: 1, predecessor: null, authentication }
  expect((await moving.rotate(one.id, { ...rotation, ifUserEpoch: 0 })).outcome).toBe('user-changed')
  expect((await moving.rotate(one.id, { ...rotation, ifUserEpoch: AT })).outcome).toBe('rotated')
})

test.each<[string, (store: Store) => Promise<unknown>]>([
  ['end', async (store) => store.end((await add(store)).id, ending)],
  ['endUser', (store) => store.endUser('ada', ending)],
  ['endAll', (store) => store.endAll(ending)],
  [
    'a limit',
    async (store) => {
      await add(store, { userId: 'bob' })
      const limit = { max: 1, strategy: 'end-oldest', keepUntil: START + HOUR } as const
      await store.create(aRecord(store, { userId: 'bob' }), { limit })
    },
  ],
  ['a reader', async (store) => store.changes(0)],
])('what was revoked before the move is in the log before %s', async (_, act) => {
  const { from, moving } = world()
  const one = await add(from)
  await from.end(one.id, ending)
  await act(moving)
  const log = await moving.changes(0)
  expect(log[0]).toMatchObject({ seq: 1, subject: one.id })
  expect(log.slice(1).every(({ seq }) => seq > 1_000)).toBe(true)
})

describe('a sweep', () => {
  const batch = { limit: 2, keepFor: 24 * HOUR }
  const LATE = START + 13 * HOUR

  test('ends what has expired in either, once, and no more than asked for', async () => {
    const { from, to, moving } = world()
    const old = [await add(from), await add(from), await add(from)]
    const fresh = await add(moving)
    await moving.touch(old[2]?.id ?? '', AT, { interval: 0 })
    const swept: string[] = []
    for (let more = true; more; ) {
      const result = await moving.sweep(LATE, batch)
      expect(result.expired.length).toBeLessThanOrEqual(batch.limit)
      swept.push(...ids(result.expired))
      more = result.more
    }
    expect(swept.toSorted()).toEqual(ids([...old, fresh]).toSorted())
    for (const { id } of old) {
      for (const store of [to, from]) expect((await store.read(id))?.ended?.reason).toBe('idle')
    }
  })

  test('leaves a session alone that was active in the new store, and tells of none', async () => {
    const { from, moving } = world()
    const one = await add(from)
    await moving.touch(one.id, START + 20 * MINUTE, { interval: 0 })
    const { expired } = await moving.sweep(START + 31 * MINUTE, batch)
    expect(expired).toEqual([])
    expect((await from.read(one.id))?.ended?.reason).toBe('idle')
    expect((await moving.read(one.id))?.ended).toBeNull()
  })

  test('ends in the old store, too, what is over earlier in the new one', async () => {
    const { from, to, moving } = world()
    const one = await add(from, { expiresAt: START + 12 * HOUR, idleFor: null })
    await to.adopt([{ ...one, expiresAt: START + MINUTE }])
    expect(ids((await moving.sweep(AT, batch)).expired)).toEqual([one.id])
    expect((await from.read(one.id))?.ended?.reason).toBe('absolute')
  })
})

describe('an outage of one of the two', () => {
  test('of the old one after the new one has ended it: nobody knows how far it came, and it may be repeated', async () => {
    const [old, to] = [memoryStore(), memoryStore()]
    const one = await add(old)
    const from = faultStore(old)
    const moving = movingStore({ from, to })
    const aborter = new AbortController()
    from.hang('end')
    const late = moving.end(one.id, ending, { signal: aborter.signal })
    await expect.poll(async () => (await to.read(one.id))?.ended?.reason).toBe('revoked')
    aborter.abort()
    await expect(late).rejects.toMatchObject({ code: 'ERR_STORE_TIMEOUT', operation: 'end', outcome: 'unknown' })
    from.heal()
    expect((await moving.end(one.id, ending)).outcome).toBe('already')
    expect((await old.read(one.id))?.ended?.reason).toBe('revoked')
  })

  test('is an outage for what is not in the other', async () => {
    const [old, to] = [memoryStore(), memoryStore()]
    const one = await add(old)
    const from = faultStore(old)
    const moving = movingStore({ from, to })
    const fresh = await add(moving)
    from.failBefore('any')
    await expect(moving.read(one.id)).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
    expect(await moving.read(fresh.id)).toEqual(fresh)
    expect((await moving.update(fresh.id, { at: AT })).outcome).toBe('updated')
  })
})

test('what ends all again and again is told from what cannot be', async () => {
  const [from, store] = [memoryStore(), memoryStore()]
  const one = await add(from)
  const to = intercept(store, async (call, proceed) => {
    if (call.method === 'adopt') await store.endAll(ending)
    return await proceed()
  })
  const moving = movingStore({ from, to })
  await expect(moving.update(one.id, { at: AT })).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
})

test('processes agree by the marks of the new store, where that has any', async () => {
  const { to, moving } = world()
  expect(await moving.setMark('a', { text: '1', ifText: null, at: START })).toBe(true)
  expect(await to.mark('a', START)).toBe('1')
  expect(await moving.mark('a', START)).toBe('1')
  const { mark: _, setMark: __, ...without } = memoryStore()
  expect(hasMarks(movingStore({ from: memoryStore(), to: without }))).toBe(false)
})

test('its feed is that of the new store, where that has one', async () => {
  const [from, to] = [memoryStore(), sqliteStore(':memory:')]
  const moving = movingStore({ from, to })
  const one = await add(from)
  const told: unknown[] = []
  const feed = moving.watch({
    ended: ({ subject }) => told.push(subject),
    changed: () => undefined,
    missed: () => undefined,
  })
  await expect.poll(() => feed.aliveAt).toBeGreaterThan(0)
  await moving.end(one.id, ending)
  await expect.poll(() => told).toEqual([one.id])
  await feed.stop()
  await moving.close()
  const { watch: _, ...without } = memoryStore()
  expect(hasFeed(movingStore({ from, to: without }))).toBe(false)
})

test('closing it closes both', async () => {
  const closed: string[] = []
  const noting = (name: string) =>
    intercept(memoryStore(), async ({ method }, proceed) => {
      if (method === 'close') closed.push(name)
      return await proceed()
    })
  await movingStore({ from: noting('from'), to: noting('to') }).close()
  expect(closed.toSorted()).toEqual(['from', 'to'])
})

test('endAll logs a number that is above those of all users in the old store', async () => {
  const { from, moving } = world()
  await from.updateUser('ada', { at: AT + HOUR })
  await moving.endAll({ ...ending, at: AT })
  const { epoch } = await moving.userEpoch('ada')
  expect((await moving.changes(0)).at(-1)).toMatchObject({ scope: 'all', count: epoch })
})

test('an ending that copying makes up for stays in the log for an hour, however short the record is kept', async () => {
  const { from, to } = world()
  const one = await add(from, { userId: 'ada' })
  await copyStore(from, to)
  await from.end(one.id, { ...ending, at: AT, keepUntil: AT, logUntil: AT })
  const before = Date.now()
  await copyStore(from, to)
  await to.sweep(before + HOUR - 1, { limit: 100, keepFor: 0 })
  expect(await to.changes(0)).toMatchObject([{ kind: 'ended', subject: one.id }])
})

test('damaged records of either store are told, until nobody listens any more', () => {
  const listening = new Set<(id: string) => void>()
  const damageable = () => ({
    ...memoryStore(),
    onDamaged(listener: (id: string) => void) {
      listening.add(listener)
      return () => listening.delete(listener)
    },
  })
  const told: string[] = []
  const moving = movingStore({ from: damageable(), to: memoryStore() }) as Store
  if (!hasDamage(moving)) throw new Error('It tells of no damage.')
  const stop = moving.onDamaged((id) => told.push(id))
  for (const listener of listening) listener('one')
  expect(told).toEqual(['one'])
  stop()
  expect(listening.size).toBe(0)
  expect(hasDamage(world().moving)).toBe(false)
})
