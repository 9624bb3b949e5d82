import { expect, test } from 'vitest'
import { strongest } from '../../../src/cli/bench-password.ts'

const MEASURED = [
  { memory: 19, took: 30 },
  { memory: 32, took: 60 },
  { memory: 46, took: 100 },
  { memory: 64, took: 101 },
]

test.each([
  [1_000, 64],
  [100, 46],
  [99, 32],
  [10, 19],
])('within %i ms the strongest is %i MiB', (within, memory) => {
  expect(strongest(MEASURED, within)).toBe(memory)
})
