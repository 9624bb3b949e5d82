import { memoryStore } from 'coatcheck/stores/memory'
import { expect, it } from 'vitest'
import { measuredStore } from '../../../src/measuring/measured-store.ts'

it('a store that is measured is the same store, and each call to its engine is told', async () => {
  const calls: string[] = []
  const inner = memoryStore()
  const store = measuredStore(inner, async (operation, call) => {
    calls.push(operation)
    return await call()
  })
  expect([store.name, store.guarantees, 'stats' in store]).toEqual([inner.name, inner.guarantees, 'stats' in inner])
  expect(await store.userEpoch('alice')).toEqual(await inner.userEpoch('alice'))
  expect(await store.read('nothing')).toBeNull()
  await store.sweep(Date.now(), { limit: 10, keepFor: 0 })
  await store.close()
  expect(calls).toEqual(['userEpoch', 'read', 'sweep'])
})
