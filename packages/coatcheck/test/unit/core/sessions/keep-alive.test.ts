import { describe, expect, test, vi } from 'vitest'
import type { PolicyOptions, Session } from '../../../../src/index.ts'
import { manualClock } from '../../../../src/testing/index.ts'
import { manualTimers } from '../../../../src/testing/manual-timers.ts'
import { anApp, type Data } from '../app.ts'

const MINUTE = 60_000
const never = () => false

/** An application whose timers run out by its clock. */
async function byHand(policy: PolicyOptions = {}, more: Parameters<typeof anApp>[0] = {}) {
  const clock = manualClock()
  const timers = manualTimers(clock)
  let started = 0
  const after: typeof timers.after = (ms, task, hold) => {
    started++
    return timers.after(ms, task, hold)
  }
  const warn = () => undefined
  const app = anApp({ policy, runtime: { now: clock.now, after, warn }, ...more })
  const ada = await app.signedIn()
  const open = async (options = {}) => await app.sessions.open(ada.request(), options)
  const isAlive = async () => (await app.sessions.list('ada')).length === 1
  app.counting.reset()
  return { ...app, clock, ada, open, isAlive, advance: timers.advance, timersStarted: () => started }
}

describe('a request under way', () => {
  test('keeps its session alive until it is over', async () => {
    const app = await byHand()
    const stop = app.sessions.adapter.keepAlive(await app.open(), never)
    await app.advance(45 * MINUTE)
    expect(await app.isAlive()).toBe(true)
    stop()
    stop()
    await app.advance(30 * MINUTE)
    expect(await app.isAlive()).toBe(false)
  })

  test('is one of many that share a timer and touch each session once per interval', async () => {
    const app = await byHand()
    const sessions = await Promise.all(Array.from({ length: 50 }, () => app.open()))
    for (const session of sessions) app.sessions.adapter.keepAlive(session, never)
    expect(app.timersStarted()).toBe(1)
    await app.advance(10 * MINUTE)
    // Two looks in each interval.
    expect(app.timersStarted()).toBe(21)
    expect(app.counting.total('touch')).toBe(10)
  })

  test('leaves no timer behind', async () => {
    const app = await byHand()
    app.sessions.adapter.keepAlive(await app.open(), never)()
    await app.advance(MINUTE)
    expect(app.timersStarted()).toBe(1)
    app.sessions.adapter.keepAlive(await app.open(), never)
    await app.sessions.close()
    await app.advance(MINUTE)
    expect(app.timersStarted()).toBe(2)
  })

  test('is no activity where it is passive, where its client is gone, or where the policy says so', async () => {
    const cases = [
      [{}, { passive: true }, never],
      [{}, {}, () => true],
      [{ longestRequest: '0ms' }, {}, never],
    ] as const
    for (const [policy, options, isOver] of cases) {
      const app = await byHand(policy)
      app.sessions.adapter.keepAlive(await app.open(options), isOver)
      await app.advance(45 * MINUTE)
      expect(app.counting.total('touch')).toBe(0)
      expect(await app.isAlive()).toBe(false)
    }
  })

  test('keeps a session alive that it has begun itself', async () => {
    const app = await byHand()
    const session = await app.sessions.open(app.aClient().request())
    app.sessions.adapter.keepAlive(session, never)
    await session.signIn(await app.sessions.begin('bob'))
    await app.advance(45 * MINUTE)
    expect(await app.sessions.list('bob')).toHaveLength(1)
  })

  test.each([
    ['0ms', 45],
    ['15m', 3],
  ] as const)('with a touch interval of %s is recorded %d times in 45 minutes', async (touch, times) => {
    const app = await byHand({ touch })
    const session = await app.open()
    app.counting.reset()
    app.sessions.adapter.keepAlive(session, never)
    await app.advance(45 * MINUTE)
    expect([app.counting.total('touch'), await app.isAlive()]).toEqual([times, true])
  })

  test('revives nothing where its timer came too late', async () => {
    const app = await byHand()
    app.sessions.adapter.keepAlive(await app.open(), never)
    app.clock.advance('30m')
    await app.advance(MINUTE)
    expect(await app.isAlive()).toBe(false)
    expect((await app.open()).ended?.reason).toBe('idle')
  })

  test('revives nothing by the shorter timeouts of today, and keeps alive by them', async () => {
    for (const late of [true, false]) {
      const app = await byHand({ idle: '8h', absolute: '24h' })
      const clock = app.clock
      const timers = manualTimers(clock)
      const runtime = { now: clock.now, after: timers.after, warn: () => undefined }
      const present = app.make({ policy: { idle: '15m', absolute: '2h' }, runtime })
      present.adapter.keepAlive(await present.open(app.ada.request()), never)
      if (late) clock.advance('15m')
      await timers.advance(45 * MINUTE)
      expect((await present.open(app.ada.request())).userId).toBe(late ? null : 'ada')
    }
  })

  test('outlives an outage of the store that is shorter than the idle timeout', async () => {
    const app = await byHand()
    app.sessions.adapter.keepAlive(await app.open(), never)
    await app.advance(10 * MINUTE)
    app.faults.failBefore('touch')
    await app.advance(10 * MINUTE)
    app.faults.heal()
    await app.advance(25 * MINUTE)
    expect(await app.isAlive()).toBe(true)
    expect(app.events).toContainEqual(expect.objectContaining({ type: 'store-failed', operation: 'touch' }))
  })

  test('writes what it has changed after 45 minutes', async () => {
    const app = await byHand()
    const session: Session<Data> = await app.open()
    const stop = app.sessions.adapter.keepAlive(session, never)
    await app.advance(45 * MINUTE)
    session.data.n = 1
    stop()
    await app.sessions.save(session)
    expect(await app.ada.visit(({ userId, data }) => [userId, data.n])).toEqual(['ada', 1])
  })
})

test('no timer is started where nothing goes on between requests', async () => {
  const after = vi.fn(() => () => undefined)
  const { make, signedIn } = anApp()
  const ada = await signedIn()
  const count = async (mayShare: boolean) => {
    after.mockClear()
    const sessions = make({ runtime: { after, mayShareAcrossRequests: () => mayShare } })
    const session = await sessions.open(ada.request())
    after.mockClear()
    sessions.adapter.keepAlive(session, () => false)
    return after.mock.calls.length
  }
  expect([await count(true), await count(false)]).toEqual([1, 0])
})
