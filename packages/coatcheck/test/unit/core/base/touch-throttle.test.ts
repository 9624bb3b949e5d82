import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeTouchGate } from '../../../../src/core/base/touch-throttle.ts'

const INTERVAL = 60_000

test('a key passes once per interval, to the millisecond', () => {
  const { admit } = makeTouchGate(INTERVAL)
  expect([admit('a', 0), admit('a', 0), admit('a', INTERVAL - 1), admit('a', INTERVAL)]).toEqual([
    true,
    false,
    false,
    true,
  ])
  expect(admit('a', 2 * INTERVAL - 1)).toBe(false)
  expect(admit('a', 2 * INTERVAL)).toBe(true)
})

test('keys do not stand in the way of each other', () => {
  const { admit } = makeTouchGate(INTERVAL)
  expect([admit('a', 0), admit('b', 1), admit('a', 2), admit('b', 3), admit('__proto__', 4)]).toEqual([
    true,
    true,
    false,
    false,
    true,
  ])
})

test('a key that passed late in one interval is remembered into the next', () => {
  const { admit } = makeTouchGate(INTERVAL)
  admit('first', 0)
  expect(admit('late', INTERVAL - 1)).toBe(true)
  expect(admit('other', INTERVAL)).toBe(true)
  expect(admit('late', 2 * INTERVAL - 2)).toBe(false)
  expect(admit('late', 2 * INTERVAL - 1)).toBe(true)
})

test('an interval of zero lets everything pass', () => {
  const { admit } = makeTouchGate(0)
  expect([admit('a', 5), admit('a', 5), admit('a', 4)]).toEqual([true, true, true])
})

test('a clock that goes back does not shut the gate until it is where it was', () => {
  const { admit } = makeTouchGate(INTERVAL)
  expect(admit('a', 10 * INTERVAL)).toBe(true)
  expect(admit('a', INTERVAL)).toBe(true)
  expect(admit('a', INTERVAL + 1)).toBe(false)
})

test('while the clock goes on no key passes twice within an interval, and none waits longer than one', async () => {
  const step = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(INTERVAL))
  await fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { admit } = makeTouchGate(INTERVAL)
      const passed = new Map<string, number>()
      let now = 0
      for (const [key, pause] of steps) {
        now += pause
        const last = passed.get(key)
        const due = last === undefined || now - last >= INTERVAL
        expect(admit(key, now)).toBe(due)
        if (due) passed.set(key, now)
      }
    }),
    { seed: 1, numRuns: 500 },
  )
})
