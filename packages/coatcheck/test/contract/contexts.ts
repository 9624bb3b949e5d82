import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryStore } from '../../src/stores/memory.ts'
import { sqliteStore } from '../../src/stores/sqlite.ts'
import { modelStore, type StoreContext } from '../../src/testing/index.ts'

/** How a case gets each store, fresh. */
export const contexts: Readonly<Record<string, () => StoreContext>> = {
  model() {
    const world = new Map()
    return {
      store: modelStore('one', world),
      open: async () => modelStore('one', world),
      openNamespace: async (namespace) => modelStore(namespace, world),
    }
  },

  memory: () => ({ store: memoryStore(), openNamespace: async (namespace) => memoryStore({ namespace }) }),

  sqlite() {
    const directory = mkdtempSync(join(tmpdir(), 'coatcheck-contract-'))
    const file = join(directory, 'sessions.db')
    const store = sqliteStore(file)
    return {
      store,
      open: async () => sqliteStore(file),
      async reopen() {
        await store.close()
        return sqliteStore(file)
      },
      openNamespace: async (namespace) => sqliteStore(file, { namespace }),
      async close() {
        await store.close()
        rmSync(directory, { recursive: true, force: true })
      },
    }
  },
}
