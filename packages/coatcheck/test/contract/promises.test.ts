import { describe, expect, test } from 'vitest'
import { promiseCases, runCase } from '../../src/testing/index.ts'
import { contexts } from './contexts.ts'

describe.each(Object.entries(contexts))('the promises: %s', (_, makeContext) => {
  test.each(promiseCases)('$promise: $name', async (one) => {
    expect((await runCase(one, makeContext)).outcome).toBe('passed')
  })
})

test('each promise that a store has a part in has its cases, and no name comes twice', () => {
  const proven = new Set(promiseCases.map(({ promise }) => promise))
  // That stores mean the same is what the contract is for.
  expect([...proven].toSorted((a, b) => Number(a) - Number(b))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
  expect(new Set(promiseCases.map(({ name }) => name)).size).toBe(promiseCases.length)
})
