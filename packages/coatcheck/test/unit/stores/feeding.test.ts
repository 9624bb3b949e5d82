import { expect, onTestFinished, test, vi } from 'vitest'
import type { Change } from '../../../src/core/store/store.ts'
import { runtime } from '../../../src/runtime/node.ts'
import { feedFrom, type Log } from '../../../src/stores/feeding.ts'
import { memoryStore } from '../../../src/stores/memory.ts'
import { aMoment, until } from '../../../src/testing/waiting.ts'

test('a feed that is stopped while it asks whether its log is lost tells nothing more', async () => {
  const asked = Promise.withResolvers<number>()
  const state = { isOut: false, isAsked: false, missed: 0 }
  const log: Log = {
    ...memoryStore(),
    changes: async () => {
      if (state.isOut) throw new Error('the store is out')
      return []
    },
    lastChange: async () => {
      if (!state.isOut) return 7
      state.isAsked = true
      return await asked.promise
    },
  }
  const bell = { wait: () => aMoment() }
  const feed = feedFrom(log, bell, { ended: () => undefined, changed: () => undefined, missed: () => state.missed++ })
  await until(() => feed.aliveAt > 0, 'The feed never began.')
  state.isOut = true
  await until(() => state.isAsked, 'The feed does not ask.')
  await feed.stop()
  asked.resolve(3)
  await aMoment()
  expect(state.missed).toBe(0)
})

test('a feed that its listener stops tells nothing more, also of what it has read already', async () => {
  const what = { kind: 'ended', scope: 'all', subject: null, reason: 'revoked' } as const
  const entry = { ...what, at: 0, count: 0, keepUntil: Number.MAX_SAFE_INTEGER }
  const entries: Change[] = []
  const log: Log = { ...memoryStore(), changes: async () => entries, lastChange: async () => 0 }
  const told: number[] = []
  const ended = ({ seq }: Change) => {
    told.push(seq)
    void feed.stop()
  }
  const feed = feedFrom(log, { wait: () => aMoment() }, { ended, changed: () => undefined, missed: () => undefined })
  await until(() => feed.aliveAt > 0, 'The feed never began.')
  entries.push({ ...entry, seq: 1 }, { ...entry, seq: 2 })
  await until(() => told.length > 0, 'Nothing is told of.')
  expect(told).toEqual([1])
})

test('a feed is as old as its last complete look, by both clocks, and knows when the wall clock was set back', async () => {
  const clock = { wall: 1_000_000, monotonic: 500 }
  const clocks = { now: () => clock.wall, monotonic: () => clock.monotonic }
  const pass = (ms: number) => {
    clock.wall += ms
    clock.monotonic += ms
  }
  const store = memoryStore()
  let ring = Promise.withResolvers<void>()
  const bell = { wait: () => ring.promise }
  const look = async () => {
    const before = ring
    ring = Promise.withResolvers()
    before.resolve()
    await aMoment()
  }
  const listener = { ended: () => undefined, changed: () => undefined, missed: () => undefined }
  const feed = feedFrom(store, bell, listener, clocks)
  expect([feed.age(), feed.aliveAt, feed.completeSince]).toEqual([Number.POSITIVE_INFINITY, 0, 0])
  await until(() => feed.aliveAt > 0, 'The feed never began.')
  expect([feed.age(), feed.aliveAt, feed.completeSince]).toEqual([0, 1_000_000, 1_000_000])
  pass(300)
  expect(feed.age()).toBe(300)
  await look()
  expect([feed.age(), feed.aliveAt, feed.completeSince]).toEqual([0, 1_000_300, 1_000_000])
  clock.wall -= 60_000
  expect(feed.age()).toBe(Number.POSITIVE_INFINITY)
  await look()
  expect(feed.age()).toBe(0)
  clock.wall += 3_600_000
  expect(feed.age()).toBe(3_600_000)
  await feed.stop()
  expect(feed.age()).toBe(Number.POSITIVE_INFINITY)
})

test.each<Partial<Change>>([
  { count: 2 },
  { at: 1 },
  { subject: 'ada' },
  { scope: 'user' },
  { kind: 'changed', reason: 'updated' },
])('a feed whose log was lost is complete since it began anew: the last entry has another %o', async (other) => {
  const clock = { wall: 1_000 }
  const entry = { kind: 'ended', scope: 'all', subject: null, reason: 'revoked', at: 0, count: 1 } as const
  let entries: Change[] = [{ ...entry, seq: 1, keepUntil: Number.MAX_SAFE_INTEGER }]
  const log: Log = {
    changes: async (since) => entries.filter(({ seq }) => seq > since),
    lastChange: async () => entries.at(-1)?.seq ?? 0,
  }
  const counts = { missed: 0, known: -1 }
  const clocks = { now: () => clock.wall, monotonic: () => 0 }
  const missed = () => {
    counts.missed++
    counts.known = feed.completeSince
  }
  const feed = feedFrom(
    log,
    { wait: () => aMoment() },
    { ended: () => undefined, changed: () => undefined, missed },
    clocks,
  )
  await until(() => feed.completeSince === 1_000, 'The feed never began.')
  clock.wall = 2_000
  // Another entry stands under the number: a log from a backup.
  entries = entries.map((one) => ({ ...one, ...other }) as Change)
  await until(() => counts.missed > 0, 'Nothing is missed.')
  // The new place is known by then, so what the listener asks for has no hole before it.
  expect(counts.known).toBe(2_000)
  await until(() => feed.completeSince === 2_000, 'It does not begin anew.')
  await feed.stop()
})

/** A log that can be out; its entries are of a user each, and are kept until the given time. */
function logWithOutages() {
  const state = { isOut: false, now: 1_000 }
  const store = memoryStore()
  const reach = () => {
    if (state.isOut) throw new Error('the store is out')
  }
  const log: Log = {
    async changes(since, page) {
      reach()
      return await store.changes(since, page)
    },
    async lastChange() {
      reach()
      return await store.lastChange()
    },
  }
  const told: (string | null)[] = []
  const feed = feedFrom(
    log,
    { wait: () => aMoment() },
    { ended: ({ subject }) => told.push(subject), changed: () => undefined, missed: () => told.push('missed') },
    { now: () => state.now, monotonic: () => state.now },
  )
  onTestFinished(() => feed.stop())
  const end = (user: string, keepUntil: number) =>
    store.endUser(user, { at: state.now, reason: 'revoked', note: null, keepUntil })
  const pass = async (now: number) => {
    state.now = now
    await store.sweep(now, { limit: 100, keepFor: 0 })
  }
  return { state, feed, told, end, pass }
}

test.for([
  { name: 'the entry told last is gone as well', ada: 1_500, left: [] },
  { name: 'the entry told last is still there', ada: 90_000, left: [] },
  { name: 'a later entry is still there', ada: 1_500, left: ['cyd'] },
  { name: 'an entry before the swept one and one after it are still there', ada: 90_000, left: ['bob', 'cyd'] },
])('a feed that was away for longer than an entry was kept has missed it: $name', async ({ ada, left }) => {
  const { state, feed, told, end, pass } = logWithOutages()
  await until(() => feed.completeSince > 0, 'The feed never began.')
  await end('ada', ada)
  await until(() => told.includes('ada'), 'The ending is not told of.')
  state.isOut = true
  await aMoment()
  if (left.includes('bob')) await end('bob', 90_000)
  await end('eve', 1_600)
  if (left.includes('cyd')) await end('cyd', 90_000)
  await pass(2_000)
  state.isOut = false
  await until(() => told.includes('missed'), 'That one was missed is not told of.')
  // What is there is told as well, so that its listeners need not ask for it.
  expect(told).toEqual(['ada', ...left, 'missed'])
  await until(() => feed.completeSince === 2_000, 'It does not begin anew.')
})

test('a feed whose entry told last was swept in time has missed nothing, by its own clock', async () => {
  const { feed, told, end, pass, state } = logWithOutages()
  await until(() => feed.completeSince > 0, 'The feed never began.')
  await end('ada', 1_500)
  await until(() => told.includes('ada'), 'The ending is not told of.')
  await pass(1_600)
  const looked = ++state.now
  state.now++
  await until(() => feed.aliveAt > looked, 'The feed stands still.')
  await end('bob', 90_000)
  await until(() => told.includes('bob'), 'The ending is not told of.')
  expect(told).toEqual(['ada', 'bob'])
})

test('what ends while a listener asks about what it missed is told', async () => {
  const state = { store: memoryStore() }
  const request = { at: 1_000, reason: 'revoked', note: null, keepUntil: Number.MAX_SAFE_INTEGER } as const
  await state.store.endUser('ada', request)
  await state.store.endUser('bob', request)
  const log: Log = {
    changes: (since, page) => state.store.changes(since, page),
    lastChange: () => state.store.lastChange(),
  }
  const told: (string | null)[] = []
  const missed = () => {
    told.push('missed')
    void state.store.endUser('eve', request)
  }
  const ended = ({ subject }: Change) => told.push(subject)
  const feed = feedFrom(log, { wait: () => aMoment() }, { ended, changed: () => undefined, missed })
  onTestFinished(() => feed.stop())
  await until(() => feed.completeSince > 0, 'The feed never began.')
  state.store = memoryStore()
  await until(() => told.includes('eve'), 'What ended meanwhile is not told of.')
  expect(told).toEqual(['missed', 'eve'])
})

test('a feed is not complete since before it knew its place in the log', async () => {
  const clock = { wall: 1_000 }
  const place = Promise.withResolvers<number>()
  const log: Log = { changes: async () => [], lastChange: () => place.promise }
  const listener = { ended: () => undefined, changed: () => undefined, missed: () => undefined }
  const clocks = { now: () => clock.wall, monotonic: () => clock.wall }
  const feed = feedFrom(log, { wait: () => aMoment() }, listener, clocks)
  onTestFinished(() => feed.stop())
  await aMoment()
  // What is acknowledged until then stands before the place.
  clock.wall = 1_500
  place.resolve(0)
  await until(() => feed.completeSince > 0, 'The feed never began.')
  expect(feed.completeSince).toBe(1_500)
})

test('an entry of an unknown kind is passed over, and counts as missed once', async () => {
  const known = { kind: 'ended', scope: 'user', reason: 'revoked', at: 0, count: 1 } as const
  const entries: Change[] = []
  const log: Log = {
    changes: async (since) => entries.filter(({ seq }) => seq > since),
    lastChange: async () => entries.length,
  }
  const add = (subject: string, rest: object = {}) =>
    entries.push({ ...known, seq: entries.length + 1, subject, keepUntil: Number.MAX_SAFE_INTEGER, ...rest })
  const told: (string | null)[] = []
  const listener = {
    ended: ({ subject }: Change) => told.push(subject),
    changed: () => undefined,
    missed: () => told.push('missed'),
  }
  const feed = feedFrom(log, { wait: () => aMoment() }, listener)
  onTestFinished(() => feed.stop())
  await until(() => feed.completeSince > 0, 'The feed never began.')
  // As one that cannot be read looks: also its numbers are none.
  add('junk', { kind: 'junk', at: Number.NaN, count: Number.NaN })
  await until(() => told.includes('missed'), 'That one could not be read is not told of.')
  const seen = Date.now()
  await until(() => feed.aliveAt > seen, 'The feed stands still.')
  add('ada')
  await until(() => told.includes('ada'), 'What follows is not told of.')
  expect(told).toEqual(['missed', 'ada'])
})

test('a log that could not be read is asked again after 200 milliseconds, for which no process has to live', async () => {
  const after = vi.spyOn(runtime, 'after')
  const asked = Promise.withResolvers<void>()
  const lastChange = vi.fn(async () => 0).mockRejectedValueOnce(new Error('the store is out'))
  const feed = feedFrom(
    { changes: async () => [], lastChange },
    { wait: () => asked.promise },
    { ended: () => undefined, changed: () => undefined, missed: () => undefined },
  )
  onTestFinished(async () => {
    await feed.stop()
    asked.resolve()
  })
  await vi.waitUntil(() => feed.completeSince > 0)
  expect(after.mock.calls).toEqual([[200, expect.any(Function), false]])
  expect(lastChange).toHaveBeenCalledTimes(2)
})

test.each([
  ['kind', { kind: 'changed' }],
  ['scope', { scope: 'session' }],
  ['subject', { subject: 'eve' }],
  ['time', { at: 1 }],
  ['count', { count: 2 }],
] as const)('a log in which the entry told last has another %s is another log', async (_, other) => {
  const known = { kind: 'ended', scope: 'user', subject: 'ada', reason: 'revoked', at: 0, count: 1 } as const
  const entries: Change[] = [{ ...known, seq: 1, keepUntil: Number.MAX_SAFE_INTEGER }]
  const log: Log = { changes: async (since) => entries.filter(({ seq }) => seq > since), lastChange: async () => 1 }
  const counts = { missed: 0 }
  const listener = { ended: () => undefined, changed: () => undefined, missed: () => counts.missed++ }
  const feed = feedFrom(log, { wait: () => aMoment() }, listener)
  onTestFinished(() => feed.stop())
  await until(() => feed.completeSince > 0, 'The feed never began.')
  entries[0] = { ...known, ...other, seq: 1, keepUntil: Number.MAX_SAFE_INTEGER }
  await until(() => counts.missed > 0, 'That the log is lost is not told of.')
})
