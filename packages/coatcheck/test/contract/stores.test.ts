import { describe, test } from 'vitest'
import { memoryStore } from '../../src/stores/memory.ts'
import { modelStore, runCase, type StoreContext, storeContract } from '../../src/testing/index.ts'

/** Each store, and how a case gets a fresh one. */
const stores: Readonly<Record<string, () => StoreContext>> = {
  model() {
    const world = new Map()
    return {
      store: modelStore('one', world),
      open: async () => modelStore('one', world),
      openNamespace: async (namespace) => modelStore(namespace, world),
    }
  },
  memory: () => ({ store: memoryStore(), openNamespace: async (namespace) => memoryStore({ namespace }) }),
}

for (const [name, makeContext] of Object.entries(stores)) {
  describe(`the store contract: ${name}`, () => {
    test.for(storeContract)('$name', async (one, { skip }) => {
      const { reason } = await runCase(one, makeContext)
      skip(reason !== undefined, reason)
    })
  })
}
