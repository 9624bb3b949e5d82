import { describe, test } from 'vitest'
import { adapterContract, runCase } from '../../src/testing/index.ts'
import { adapters } from './adapters/servers.ts'
import { contexts } from './contexts.ts'

const stores = Object.entries(contexts).filter(([name]) => name !== 'model')

for (const [name, adapter] of Object.entries(adapters)) {
  for (const [storeName, makeStore] of stores) {
    describe(`the adapter contract: ${name} on ${storeName}`, () => {
      test.for(adapterContract)('$name', async (one) => {
        await runCase(one, () => {
          const { store, close } = makeStore()
          return { store, close, ...adapter }
        })
      })
    })
  }
}
