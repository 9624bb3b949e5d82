/** What a store may offer beside the contract, each a small interface that is found by its methods. */
import type { CallOptions, Change, Page, Store } from './store.ts'

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

/** Hears what a feed tells. No method may throw. */
export interface FeedListener {
  /** An entry `ended` of the change log. Entries come in the log's order, each once. */
  readonly ended: (change: Change) => void
  /** An entry `changed` of the change log: what was kept of its subject, with a lower count, counts no longer. */
  readonly changed: (change: Change) => void
  /** A record was removed: long after its ending, or by hand without one. Whatever was kept of it counts no longer. */
  readonly gone?: ((sessionId: string) => void) | undefined
  /** Entries may have been missed: whatever was kept because nothing was heard of it counts no longer. */
  readonly missed: () => void
}

/** A feed that was begun by `watch`. */
export interface Feed {
  /**
   * Epoch milliseconds: each entry that was acknowledged before this has been told, and each removal, where it
   * `seesRemovals`. 0: nothing is known yet. For people and figures; `age` decides.
   */
  readonly aliveAt: number
  /**
   * Epoch milliseconds since when nothing was missed; 0: nothing is known, not yet or not any more. What was acknowledged
   * before that time may never be told, also where the listener was there already: `missed` is not called for the first look.
   */
  readonly completeSince: number
  /**
   * Milliseconds since the last complete look at the log began: what was acknowledged longer ago has been told. Taken from
   * the wall clock and the monotonic one, whichever says more, so that a clock that is set back and a process that was
   * stopped do not make it look young. Infinity where nothing is known, and after the wall clock went back, until the next look.
   */
  age(): number
  /** Whether it tells of records that are gone without an ending, deleted by hand; false for stores that cannot know. */
  readonly seesRemovals: boolean
  /** Tells nothing more from now on. */
  stop(): Promise<void>
}

/** Tells of changes by any process, soon after they happened; a capability that a store may lack. */
export interface StoreFeed {
  /**
   * Calls the listener for each entry of the change log from `completeSince` on, whichever process wrote it. While the
   * store is out nothing is told and the feed grows older; then it goes on where it was. Does not throw.
   */
  watch(listener: FeedListener): Feed
}

export function hasFeed<S extends Store>(store: S): store is S & StoreFeed {
  return 'watch' in store && typeof store.watch === 'function'
}

/** Tells of records that cannot be read; a capability that a store may lack. */
export interface StoreDamage {
  /**
   * Calls the listener for each record that this process finds damaged, once by its id. Such a record counts as none: it is
   * read as missing, never changed, and removed by whatever ends it. The answer stops that.
   */
  onDamaged(listener: (sessionId: string) => void): () => void
}

export function hasDamage<S extends Store>(store: S): store is S & StoreDamage {
  return 'onDamaged' in store && typeof store.onDamaged === 'function'
}

/** A token that was issued, as a registry knows it. Nothing in it signs anybody in. */
export interface IssuedToken {
  /** The token's `jti`. */
  readonly id: string
  /** The public id of the session that it was issued for; null for a token of a service. */
  readonly sessionId: string | null
  readonly userId: string | null
  readonly audience: readonly string[]
  readonly clientId: string | null
  /** Epoch milliseconds. */
  readonly issuedAt: number
  readonly expiresAt: number
  /** Null while it counts. */
  readonly revokedAt: number | null
}

/** Knows the tokens that were issued, so that one can be listed and revoked by itself; a capability that a store may lack. */
export interface TokenRegistry {
  /** Adds a token. Does nothing where its id is there (this call repeated). */
  addToken(token: IssuedToken, options?: CallOptions): Promise<void>

  /** The tokens of a session or of a user that have not expired at `at`, the last issued first. */
  listTokens(
    of: { readonly sessionId: string } | { readonly userId: string },
    page: { readonly at: number; readonly cursor?: string | null | undefined; readonly limit?: number | undefined },
    options?: CallOptions,
  ): Promise<Page<IssuedToken>>

  /** Revokes one token, and writes an entry `ended` of scope `token` to the change log, in the same step. */
  revokeToken(id: string, at: number, options?: CallOptions): Promise<'revoked' | 'already' | 'missing'>

  /** Removes at most `limit` tokens that have expired by `now`; answers how many. */
  sweepTokens(now: number, limit: number, options?: CallOptions): Promise<number>
}

export function hasTokens<S extends Store>(store: S): store is S & TokenRegistry {
  return 'addToken' in store && typeof store.addToken === 'function'
}
