import { describe, expect, test } from 'vitest'
import type { Runtime } from '../../../../src/runtime/index.ts'
import { manualClock } from '../../../../src/testing/index.ts'
import { anApp } from '../app.ts'

interface Timer {
  readonly ms: number
  readonly hold: boolean | undefined
  readonly run: () => void
  cancelled: boolean
}

/** An application whose timers a test lets run out. */
function withTimers(random: string) {
  const timers: Timer[] = []
  const after: Runtime['after'] = (ms, run, hold) => {
    const timer: Timer = { ms, run, hold, cancelled: false }
    timers.push(timer)
    return () => {
      timer.cancelled = true
    }
  }
  const clock = manualClock()
  let drawn = 0
  // Ids and secrets differ; what is drawn for the jitter, three bytes at a time, is fixed.
  const draw: Runtime['random'] = (bytes) => {
    drawn += 1
    return bytes === 3 ? random : String(drawn).padStart(Math.ceil((bytes * 4) / 3), 'x')
  }
  return { ...anApp({ runtime: { after, random: draw, now: clock.now, warn: () => undefined } }), timers, clock }
}

const turns = async () => {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve))
}

describe('sweeping from time to time', () => {
  test.each([
    ['AAAA', 45_000],
    ['gAAA', 60_000],
    ['__AA', 75_000 - 60_000 / 8192],
  ])('begins after the interval give or take a quarter (%s: %d ms) and holds no process', async (random, ms) => {
    const { sessions, timers } = withTimers(random)
    sessions.startSweeping()
    expect(timers).toMatchObject([{ ms, cancelled: false }])
    expect(timers[0]?.hold ?? false).toBe(false)
  })

  test('goes on after each sweep, and after one that failed, which is an event', async () => {
    const { sessions, timers, faults, events, counting } = withTimers('AAAA')
    sessions.startSweeping('10m')
    timers[0]?.run()
    await turns()
    faults.failBefore('sweep', { times: 1 })
    timers[1]?.run()
    await turns()
    timers[2]?.run()
    await turns()
    expect([timers.length, counting.total('sweep')]).toEqual([4, 3])
    expect(events).toMatchObject([{ type: 'store-failed', operation: 'sweep', code: 'ERR_STORE_UNAVAILABLE' }])
  })

  test('stops for good when it is stopped, also in the middle of a sweep', async () => {
    const { sessions, timers, barrier, counting } = withTimers('AAAA')
    const stop = sessions.startSweeping()
    const standing = barrier.stopBefore('sweep')
    timers[0]?.run()
    await standing.reached
    stop()
    standing.release()
    await turns()
    expect(timers.map(({ cancelled }) => cancelled)).toEqual([true, true])
    expect(counting.total('sweep')).toBe(1)
  })

  test('is done by one of two, and by the other when that stops; each does it when it is told to', async () => {
    const { sessions, make, timers, counting } = withTimers('AAAA')
    const other = make()
    sessions.startSweeping()
    other.startSweeping()
    for (const i of [0, 1, 2, 3]) {
      timers[i]?.run()
      await turns()
    }
    expect([timers.length, counting.total('sweep')]).toEqual([6, 2])
    await other.sweep()
    await sessions.sweep()
    expect(counting.total('sweep')).toBe(4)
    await sessions.close()
    timers[5]?.run()
    await turns()
    expect(counting.total('sweep')).toBe(5)
  })

  test('ends in the middle where another process has taken over', async () => {
    const { sessions, inner, timers, signedIn, counting, clock } = withTimers('AAAA')
    for (let i = 0; i < 401; i++) await signedIn({}, `user ${i}`)
    clock.advance('31m')
    sessions.startSweeping()
    timers[0]?.run()
    await turns()
    clock.advance('3m')
    await inner.setMark('coatcheck.sweeper', { text: 'other', ifText: null, at: clock.now(), until: clock.now() + 1 })
    timers[1]?.run()
    await turns()
    expect([timers.length, counting.total('sweep')]).toEqual([3, 1])
  })

  test('an end that cannot be told to the store is an event, and an end', async () => {
    const { sessions, timers, faults, events } = withTimers('AAAA')
    const stop = sessions.startSweeping()
    timers[0]?.run()
    await turns()
    faults.failBefore('setMark')
    stop()
    await turns()
    expect(timers.map(({ cancelled }) => cancelled)).toEqual([false, true])
    expect(events).toMatchObject([{ type: 'store-failed', operation: 'sweep' }])
  })

  test('is refused with an interval that is no duration', () => {
    const { sessions } = withTimers('AAAA')
    expect(() => sessions.startSweeping('60' as '60s')).toThrow(expect.objectContaining({ option: 'every' }))
  })
})

describe('a sweep', () => {
  test('pauses between batches, for as long as the jitter says, and the caller is waited for', async () => {
    const { sessions, timers, signedIn, counting, events, clock } = withTimers('gAAA')
    for (let i = 0; i < 201; i++) await signedIn({}, `user ${i}`)
    clock.advance('31m')
    const sweeping = sessions.sweep()
    await turns()
    expect(timers).toMatchObject([{ ms: 12.5, hold: true }])
    expect(counting.total('sweep')).toBe(1)
    timers[0]?.run()
    expect(await sweeping).toEqual({ expired: 201, removed: 0 })
    expect(counting.total('sweep')).toBe(2)
    expect(events.at(-1)).toMatchObject({ type: 'swept', expired: 201, removed: 0 })
    const ended = events.filter((event) => event.type === 'ended' && event.reason === 'idle')
    expect(ended).toHaveLength(201)
  })

  test('that finds nothing is no event', async () => {
    const { sessions, events } = anApp()
    expect(await sessions.sweep()).toEqual({ expired: 0, removed: 0 })
    expect(events).toEqual([])
  })

  test('that only removes is one', async () => {
    const { sessions, events, signedIn, clock } = anApp()
    await signedIn()
    await sessions.revokeUser('ada')
    clock.advance('24h')
    const { expired, removed } = await sessions.sweep()
    expect([expired, removed > 0]).toEqual([0, true])
    expect(events.at(-1)).toMatchObject({ type: 'swept', expired, removed })
  })

  test('that is aborted before it begins does nothing', async () => {
    const { sessions, counting } = anApp()
    expect(await sessions.sweep({ signal: AbortSignal.abort() })).toEqual({ expired: 0, removed: 0 })
    expect(counting.counts()).toEqual({})
  })

  test('hands its signal to the store', async () => {
    const { sessions, barrier } = anApp()
    const aborter = new AbortController()
    const standing = barrier.stopBefore('sweep')
    const sweeping = sessions.sweep({ signal: aborter.signal })
    expect((await standing.reached).signal).toBe(aborter.signal)
    standing.release()
    await sweeping
  })
})
