// The stores on which the promises are proven: a fresh one for each case, and a second instance over the same records.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from 'coatcheck'
import { memoryStore } from 'coatcheck/stores/memory'
import { sqliteStore } from 'coatcheck/stores/sqlite'

export interface Fresh {
  readonly store: Store
  readonly open?: (namespace?: string) => Promise<Store>
  readonly close: () => Promise<void>
}

/** By the names that the table has. */
export const stores: Readonly<Record<string, () => Fresh>> = {
  memory() {
    const store = memoryStore()
    return { store, close: () => store.close() }
  },
  sqlite() {
    const folder = mkdtempSync(join(tmpdir(), 'coatcheck-prove-'))
    const path = join(folder, 'sessions.db')
    const opened: Store[] = []
    const open = (namespace?: string) => {
      const store = sqliteStore(path, namespace === undefined ? {} : { namespace })
      opened.push(store)
      return store
    }
    return {
      store: open(),
      open: async (namespace) => open(namespace),
      async close() {
        for (const store of opened) await store.close()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  },
}
