import { expect, test } from 'vitest'
import type { Revocation } from '../../../src/core/store.ts'
import { feedFrom, type Log } from '../../../src/stores/feeding.ts'
import { memoryStore } from '../../../src/stores/memory.ts'
import { aMoment, until } from '../../../src/testing/waiting.ts'

test('a feed that is stopped while it asks whether its log is lost tells nothing more', async () => {
  const asked = Promise.withResolvers<number>()
  const state = { isOut: false, isAsked: false, missed: 0 }
  const log: Log = {
    ...memoryStore(),
    revocations: async () => {
      if (state.isOut) throw new Error('the store is out')
      return []
    },
    lastRevocation: async () => {
      if (!state.isOut) return 7
      state.isAsked = true
      return await asked.promise
    },
  }
  const bell = { wait: () => aMoment() }
  const feed = feedFrom(log, bell, { ended: () => undefined, missed: () => state.missed++ })
  await until(() => feed.aliveAt > 0, 'The feed never began.')
  state.isOut = true
  await until(() => state.isAsked, 'The feed does not ask.')
  await feed.stop()
  asked.resolve(3)
  await aMoment()
  expect(state.missed).toBe(0)
})

test('a feed that its listener stops tells nothing more, also of what it has read already', async () => {
  const entry = { scope: 'all', subject: null, at: 0, reason: 'revoked', keepUntil: Number.MAX_SAFE_INTEGER } as const
  const entries: Revocation[] = []
  const log: Log = { ...memoryStore(), revocations: async () => entries, lastRevocation: async () => 0 }
  const told: number[] = []
  const ended = ({ seq }: Revocation) => {
    told.push(seq)
    void feed.stop()
  }
  const feed = feedFrom(log, { wait: () => aMoment() }, { ended, missed: () => undefined })
  await until(() => feed.aliveAt > 0, 'The feed never began.')
  entries.push({ ...entry, seq: 1 }, { ...entry, seq: 2 })
  await until(() => told.length > 0, 'Nothing is told of.')
  expect(told).toEqual([1])
})
