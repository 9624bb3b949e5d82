import { expect, test } from 'vitest'
import { makeLease } from '../../../../src/core/store/lease.ts'
import type { Store } from '../../../../src/core/store/store.ts'
import { runtime as node } from '../../../../src/runtime/node.ts'
import { countingStore, manualClock, modelStore } from '../../../../src/testing/index.ts'

const NAME = 'a lease'
const LENGTH = 90_000

/** Two processes of one store, with a clock. */
function two(store: Store = modelStore()) {
  const clock = manualClock()
  const counting = countingStore(store)
  const runtime = { ...node, now: clock.now }
  const lease = () => makeLease({ store: counting, runtime }, NAME, LENGTH)
  return { clock, counting, one: lease(), other: lease() }
}

test('one of two has it, and the other one not', async () => {
  const { one, other } = two()
  expect([await one.hold(), await other.hold(), await one.hold()]).toEqual([true, false, true])
})

test('it costs a call of the store when a third of it is over, and none before', async () => {
  const { clock, counting, one } = two()
  await one.hold()
  clock.advance(LENGTH / 3 - 1)
  await one.hold()
  expect(counting.total()).toBe(1)
  clock.advance(1)
  await one.hold()
  expect(counting.total()).toBe(2)
})

test('whoever goes on holding it keeps it', async () => {
  const { clock, one, other } = two()
  for (let i = 0; i < 6; i++) {
    expect([await one.hold(), await other.hold()]).toEqual([true, false])
    clock.advance(LENGTH / 2)
  }
})

test('where its holder is gone, the other one has it when it is over, and not before', async () => {
  const { clock, one, other } = two()
  await one.hold()
  clock.advance(LENGTH - 1)
  expect(await other.hold()).toBe(false)
  clock.advance(1)
  expect([await other.hold(), await one.hold()]).toEqual([true, false])
})

test('one that comes back when it is over takes it again where nobody else has', async () => {
  const { clock, one, other } = two()
  await one.hold()
  clock.advance(2 * LENGTH)
  expect([await one.hold(), await other.hold()]).toEqual([true, false])
})

test('one that is given back is there for the other at once; twice, or by who has it not, does no harm', async () => {
  const { one, other, counting } = two()
  await one.release()
  expect(counting.total()).toBe(0)
  await one.hold()
  await other.release()
  expect(await other.hold()).toBe(false)
  await one.release()
  await one.release()
  expect([await other.hold(), await one.hold()]).toEqual([true, false])
})

test('what nobody knows to have happened is not taken to have', async () => {
  const { clock, counting, one, other } = two()
  await one.hold()
  const setMark = Reflect.get(counting, 'setMark')
  Reflect.set(counting, 'setMark', async () => Promise.reject(new Error('out')))
  clock.advance(LENGTH / 2)
  await expect(one.hold()).rejects.toThrow('out')
  Reflect.set(counting, 'setMark', setMark)
  expect([await other.hold(), await one.hold()]).toEqual([false, true])
})

test('in a store without marks everybody has it', async () => {
  const { mark, setMark, ...store } = modelStore()
  const { one, other } = two(store)
  expect([await one.hold(), await other.hold()]).toEqual([true, true])
  await one.release()
})
