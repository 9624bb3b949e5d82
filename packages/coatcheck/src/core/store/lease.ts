import type { Runtime } from '../../runtime/index.ts'
import { hasMarks } from './capabilities.ts'
import type { Store } from './store.ts'

/** Makes one of the processes of a store do what one is enough for. */
export interface Lease {
  /** Takes it or keeps it, and answers whether this process has it. @throws what the store throws */
  readonly hold: () => Promise<boolean>
  /** Lets another process take it at once. @throws what the store throws */
  readonly release: () => Promise<void>
}

/**
 * A lease of `length` milliseconds, as a mark with the name of whoever holds it. It is prolonged when a third of it is over;
 * where its holder dies, it lapses. In a store without marks every process has it.
 */
export function makeLease(
  { store, runtime }: { readonly store: Store; readonly runtime: Runtime },
  name: string,
  length: number,
): Lease {
  let holder: string | null = null
  /** Null where this process does not hold it. */
  let until: number | null = null

  async function set(at: number, next: number): Promise<boolean> {
    if (!hasMarks(store)) return true
    holder ??= runtime.random(9)
    const ifText = until !== null && at < until ? holder : null
    until = null
    if (await store.setMark(name, { text: holder, ifText, at, until: next })) until = next
    return until !== null
  }

  return {
    async hold() {
      const now = runtime.now()
      if (until !== null && now < until - (2 * length) / 3) return true
      return await set(now, now + length)
    },

    async release() {
      const now = runtime.now()
      if (until === null || now >= until) return
      await set(now, now)
      until = null
    },
  }
}
