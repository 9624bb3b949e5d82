import { describe, expect, test } from 'vitest'
import { intercept, type StoreCall } from '../../../src/core/intercept.ts'
import type { Store } from '../../../src/core/store.ts'

/** Of each method: the arguments before its options, what the call is about, and whether it writes. */
const CALLS: Readonly<Record<string, readonly [readonly unknown[], string | null]>> = {
  create: [[{ id: 'a-session' }, {}], 'a-session'],
  read: [['a-session'], 'a-session'],
  update: [['a-session', {}, {}], 'a-session'],
  rotate: [['a-session', {}], 'a-session'],
  touch: [['a-session', 1, {}], 'a-session'],
  end: [['a-session', {}], 'a-session'],
  endUser: [['ada', {}], 'ada'],
  updateUser: [['ada', {}], 'ada'],
  endAll: [[{}], null],
  userEpoch: [['ada'], 'ada'],
  listUser: [['ada', {}], 'ada'],
  changes: [[1, {}], null],
  note: [[[]], null],
  sweep: [[1, {}], null],
  mark: [['a-mark', 1], 'a-mark'],
  setMark: [['a-mark', {}], 'a-mark'],
  stats: [[], null],
  scan: [[{}], null],
  epochs: [[{}], null],
  epochOfAll: [[], null],
  lastChange: [[], null],
  adopt: [[[{ id: 'a-session' }], {}], 'a-session'],
  raiseEpoch: [['ada', {}], 'ada'],
  adoptChanges: [[[]], null],
  close: [[], null],
}

describe.each(Object.entries(CALLS))('a call of %s', (method, [before, subject]) => {
  function called(signalOfAround: AbortSignal | undefined, options: readonly unknown[]) {
    const made: unknown[][] = []
    const calls: StoreCall[] = []
    const inner = { [method]: (...args: unknown[]) => made.push(args) }
    const store = intercept(inner as unknown as Store, async (call, proceed) => {
      calls.push(call)
      return await proceed(signalOfAround)
    })
    Reflect.apply(Reflect.get(store, method), store, [...before, ...options])
    return { made, calls }
  }

  test('is about its subject, and its signal is seen', () => {
    const { signal } = new AbortController()
    const { made, calls } = called(undefined, [{ signal }])
    expect(calls).toEqual([{ method, subject, signal }])
    expect(made).toEqual([[...before, { signal }]])
  })

  test('takes another signal in its options, which are there or not', () => {
    const { signal } = new AbortController()
    expect(called(signal, [{ strict: true }]).made).toEqual([[...before, { strict: true, signal }]])
    expect(called(signal, []).made).toEqual([[...before, { signal }]])
  })
})

test('a batch of several records is about none of them', () => {
  const calls: StoreCall[] = []
  const store = intercept({ adopt: () => undefined } as unknown as Store, async (call, proceed) => {
    calls.push(call)
    return await proceed()
  })
  Reflect.apply(Reflect.get(store, 'adopt'), store, [[{ id: 'a' }, { id: 'b' }]])
  expect(calls).toEqual([{ method: 'adopt', subject: null, signal: undefined }])
})
