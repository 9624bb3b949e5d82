import { expectEqual } from '../assert.ts'
import { HOUR, type Kit, MINUTE, storeCase, texts, together } from './kit.ts'

const withPredecessor = ({ add, random }: Kit) =>
  add({
    userId: 'ada',
    generation: 2,
    predecessor: { hash: random.bytes(32), nonce: random.bytes(16), keyId: 'k1', seenAt: null },
    data: texts({ a: '1' }),
    version: 3,
  })

export const touchCases = [
  storeCase('touch: moves lastSeenAt and nothing else', 6, async (kit) => {
    const before = await withPredecessor(kit)
    const at = kit.start + 5 * MINUTE
    expectEqual(await kit.store.touch(before.id, at, { interval: MINUTE }), 'touched')
    expectEqual(await kit.stored(before.id), { ...before, lastSeenAt: at })
  }),

  storeCase('touch: both sides of the interval', 6, async ({ store, add, stored, start }) => {
    const { id } = await add()
    expectEqual(await store.touch(id, start + MINUTE - 1, { interval: MINUTE }), 'kept')
    expectEqual((await stored(id)).lastSeenAt, start)
    expectEqual(await store.touch(id, start + MINUTE, { interval: MINUTE }), 'touched')
    expectEqual((await stored(id)).lastSeenAt, start + MINUTE)
    expectEqual(await store.touch(id, start + 2 * MINUTE - 1, { interval: MINUTE }), 'kept')
    expectEqual(await store.touch(id, start + 2 * MINUTE, { interval: MINUTE }), 'touched')
  }),

  storeCase('touch: an interval of 0 is each millisecond', 6, async ({ store, add, stored, start }) => {
    const { id } = await add()
    expectEqual(await store.touch(id, start, { interval: 0 }), 'kept')
    expectEqual(await store.touch(id, start + 1, { interval: 0 }), 'touched')
    expectEqual(await store.touch(id, start + 1, { interval: 0 }), 'kept')
    expectEqual((await stored(id)).lastSeenAt, start + 1)
  }),

  storeCase('touch: only forward', 7, async ({ store, add, stored, start }) => {
    const before = await add()
    for (const back of [1, MINUTE, HOUR]) {
      expectEqual(await store.touch(before.id, start - back, { interval: 0 }), 'kept', `${back} ms back.`)
    }
    expectEqual(await stored(before.id), before)
  }),

  storeCase('touch: marks the predecessor seen also where it is not later than the last activity', 3, async (kit) => {
    for (const back of [0, 1, HOUR]) {
      const before = await withPredecessor(kit)
      const at = kit.start - back
      expectEqual(await kit.store.touch(before.id, at, { interval: MINUTE, seen: 2 }), 'touched', `${back} ms back.`)
      const predecessor = before.predecessor && { ...before.predecessor, nonce: null, seenAt: at }
      expectEqual(await kit.stored(before.id), { ...before, predecessor })
    }
  }),

  storeCase('touch: of 50 parallel ones in an interval one is applied', 6, async ({ store, add, stored, start }) => {
    const before = await add()
    const results = await together(50, (i) => store.touch(before.id, start + MINUTE + i, { interval: MINUTE }))
    expectEqual(results.filter((result) => result === 'touched').length, 1, 'How many were applied?')
    expectEqual(results.filter((result) => result === 'kept').length, 49, 'How many were kept?')
    expectEqual(start + MINUTE + results.indexOf('touched'), (await stored(before.id)).lastSeenAt)
  }),

  storeCase('touch: a missing record is gone, and none is made', 4, async ({ store, start }) => {
    expectEqual(await store.touch('no-such-session', start, { interval: 0, seen: 0 }), 'gone')
    expectEqual(await store.read('no-such-session'), null)
  }),

  storeCase('touch: an ended record is gone and unchanged', 4, async (kit) => {
    const { id, generation } = await withPredecessor(kit)
    await kit.store.end(id, kit.request({ at: kit.start }))
    const after = await kit.stored(id)
    expectEqual(await kit.store.touch(id, kit.start + MINUTE, { interval: 0, seen: generation }), 'gone')
    expectEqual(await kit.stored(id), after)
  }),

  storeCase('touch: both sides of the idle timeout, and an expired record is not revived', 7, async (kit) => {
    const { store, add, stored, start } = kit
    const before = await add({ idleFor: MINUTE })
    expectEqual(await store.touch(before.id, start + MINUTE, { interval: 0, seen: 0 }), 'gone')
    expectEqual(await store.touch(before.id, start + HOUR, { interval: 0 }), 'gone')
    expectEqual(await stored(before.id), before)
    expectEqual(await store.touch(before.id, start + MINUTE - 1, { interval: 0 }), 'touched')
    expectEqual(await store.touch(before.id, start + 2 * MINUTE - 2, { interval: 0 }), 'touched', 'It has moved.')
    expectEqual(await store.touch(before.id, start + 3 * MINUTE - 2, { interval: 0 }), 'gone')
  }),

  storeCase('touch: no activity moves the absolute timeout', 7, async ({ store, add, stored, start }) => {
    const { id, expiresAt } = await add({ idleFor: HOUR, expiresAt: start + 2 * HOUR })
    for (let at = start + 30 * MINUTE; at < expiresAt; at += 30 * MINUTE) {
      expectEqual(await store.touch(id, at, { interval: 0 }), 'touched')
    }
    expectEqual(await store.touch(id, expiresAt - 1, { interval: 0 }), 'touched')
    expectEqual(await store.touch(id, expiresAt, { interval: 0 }), 'gone')
    const { expiresAt: after, lastSeenAt } = await stored(id)
    expectEqual([after, lastSeenAt], [expiresAt, expiresAt - 1])
  }),

  storeCase('touch: the successor seen marks the predecessor and erases the nonce', 3, async (kit) => {
    const before = await withPredecessor(kit)
    const at = kit.start + 1
    expectEqual(await kit.store.touch(before.id, at, { interval: MINUTE, seen: 2 }), 'touched')
    const predecessor = before.predecessor && { ...before.predecessor, nonce: null, seenAt: at }
    expectEqual(await kit.stored(before.id), { ...before, predecessor })
  }),

  storeCase('touch: seen and the interval over are one step', 3, async (kit) => {
    const before = await withPredecessor(kit)
    const at = kit.start + MINUTE
    expectEqual(await kit.store.touch(before.id, at, { interval: MINUTE, seen: 2 }), 'touched')
    const predecessor = before.predecessor && { ...before.predecessor, nonce: null, seenAt: at }
    expectEqual(await kit.stored(before.id), { ...before, lastSeenAt: at, predecessor })
  }),

  storeCase('touch: what has been seen is not marked again', 3, async (kit) => {
    const { id } = await withPredecessor(kit)
    await kit.store.touch(id, kit.start + 1, { interval: MINUTE, seen: 2 })
    const after = await kit.stored(id)
    expectEqual(await kit.store.touch(id, kit.start + 2, { interval: MINUTE, seen: 2 }), 'kept')
    expectEqual(await kit.stored(id), after)
  }),

  storeCase('touch: another generation seen, or none, marks nothing', 3, async (kit) => {
    const before = await withPredecessor(kit)
    for (const seen of [0, 1, 3, undefined]) {
      expectEqual(await kit.store.touch(before.id, kit.start + 1, { interval: MINUTE, seen }), 'kept', `Seen ${seen}.`)
    }
    expectEqual(await kit.stored(before.id), before)
  }),

  storeCase('touch: seen without a predecessor does nothing', 15, async ({ store, add, stored, start }) => {
    const before = await add()
    expectEqual(await store.touch(before.id, start + 1, { interval: MINUTE, seen: 0 }), 'kept')
    expectEqual(await stored(before.id), before)
  }),
]
