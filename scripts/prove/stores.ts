// The stores on which the promises are proven: a fresh one for each case, and more instances in the same place.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from 'coatcheck'
import { memoryStore } from 'coatcheck/stores/memory'
import { type SqliteStoreOptions, sqliteStore } from 'coatcheck/stores/sqlite'
import type { PromiseContext, StoreContext } from 'coatcheck/testing'

export type Fresh = StoreContext & PromiseContext

/** By the names that the table has. */
export const stores: Readonly<Record<string, () => Fresh>> = {
  memory() {
    const store = memoryStore()
    return {
      store,
      openNamespace: async (namespace) => memoryStore({ namespace }),
      close: () => store.close(),
    }
  },
  sqlite() {
    const folder = mkdtempSync(join(tmpdir(), 'coatcheck-prove-'))
    const opened: Store[] = []
    const open = (options: SqliteStoreOptions = {}) => {
      const store = sqliteStore(join(folder, 'sessions.db'), options)
      opened.push(store)
      return store
    }
    return {
      store: open(),
      open: async () => open(),
      openNamespace: async (namespace) => open({ namespace }),
      async close() {
        for (const store of opened) await store.close()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  },
}
