import type { Store } from '../../src/core/store/store.ts'
import { movingStore } from '../../src/stores/moving.ts'
import type { StoreContext } from '../../src/testing/index.ts'

/**
 * Two stores as one, in which each session was begun before the move: what is created without a condition, as nearly all
 * is by the cases, goes into `from`. A creation with conditions is made during the move.
 */
export function begunBefore(from: Store, to: Store): Store {
  const moving = movingStore({ from, to })
  return {
    ...moving,
    async create(record, conditions = {}, options) {
      const { ifUserEpoch, limit } = conditions
      const isThere = (await to.read(record.id)) !== null
      if (ifUserEpoch !== undefined || limit !== undefined || isThere) {
        return await moving.create(record, conditions, options)
      }
      return await from.create(record, conditions, options)
    },
  }
}

/** The two stores of a context are those that `make` makes for a namespace. */
export function movingContext(
  make: (namespace: string) => { readonly from: Store; readonly to: Store },
  join: (from: Store, to: Store) => Store,
): StoreContext {
  const contextOf = (namespace: string) => {
    const { from, to } = make(namespace)
    return () => join(from, to)
  }
  const open = contextOf('one')
  return { store: open(), open: async () => open(), openNamespace: async (namespace) => contextOf(namespace)() }
}
