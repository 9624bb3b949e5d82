import { expect, test } from 'vitest'
import { fraction } from '../../../../src/core/base/jitter.ts'
import { runtime as node } from '../../../../src/runtime/node.ts'
import { seeded } from '../../../../src/testing/randomness.ts'

const fractionOf = (text: string) => fraction({ ...node, random: () => text })

test.each([
  ['AAAA', 0],
  ['AB__', 1 / 4096],
  ['BAAA', 1 / 64],
  ['gAAA', 0.5],
  ['__AA', 4095 / 4096],
])('random bytes that read %s are the fraction %d', (text, expected) => {
  expect(fractionOf(text)).toBe(expected)
})

test('random bytes spread over the whole range, evenly', () => {
  const random = seeded('jitter').bytes
  const tenths = new Array<number>(10).fill(0)
  for (let i = 0; i < 5_000; i++) {
    const one = fraction({ ...node, random })
    expect(one >= 0 && one < 1).toBe(true)
    const tenth = Math.floor(one * 10)
    tenths[tenth] = (tenths[tenth] ?? 0) + 1
  }
  for (const count of tenths) expect(Math.abs(count - 500)).toBeLessThan(100)
})
