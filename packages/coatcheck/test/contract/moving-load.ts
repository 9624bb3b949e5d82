import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Store } from '../../src/core/store/store.ts'
import { copyStore, movingStore } from '../../src/stores/moving.ts'
import { intercept, seeded } from '../../src/testing/index.ts'
import { aRecord, HOUR } from '../unit/stores/records.ts'

const USERS = ['ada', 'bob', 'cyd', 'dan', 'eve']

/**
 * Serves random requests by three processes at once while the sessions are copied, and holds what is left in the new
 * store to what was acknowledged: no update is lost, nothing that has ended is alive, nobody else has been signed out.
 */
export async function serveWhileCopying(from: Store, to: Store, now: number, seed: string): Promise<void> {
  const random = seeded(seed)
  const chance = (most: number) => random.int(most)
  const held = (store: Store) =>
    intercept(store, async (_, proceed) => {
      for (let turns = chance(4); turns > 0; turns--) await nextTurn()
      const answer = await proceed()
      for (let turns = chance(4); turns > 0; turns--) await nextTurn()
      return answer
    })
  const processes = [1, 2, 3].map(() => movingStore({ from: held(from), to: held(to) }))
  const anyProcess = () => random.pick(processes)
  // What was acknowledged; of a session also before its beginning was.
  const users = new Map<string, string>()
  const keys = new Map<string, Set<string>>()
  const ended = new Set<string>()
  const noteKey = (id: string, key: string) => keys.set(id, (keys.get(id) ?? new Set()).add(key))
  const fresh = (userId: string) =>
    aRecord(from, { userId, createdAt: now, renewedAt: now, lastSeenAt: now, expiresAt: now + 12 * HOUR })

  for (let i = 0; i < 60; i++) {
    const record = fresh(USERS[i % USERS.length] ?? '')
    expect((await from.create(record)).outcome).toBe('created')
    users.set(record.id, record.userId ?? '')
  }

  let calls = 0
  const ending = { at: now, reason: 'revoked', note: null, keepUntil: now + 24 * HOUR } as const
  const anySession = () => random.pick([...users])

  async function request(): Promise<void> {
    const store = anyProcess()
    const [id, userId] = anySession()
    const key = `key ${++calls}`
    const at = now + calls
    const what = chance(100)
    if (what < 50) {
      const { outcome } = await store.update(id, { at, set: new Map([[key, '1']]) })
      if (outcome === 'updated') noteKey(id, key)
      else expect(outcome).toBe('gone')
      if (outcome === 'gone') expect((await store.read(id))?.ended?.reason).toBe('revoked')
    } else if (what < 70) {
      await store.touch(id, at, { interval: 0 })
    } else if (what < 80) {
      const changed = await store.updateUser(userId, { at, set: new Map([[key, '1']]) })
      for (const one of changed) noteKey(one, key)
    } else if (what < 88) {
      const record = fresh(userId)
      const ifUserEpoch = (await store.userEpoch(userId)).epoch
      const { outcome } = await store.create(record, { ifUserEpoch })
      if (outcome === 'created') users.set(record.id, userId)
    } else if (what < 96) {
      const result = await store.end(id, ending)
      expect(result.outcome).not.toBe('missing')
      ended.add(id)
      expect((await anyProcess().read(id))?.ended?.reason).toBe('revoked')
    } else if (what < 99) {
      for (const one of await store.endUser(userId, ending)) ended.add(one.id)
    } else {
      const { items } = await store.listUser(userId)
      expect(new Set(items.map((record) => record.id)).size).toBe(items.length)
    }
  }

  const visitor = async () => {
    for (let i = 0; i < 40; i++) await request()
  }
  const copying = copyStore(held(from), held(to), { batch: 4 })
  await Promise.all(Array.from({ length: 8 }, visitor))
  expect((await copying).behind).toBe(0)

  for (const id of users.keys()) {
    const record = await to.read(id)
    expect(record?.ended?.reason).toBe(ended.has(id) ? 'revoked' : undefined)
    if (ended.has(id)) expect((await from.read(id))?.ended ?? 'nothing').not.toBeNull()
    else expect([...(record?.data.keys() ?? ['nothing'])].toSorted()).toEqual([...(keys.get(id) ?? [])].toSorted())
  }
  for (const userId of USERS) {
    const open = [...users].filter(([id, of]) => of === userId && !ended.has(id)).map(([id]) => id)
    const { items } = await to.listUser(userId, { limit: 1_000 })
    expect(items.map(({ id }) => id).toSorted()).toEqual(open.toSorted())
    // A sign-in begins with the epoch that a process answers: by then the new store has at least what either had.
    const either = Math.max((await to.userEpoch(userId)).epoch, (await from.userEpoch(userId)).epoch)
    expect((await anyProcess().userEpoch(userId)).epoch).toBeGreaterThanOrEqual(either)
    expect((await to.userEpoch(userId)).epoch).toBeGreaterThanOrEqual(either)
  }
}
