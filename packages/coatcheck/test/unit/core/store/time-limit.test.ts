import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { hasStats, type StoreStats } from '../../../../src/core/store/capabilities.ts'
import type { CallOptions, Store } from '../../../../src/core/store/store.ts'
import { boundedStore } from '../../../../src/core/store/time-limit.ts'
import { OptionError, StoreTimeoutError, StoreUnavailableError } from '../../../../src/errors.ts'
import type { Cancel, Runtime } from '../../../../src/runtime/index.ts'
import { runtime as node } from '../../../../src/runtime/node.ts'
import { intercept, modelStore, type StoreCall } from '../../../../src/testing/index.ts'
import { aRecord, START } from '../records.ts'

const LIMIT = 1_000
const ending = { at: START, reason: 'revoked', note: null, keepUntil: START + 1 } as const

/** Each method with plain arguments, and what its timeout leaves open. */
const CALLS: readonly (readonly [
  string,
  'unknown' | 'none',
  (store: Store, options?: CallOptions) => Promise<unknown>,
])[] = [
  ['create', 'unknown', (store, options) => store.create(aRecord(), {}, options)],
  ['read', 'none', (store, options) => store.read('a', options)],
  ['update', 'unknown', (store, options) => store.update('a', { at: START }, {}, options)],
  [
    'rotate',
    'unknown',
    (store, options) => store.rotate('a', { at: START, from: 'f', to: 't', generation: 1, predecessor: null }, options),
  ],
  ['touch', 'unknown', (store, options) => store.touch('a', START, { interval: 0 }, options)],
  ['end', 'unknown', (store, options) => store.end('a', ending, options)],
  ['endUser', 'unknown', (store, options) => store.endUser('ada', ending, options)],
  ['updateUser', 'unknown', (store, options) => store.updateUser('ada', { at: START }, options)],
  ['userEpoch', 'none', (store, options) => store.userEpoch('ada', options)],
  ['listUser', 'none', (store, options) => store.listUser('ada', {}, options)],
  ['changes', 'none', (store, options) => store.changes(0, {}, options)],
  ['sweep', 'unknown', (store, options) => store.sweep(START, { limit: 1, keepFor: 1 }, options)],
  ['stats', 'none', (store, options) => (store as Store & StoreStats).stats(options)],
]

interface Timer {
  readonly ms: number
  readonly hold: boolean | undefined
  readonly fire: () => void
  cancelled: boolean
}

/** A runtime whose timers a test lets run out, and a store whose calls do what `behave` does. */
function setUp(behave: (call: StoreCall) => Promise<unknown> | null) {
  const timers: Timer[] = []
  const runtime: Runtime = {
    ...node,
    after(ms, fire, hold): Cancel {
      const timer: Timer = { ms, hold, fire, cancelled: false }
      timers.push(timer)
      return () => {
        timer.cancelled = true
      }
    },
  }
  const calls: StoreCall[] = []
  const inner = intercept(modelStore(), async (call, proceed) => {
    calls.push(call)
    await behave(call)
    return await proceed()
  })
  const unbounded: Store = { ...inner, guarantees: { ...inner.guarantees, bounded: false } }
  return { store: boundedStore(unbounded, LIMIT, runtime), unbounded, timers, calls }
}

const never = () => new Promise<never>(() => undefined)

describe.each(CALLS)('%s', (method, outcome, run) => {
  test('that stands still ends with a typed error at the limit, and its signal is aborted', async () => {
    const { store, timers, calls } = setUp(never)
    const result = run(store)
    expect(timers).toMatchObject([{ ms: LIMIT, hold: true, cancelled: false }])
    expect(calls[0]?.signal?.aborted).toBe(false)
    timers[0]?.fire()
    const error = await result.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(StoreTimeoutError)
    expect(error).toMatchObject({ code: 'ERR_STORE_TIMEOUT', operation: method, outcome })
    expect(calls[0]?.signal?.aborted).toBe(true)
  })

  test('that answers in time leaves no timer behind', async () => {
    const { store, timers, calls } = setUp(() => null)
    await run(store)
    expect(calls.map((call) => call.method)).toEqual([method])
    expect(timers).toMatchObject([{ cancelled: true }])
  })

  test('that fails in an untyped way is an outage, with what was thrown as its cause', async () => {
    const cause = new Error('ECONNREFUSED 10.0.0.1')
    const { store, timers } = setUp(() => Promise.reject(cause))
    const error = await run(store).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(StoreUnavailableError)
    expect(error).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE', operation: method, cause })
    expect((error as Error).message).not.toContain('10.0.0.1')
    expect(timers).toMatchObject([{ cancelled: true }])
  })

  test('that fails in a typed way fails in that way', async () => {
    const typed = new OptionError('userId', 'of the store')
    const { store } = setUp(() => Promise.reject(typed))
    await expect(run(store)).rejects.toBe(typed)
  })

  test('ends when its caller gives up, whether the store hears the signal or not', async () => {
    const { store, timers, calls } = setUp(never)
    const aborter = new AbortController()
    const result = run(store, { signal: aborter.signal })
    aborter.abort()
    await expect(result).rejects.toMatchObject({ code: 'ERR_STORE_TIMEOUT', operation: method, outcome })
    expect(calls[0]?.signal?.aborted).toBe(true)
    expect(timers).toMatchObject([{ cancelled: true }])
  })

  test('is not made where its caller has given up before', async () => {
    const { store, calls } = setUp(never)
    const result = run(store, { signal: AbortSignal.abort() })
    await expect(result).rejects.toMatchObject({ code: 'ERR_STORE_TIMEOUT', operation: method, outcome: 'none' })
    expect(calls).toEqual([])
  })
})

test('a long-lived signal of the caller keeps nothing of a call that is over', async () => {
  const { store } = setUp(() => null)
  const { signal } = new AbortController()
  for (let i = 0; i < 20; i++) await store.read('a', { signal })
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

test('a call that throws before it answers a promise is an outage too', async () => {
  const { unbounded } = setUp(() => null)
  const store: Store = {
    ...unbounded,
    read() {
      throw new TypeError('the driver is closed')
    },
  }
  await expect(boundedStore(store, LIMIT, node).read('a')).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
})

test('an answer after the limit disturbs nobody', async () => {
  const late = Promise.withResolvers<void>()
  const { store, timers } = setUp(() => late.promise)
  const result = store.read('a')
  timers[0]?.fire()
  await expect(result).rejects.toBeInstanceOf(StoreTimeoutError)
  late.reject(new Error('at last'))
  await new Promise((resolve) => setImmediate(resolve))
})

test('ending everything may take a minute, because it works in batches; then it is a timeout like any other', async () => {
  const { store, timers } = setUp(() => new Promise(() => undefined))
  const result = store.endAll(ending)
  expect(timers).toMatchObject([{ ms: 60 * LIMIT, hold: true }])
  timers[0]?.fire()
  await expect(result).rejects.toMatchObject({ code: 'ERR_STORE_TIMEOUT', operation: 'endAll', outcome: 'unknown' })
})

test('ending everything fails with an error of ours, whatever the driver throws', async () => {
  const { store } = setUp(() => Promise.reject(new Error('driver: password=1')))
  const error: unknown = await store.endAll(ending).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE', operation: 'endAll' })
  expect(String(error)).not.toContain('password')
})

test('closing goes to the store', async () => {
  const { store, calls } = setUp(() => null)
  await store.close()
  expect(calls.map(({ method }) => method)).toEqual(['close'])
})

test('a strict read stays strict', async () => {
  const { unbounded } = setUp(() => null)
  const seen: unknown[] = []
  const store: Store = {
    ...unbounded,
    async read(_, options) {
      seen.push(options?.strict)
      return null
    },
  }
  const bounded = boundedStore(store, LIMIT, node)
  await bounded.read('a', { strict: true })
  await bounded.read('a')
  expect(seen).toEqual([true, undefined])
})

test('a store that bounds its calls itself stays as it is', () => {
  const store = modelStore()
  expect(boundedStore(store, LIMIT, node)).toBe(store)
})

test('a bounded store says so, keeps its name and offers counts only where the store has them', () => {
  const { store, unbounded } = setUp(() => null)
  expect(store).toMatchObject({ name: 'model', namespace: 'model', guarantees: { durable: false, bounded: true } })
  expect(hasStats(store)).toBe(true)
  const { stats, ...plain } = unbounded as Store & StoreStats
  expect(hasStats(boundedStore(plain, LIMIT, node))).toBe(false)
  expect(stats).toBeTypeOf('function')
})
