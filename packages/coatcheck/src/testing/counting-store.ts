import type { Store } from '../core/store/store.ts'
import { intercept, type StoreMethod } from './intercept.ts'

export interface CountingStore extends Store {
  /** How often each method was called since the start or the last `reset`; methods never called are not in it. */
  readonly counts: () => Readonly<Partial<Record<StoreMethod, number>>>
  /** The calls of these methods together, or of all. */
  readonly total: (...methods: readonly StoreMethod[]) => number
  readonly reset: () => void
}

/** A store around a store that counts the calls, those that fail included. */
export function countingStore(store: Store): CountingStore {
  const counts = new Map<StoreMethod, number>()
  const counted = intercept(store, (call, proceed) => {
    counts.set(call.method, (counts.get(call.method) ?? 0) + 1)
    return proceed()
  })
  return {
    ...counted,
    counts: () => Object.fromEntries(counts),
    total(...methods) {
      const wanted = methods.length === 0 ? [...counts.keys()] : methods
      return wanted.reduce((sum, method) => sum + (counts.get(method) ?? 0), 0)
    },
    reset: () => counts.clear(),
  }
}
