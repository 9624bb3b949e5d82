import { describe, expect, test } from 'vitest'
import { brokenStores, runCases, storeContract } from '../../../src/testing/index.ts'
import { contexts } from '../../contract/contexts.ts'

describe.each(Object.entries(contexts))('the store contract catches, around the store %s:', (_, goodContext) => {
  test.for(brokenStores)('$name', async ({ breaks, context }) => {
    const meant = storeContract.filter(({ name }) => breaks.includes(name))
    const good = goodContext()
    const expected = meant.map((one) => [one.name, one.skipFor?.(good) ? 'skipped' : 'failed'])
    await good.close?.()
    const results = await runCases(meant, () => context(goodContext()))
    expect(results.map(({ name, outcome }) => [name, outcome])).toEqual(expected)
    expect(meant).toHaveLength(new Set(breaks).size)
  })
})

test('every case of the contract is seen failing on a broken store', () => {
  const seen = new Set(brokenStores.flatMap(({ breaks }) => breaks))
  expect(storeContract.map(({ name }) => name).filter((name) => !seen.has(name))).toEqual([])
})

test('names are unique', () => {
  for (const named of [storeContract, brokenStores]) {
    expect(new Set(named.map(({ name }) => name)).size).toBe(named.length)
  }
})
