import { describe, expect, test } from 'vitest'
import { brokenStores, modelStore, runCases, type StoreContext, storeContract } from '../../../src/testing/index.ts'

function goodContext(): StoreContext {
  const world = new Map()
  return {
    store: modelStore('one', world),
    open: async () => modelStore('one', world),
    openNamespace: async (namespace) => modelStore(namespace, world),
  }
}

describe('the store contract catches', () => {
  test.for(brokenStores)('$name', async ({ breaks, context }) => {
    const meant = storeContract.filter(({ name }) => breaks.includes(name))
    const results = await runCases(meant, () => context(goodContext()))
    expect(results.map(({ name, outcome }) => [name, outcome])).toEqual(meant.map(({ name }) => [name, 'failed']))
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
