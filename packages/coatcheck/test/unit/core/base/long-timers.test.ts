import { describe, expect, test } from 'vitest'
import { withLongTimers } from '../../../../src/core/base/long-timers.ts'
import { createSessions } from '../../../../src/index.ts'
import type { Runtime } from '../../../../src/runtime/index.ts'
import { runtime as node } from '../../../../src/runtime/node.ts'
import { memoryStore } from '../../../../src/stores/memory.ts'
import { countingStore } from '../../../../src/testing/index.ts'

/** Timers that a test lets run out, the next one first. */
function byHand() {
  const timers: { readonly ms: number; readonly hold: boolean | undefined; readonly task: () => void }[] = []
  const after: Runtime['after'] = (ms, task, hold) => {
    const timer = { ms, task, hold }
    timers.push(timer)
    return () => {
      timers.splice(timers.indexOf(timer), 1)
    }
  }
  const next = () => {
    const timer = timers.shift()
    timer?.task()
    return timer?.ms ?? 0
  }
  return { after, timers, next }
}

const DAY = 86_400_000
const LONGEST = 2 ** 31 - 1

describe('a timer', () => {
  test.each([1, DAY, LONGEST, LONGEST + 1, 365 * DAY, 3_650 * DAY])('of %d ms waits that long', (ms) => {
    const { after, timers, next } = byHand()
    let done = 0
    withLongTimers({ ...node, after }).after(ms, () => done++, true)
    let waited = 0
    while (done === 0) {
      expect([timers.length, (timers[0]?.ms ?? 0) <= LONGEST, timers[0]?.hold]).toEqual([1, true, true])
      waited += next()
    }
    expect([waited, timers]).toEqual([ms, []])
  })

  test('can be cancelled at each of its parts', () => {
    for (const parts of [0, 1, 2]) {
      const { after, timers, next } = byHand()
      let done = 0
      const cancel = withLongTimers({ ...node, after }).after(100 * DAY, () => done++)
      for (let i = 0; i < parts; i++) next()
      cancel()
      expect([timers, done]).toEqual([[], 0])
    }
  })
})

test.each(['20d', '365d', '3650d'] as const)('sessions are swept each %s, and not at once', async (every) => {
  const { after, next } = byHand()
  const store = countingStore(memoryStore())
  const keys = 'a-signing-key-of-the-timers-0123456789'
  const sessions = createSessions({ store, keys, runtime: { after } })
  sessions.startSweeping(every)
  let waited = 0
  while (store.total('sweep') === 0) {
    waited += next()
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(waited).toBeGreaterThanOrEqual(0.75 * Number.parseInt(every, 10) * DAY)
  await sessions.close()
})
