import { describe, expect, test } from 'vitest'
import { ageOf, readClocks } from '../../../../src/core/record/freshness.ts'

const at = (wall: number, monotonic: number) => ({ wall, monotonic })

describe('the age of what was read', () => {
  test('is that of whichever clock says more', () => {
    expect(ageOf(at(1_000, 10), at(1_300, 310))).toBe(300)
    // The monotonic clock stood still while the machine slept.
    expect(ageOf(at(1_000, 10), at(601_000, 40))).toBe(600_000)
    // The wall clock was set back by less than what passed.
    expect(ageOf(at(1_000, 10), at(1_040, 510))).toBe(500)
    expect(ageOf(at(1_000, 10), at(1_000, 10))).toBe(0)
  })

  test('is endless where nothing was read, and where the wall clock has gone back', () => {
    expect(ageOf(null, at(1_000, 10))).toBe(Number.POSITIVE_INFINITY)
    expect(ageOf(at(1_000, 10), at(949, 20))).toBe(Number.POSITIVE_INFINITY)
    expect(ageOf(at(1_000, 10), at(950, 20))).toBe(10)
  })

  test('is taken from both clocks of the platform', () => {
    expect(readClocks({ now: () => 7, monotonic: () => 3 })).toEqual({ wall: 7, monotonic: 3 })
  })
})
