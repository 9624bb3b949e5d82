/** What a store may offer beside the contract, each a small interface that is found by its methods. */
import type { CallOptions, Revocation, Store } from './store.ts'

/** Counts for dashboards and `/healthz`; a capability that a store may lack. */
export interface StoreStats {
  stats(options?: CallOptions): Promise<{
    readonly anonymous: number
    readonly signedIn: number
    readonly ended: number
  }>
}

export function hasStats(store: Store): store is Store & StoreStats {
  return 'stats' in store && typeof store.stats === 'function'
}

/** What `setMark` does to a mark that has the text `ifText` at `at` (null: that is not there). */
export interface MarkChange {
  readonly text: string
  readonly ifText: string | null
  readonly at: number
  /** From then on it is as if it were not there; default: never. Epoch milliseconds. */
  readonly until?: number | undefined
}

/**
 * Short texts by which all processes of a namespace agree on something, such as which of them sweeps; a capability that a
 * store may lack. `sessions` uses names that begin with `coatcheck.`.
 */
export interface StoreMarks {
  /** The mark's text; null where it was never set, or its time is over at `at`. */
  mark(name: string, at: number, options?: CallOptions): Promise<string | null>

  /**
   * Sets a mark by compare-and-set; false where it has another text than `ifText`. True without any change where it has
   * `text` already (this call repeated).
   */
  setMark(name: string, change: MarkChange, options?: CallOptions): Promise<boolean>
}

export function hasMarks<S extends Store>(store: S): store is S & StoreMarks {
  return 'setMark' in store && typeof store.setMark === 'function'
}

/** What a feed tells. None of these may throw. */
export interface FeedListener {
  /** An ending, in the order of the revocation log, each once. */
  readonly ended: (revocation: Revocation) => void
  /** A record was removed: long after its ending, or by hand without one. Whatever was kept of it counts no longer. */
  readonly gone?: ((sessionId: string) => void) | undefined
  /** Some may have been missed: whatever was kept because nobody had ended it counts no longer. */
  readonly missed: () => void
}

/** A feed that was begun by `watch`. */
export interface Feed {
  /**
   * Epoch milliseconds: each ending that was acknowledged before this has been told, and each removal, where it `seesRemovals`.
   * 0: nothing is known yet.
   */
  readonly aliveAt: number
  /** Whether it tells of records that are gone without an ending, deleted by hand; false for stores that cannot know. */
  readonly seesRemovals: boolean
  /** Tells nothing more from now on. */
  stop(): Promise<void>
}

/** Tells of endings by any process, soon after they happened; a capability that a store may lack. */
export interface StoreFeed {
  /**
   * Calls the listener for each ending from `aliveAt` on, whichever process it is made by. While the store is out nothing is
   * told and `aliveAt` stands still; then it goes on where it was. Does not throw.
   */
  watch(listener: FeedListener): Feed
}

export function hasFeed<S extends Store>(store: S): store is S & StoreFeed {
  return 'watch' in store && typeof store.watch === 'function'
}
