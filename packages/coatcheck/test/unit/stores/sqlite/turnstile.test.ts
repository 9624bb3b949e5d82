import { describe, expect, it } from 'vitest'
import { Turnstile } from '../../../../src/stores/sqlite/turnstile.ts'

const busy = new Error('busy')
const isBusy = (error: unknown) => error === busy

/** A lock that somebody else holds until `free` is called. */
function lock() {
  const state = { held: true, attempts: 0 }
  const call = <T>(answer: T): T => {
    state.attempts += 1
    if (state.held) throw busy
    return answer
  }
  return { state, call, free: () => (state.held = false) }
}

const soon = () => new Promise<void>((resolve) => setTimeout(resolve, 5))

describe('Turnstile', () => {
  it('lets a call through at once, in the same step', async () => {
    let done = false
    const entered = new Turnstile(1_000, isBusy).enter('end', undefined, () => (done = true))
    expect(done).toBe(true)
    expect(await entered).toBe(true)
  })

  it('lets waiting calls through when the lock is free, in the order of their coming', async () => {
    const { call, free } = lock()
    const turnstile = new Turnstile(10_000, isBusy)
    const order: number[] = []
    const waiting = Array.from({ length: 100 }, (_, index) =>
      turnstile.enter('end', undefined, () => order.push(call(index))),
    )
    await soon()
    expect(order).toEqual([])
    free()
    await Promise.all(waiting)
    expect(order).toEqual(Array.from({ length: 100 }, (_, index) => index))
  })

  it('lets at most 32 through in one go, so that the rest of the process has its turn', async () => {
    const { call, free } = lock()
    const turnstile = new Turnstile(10_000, isBusy)
    const goes: number[] = []
    let going = false
    const count = () => {
      call(1)
      if (!going) queueMicrotask(() => (going = false))
      if (!going) goes.push(0)
      going = true
      goes[goes.length - 1] = (goes.at(-1) ?? 0) + 1
    }
    const waiting = Array.from({ length: 100 }, () => turnstile.enter('end', undefined, count))
    free()
    await Promise.all(waiting)
    expect(goes).toEqual([32, 32, 32, 4])
  })

  it('lets nobody pass those who wait', async () => {
    const { call, free } = lock()
    const turnstile = new Turnstile(10_000, isBusy)
    const order: string[] = []
    const first = turnstile.enter('end', undefined, () => order.push(call('first')))
    free()
    const second = turnstile.enter('end', undefined, () => order.push(call('second')))
    expect(order).toEqual([])
    await Promise.all([first, second])
    expect(order).toEqual(['first', 'second'])
  })

  it('knocks once for all who wait, and less and less often', async () => {
    const { state, call } = lock()
    const turnstile = new Turnstile(200, isBusy)
    const waiting = Array.from({ length: 50 }, () => turnstile.enter('end', undefined, () => call(1)))
    await Promise.allSettled(waiting)
    // One attempt for the first call, and at most 1 + 200 / 12.5 + the first short pauses of the row.
    expect(state.attempts).toBeLessThan(40)
    expect(state.attempts).toBeGreaterThan(4)
  })

  it('ends a call at the limit with an error that says that nothing was done', async () => {
    const { call } = lock()
    const turnstile = new Turnstile(20, isBusy)
    await expect(turnstile.enter('end', undefined, () => call(1))).rejects.toMatchObject({
      code: 'ERR_STORE_TIMEOUT',
      operation: 'end',
      outcome: 'none',
    })
  })

  it('is of use again after a call was turned away', async () => {
    const { call, free } = lock()
    const turnstile = new Turnstile(20, isBusy)
    await expect(turnstile.enter('end', undefined, () => call(1))).rejects.toThrow()
    free()
    expect(await turnstile.enter('end', undefined, () => call(2))).toBe(2)
  })

  it('does not wait at all with a limit of 0', async () => {
    const { call } = lock()
    await expect(new Turnstile(0, isBusy).enter('end', undefined, () => call(1))).rejects.toMatchObject({
      code: 'ERR_STORE_TIMEOUT',
    })
  })

  it('ends a waiting call when its caller gives up, and lets the others wait on', async () => {
    const { call, free } = lock()
    const turnstile = new Turnstile(10_000, isBusy)
    const aborter = new AbortController()
    const first = turnstile.enter('end', { signal: aborter.signal }, () => call(1))
    const second = turnstile.enter('end', undefined, () => call(2))
    aborter.abort()
    await expect(first).rejects.toMatchObject({ code: 'ERR_STORE_TIMEOUT', outcome: 'none' })
    free()
    expect(await second).toBe(2)
  })

  it('does not begin a call whose caller has given up', async () => {
    let done = false
    const turnstile = new Turnstile(1_000, isBusy)
    const signal = AbortSignal.abort()
    await expect(turnstile.enter('end', { signal }, () => (done = true))).rejects.toMatchObject({ outcome: 'none' })
    expect(done).toBe(false)
  })

  it('passes other errors on, at once and from the row', async () => {
    const { call, free } = lock()
    const turnstile = new Turnstile(10_000, isBusy)
    const broken = new Error('broken')
    const fail = () => {
      throw broken
    }
    await expect(turnstile.enter('end', undefined, fail)).rejects.toBe(broken)
    const first = turnstile.enter('end', undefined, () => call(1))
    const second = turnstile.enter('end', undefined, fail)
    const third = turnstile.enter('end', undefined, () => call(3))
    free()
    expect(await first).toBe(1)
    await expect(second).rejects.toBe(broken)
    expect(await third).toBe(3)
  })

  it('turns everybody away when it closes', async () => {
    const { call } = lock()
    const turnstile = new Turnstile(10_000, isBusy)
    const waiting = turnstile.enter('end', undefined, () => call(1))
    turnstile.close()
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE', operation: 'end' })
  })
})
