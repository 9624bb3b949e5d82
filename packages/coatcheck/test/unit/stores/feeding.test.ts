import { expect, test } from 'vitest'
import type { Change } from '../../../src/core/store.ts'
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

test('a feed whose log was lost is complete since it began anew', async () => {
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
  entries = entries.map((one) => ({ ...one, count: 2 }))
  await until(() => counts.missed > 0, 'Nothing is missed.')
  expect(counts.known).toBe(0)
  await until(() => feed.completeSince === 2_000, 'It does not begin anew.')
  await feed.stop()
})
