import { expect, test, vi } from 'vitest'
import { type EventBody, makeEvents, type SessionEvent } from '../../../../src/core/events/events.ts'
import { breakingStore } from '../../../../src/core/store/circuit-breaker.ts'
import type { Guarantees } from '../../../../src/core/store/store.ts'
import { StoreFullError, StoreTimeoutError, StoreUnavailableError } from '../../../../src/errors.ts'
import { runtime } from '../../../../src/runtime/node.ts'
import { countingStore, faultStore, intercept, modelStore } from '../../../../src/testing/index.ts'
import { aRecord, START } from '../records.ts'

const SHARED: Guarantees = { durable: true, shared: true, bounded: true }
const TOUCH = { interval: 0 }

function setUp(guarantees = SHARED) {
  const counting = countingStore({ ...modelStore(), guarantees })
  const faults = faultStore(counting)
  const events = makeEvents(runtime)
  const told: EventBody['type'][] = []
  events.on(({ type }: SessionEvent) => told.push(type))
  return { counting, faults, told, store: breakingStore(faults, { storeTimeout: 10, runtime }, events) }
}

const codeOf = (call: Promise<unknown>) => call.then(String, (error: { code?: unknown }) => String(error.code))

test('a store that is out is not asked, and is asked again half a time limit later', async () => {
  const { counting, faults, told, store } = setUp()
  faults.failBefore('read')
  for (let i = 0; i < 5; i++) expect(await codeOf(store.read('a'))).toBe('ERR_STORE_UNAVAILABLE')
  expect(told).toEqual(['store-out'])
  faults.heal()
  expect(await codeOf(store.read('a'))).toBe('ERR_STORE_UNAVAILABLE')
  expect(counting.total('read')).toBe(0)
  await vi.waitUntil(async () => (await codeOf(store.read('a'))) === 'null')
  expect(told).toEqual(['store-out', 'store-back'])
})

test('that writes fail does not keep anybody from reading, nor the other way round', async () => {
  const { faults, store } = setUp()
  faults.failBefore('touch')
  for (let i = 0; i < 6; i++) await codeOf(store.touch('a', START, TOUCH))
  expect(await store.read('a')).toBe(null)
  const other = setUp()
  other.faults.failBefore('read')
  for (let i = 0; i < 6; i++) await codeOf(other.store.read('a'))
  expect(await other.store.touch('a', START, TOUCH)).toBe('gone')
})

test.each([
  ['is full', new StoreFullError('full')],
  ['did not reach what was asked', new StoreTimeoutError('end', 'unknown', 'no replica', { scope: 'call' })],
  ['refuses one call alone', new StoreUnavailableError('create', 'the record is damaged', { scope: 'call' })],
])('a store that %s has answered', async (_, error) => {
  const refusing = intercept({ ...modelStore(), guarantees: SHARED }, () => Promise.reject(error))
  const store = breakingStore(refusing, { storeTimeout: 10, runtime }, makeEvents(runtime))
  for (let i = 0; i < 9; i++) await expect(store.create(aRecord())).rejects.toBe(error)
})

test('a call that is no probe starts no timer, however long it takes', async () => {
  const timers: number[] = []
  const noting = {
    ...runtime,
    after(ms: number, task: () => void, hold?: boolean) {
      timers.push(ms)
      return runtime.after(ms, task, hold)
    },
  }
  const inner = faultStore({ ...modelStore(), guarantees: SHARED })
  const store = breakingStore(inner, { storeTimeout: 10, runtime: noting }, makeEvents(runtime))
  await store.read('a')
  expect(timers).toEqual([])
  inner.failBefore('read')
  for (let i = 0; i < 5; i++) await codeOf(store.read('a'))
  inner.heal()
  await vi.waitUntil(async () => (await codeOf(store.read('a'))) === 'null')
  // Until it is tried again, and while it is.
  expect(timers).toEqual([5, 15])
  await store.read('a')
  expect(timers).toHaveLength(2)
})

test('callers that give up open nothing', async () => {
  const { faults, told, store } = setUp()
  faults.hang('read')
  for (let i = 0; i < 9; i++)
    expect(await codeOf(store.read('a', { signal: AbortSignal.abort() }))).toBe('ERR_STORE_TIMEOUT')
  faults.heal()
  expect([await store.read('a'), told]).toEqual([null, []])
})

test('one that tries and takes longer than others may does not keep them from trying, and leaves no timer behind', async () => {
  const { faults, counting } = setUp()
  const timers = new Set<() => void>()
  const after = (_ms: number, task: () => void) => {
    timers.add(task)
    return () => timers.delete(task)
  }
  const fire = () => {
    for (const task of [...timers]) {
      timers.delete(task)
      task()
    }
  }
  const manual = { ...runtime, after }
  const store = breakingStore(faults, { storeTimeout: 10, runtime: manual }, makeEvents(runtime))
  const touch = () => codeOf(store.touch('a', START, TOUCH))
  faults.failBefore('touch')
  for (let i = 0; i < 5; i++) await touch()
  for (let i = 0; i < 2; i++) {
    expect(timers.size).toBe(1)
    fire()
    await touch()
  }
  fire()
  faults.heal()
  faults.hang('endAll')
  const ending = store.endAll({ at: START, reason: 'revoked', note: null, keepUntil: START })
  expect(await touch()).toBe('ERR_STORE_UNAVAILABLE')
  fire()
  expect(await touch()).toBe('gone')
  faults.heal()
  await ending
  expect([counting.total('endAll'), timers.size]).toEqual([1, 0])
})

test('it can be closed while it is out', async () => {
  const { counting, faults, store } = setUp()
  faults.failBefore('read')
  for (let i = 0; i < 5; i++) await codeOf(store.read('a'))
  await store.close()
  expect(counting.total('close')).toBe(1)
})

test("a store in the process's own memory cannot be out", () => {
  const store = modelStore()
  expect(breakingStore(store, { storeTimeout: 10, runtime }, makeEvents(runtime))).toBe(store)
})
