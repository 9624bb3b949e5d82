/**
 * The store: where records live. This text is the contract; `storeContract` of `coatcheck/testing` holds every store to
 * it. It has four parts, so that a store which lacks one has a smaller type: `RecordStore`, `UserIndex`, `ChangeLog` and
 * `Sweepable`. `Store` is all four. Common to all methods:
 *
 * - **Atomic per record.** Each call takes effect at once or not at all; two calls on one record happen one after the
 *   other. A record is *live* at a time when it exists, is not ended, and that time is before its deadline
 *   (`core/lifecycle`); a store has no clock, the time comes with the call.
 * - **Absence is a value.** A missing, expired or ended record is an answer. A store throws only when it failed:
 *   `StoreUnavailableError` (with `scope`), `StoreTimeoutError` (with `outcome`), `StoreFullError`.
 * - **Bounded.** A call ends within the store's time limit, and early when `signal` is aborted.
 * - **Idempotent.** Repeating a call whose outcome is unknown is safe: it answers what the first one did, and writes
 *   nothing, also where the user epoch was raised in between. (With `ifVersion` or `ifValue` the repetition may answer
 *   `stale` because the first one did happen.)
 * - **Opaque.** Ids, user ids, keys of data and texts are any strings, NUL, quotes and lone surrogates in keys included;
 *   they are returned as they were given. JSON texts are never parsed, merged or normalised.
 * - **One namespace.** A store instance sees the records, users and changes of its namespace only.
 */

import type { Assurance, Client, EndReason, SessionRecord } from '../record/record.ts'
import type { Change, Note } from './change.ts'

export type { Change, Note } from './change.ts'

export interface CallOptions {
  /** Ends the call early with `StoreTimeoutError`. */
  readonly signal?: AbortSignal | undefined
}

export interface ReadOptions extends CallOptions {
  /** Ask the engine itself, past every cache. Stores without a cache ignore it. */
  readonly strict?: boolean | undefined
}

/** What happens when a user would get more sessions than `max`: refuse the new one, or end others. */
export type LimitStrategy = 'refuse' | 'end-oldest' | 'end-idlest'

export interface SessionLimit {
  /** How many live sessions the user may have, the new one included; 1 or more. */
  readonly max: number
  readonly strategy: LimitStrategy
  /** Goes into the `Ending` of those that the limit ends. */
  readonly keepUntil: number
  /** As in `EndRequest`. */
  readonly logUntil?: number | undefined
}

export interface CreateConditions {
  /** For a user's record: the user's `epoch` that was read before the user was authenticated. It has to hold still. */
  readonly ifUserEpoch?: number | undefined
  readonly limit?: SessionLimit | undefined
}

export type CreateResult =
  | { readonly outcome: 'created'; readonly ended: readonly SessionRecord[] }
  | { readonly outcome: 'taken' }
  | { readonly outcome: 'user-changed' }
  | { readonly outcome: 'limit' }

/** A change of data: texts to set, keys to remove. A key in both is set, one in neither is untouched. */
export interface DataChange {
  readonly set?: ReadonlyMap<string, string> | undefined
  readonly unset?: readonly string[] | undefined
}

/** The fixed fields that `update` may change. */
export interface FieldChange {
  readonly schema?: number | undefined
  readonly client?: Client | undefined
  readonly binding?: string | null | undefined
}

export interface Update extends DataChange {
  readonly at: number
  readonly fields?: FieldChange | undefined
}

export interface UpdateConditions {
  /** The generation of the token that asks: refused as `replaced` where the record's `minGeneration` is higher. */
  readonly ifGeneration?: number | undefined
  /** Refused as `stale` unless the record's `version` is this. */
  readonly ifVersion?: number | undefined
  /** Refused as `stale` unless the key holds exactly this text; null means that it must not be there. */
  readonly ifValue?: { readonly key: string; readonly text: string | null } | undefined
}

export type UpdateResult =
  | { readonly outcome: 'updated'; readonly version: number }
  | { readonly outcome: 'gone' }
  | { readonly outcome: 'replaced' }
  | { readonly outcome: 'stale' }

/** What an authentication in place changes together with the secret. */
export interface Authentication extends DataChange {
  readonly assurance: Assurance
  readonly expiresAt: number
  readonly idleFor: number | null
  readonly persistent: boolean
}

export interface Rotation {
  readonly at: number
  /** The hash of the secret that is to be replaced; must be the record's present one. */
  readonly from: string
  readonly to: string
  /** The generation after the rotation; must be the record's present one plus 1. */
  readonly generation: number
  /**
   * With it the old secret stays as predecessor (unseen, with this nonce). Null drops it and any before it at once, raises
   * `minGeneration` to `generation`, and writes an entry `changed` of scope `session` to the change log.
   */
  readonly predecessor: { readonly nonce: string; readonly keyId: string } | null
  /** Sets `authenticatedAt` to `at`, and `lastSeenAt` where that is earlier. Only with `predecessor: null`. */
  readonly authentication?: Authentication | undefined
  /** As in `create`: the user's `epoch` that has to hold still. */
  readonly ifUserEpoch?: number | undefined
  /** Until when the entry of the change log is kept, in epoch milliseconds; default an hour after `at`. */
  readonly logUntil?: number | undefined
}

export type RotateResult =
  | { readonly outcome: 'rotated'; readonly record: SessionRecord }
  /** Somebody else rotated before: the record as it is now. */
  | { readonly outcome: 'kept'; readonly record: SessionRecord }
  | { readonly outcome: 'user-changed'; readonly record: SessionRecord }
  /** Missing (null), ended or expired. */
  | { readonly outcome: 'gone'; readonly record: SessionRecord | null }

export interface Touch {
  /** Milliseconds: applied only when `lastSeenAt` is at least this far back. */
  readonly interval: number
  /** The generation whose secret was presented: where it is the record's present one, its predecessor is marked seen. */
  readonly seen?: number | undefined
}

export type TouchResult = 'touched' | 'kept' | 'gone'

export interface EndRequest {
  readonly at: number
  readonly reason: EndReason
  readonly note: string | null
  /** Until when the ended record is kept, in epoch milliseconds. */
  readonly keepUntil: number
  /**
   * Until when the entry of the change log is kept, in epoch milliseconds; default `keepUntil`. It has to be there as long
   * as a token that it concerns can live.
   */
  readonly logUntil?: number | undefined
}

/** From when on the two numbers of a user may be removed, in epoch milliseconds; default 30 days after `at`. */
export interface EpochRetention {
  readonly forgetAt?: number | undefined
}

export interface UserEndRequest extends EndRequest, EpochRetention {
  /** The id of a session that is spared. */
  readonly except?: string | undefined
}

export interface UserUpdate extends DataChange, EpochRetention {
  readonly at: number
  /** As in `Rotation`. */
  readonly logUntil?: number | undefined
}

/**
 * The two numbers of a user, 0 or more each. Both only grow, also after the user's row was removed: a raise sets them to
 * the larger of the previous number plus 1 and the time of the change.
 */
export interface UserEpoch {
  /** Raised by `endUser`, `updateUser` and `endAll`. A sign-in that began under a lower one is void. */
  readonly epoch: number
  /** Raised by `endUser` without `except` and by `endAll` alone. A session without a record that says less is over. */
  readonly endEpoch: number
}

export type EndResult =
  | { readonly outcome: 'ended'; readonly record: SessionRecord }
  | { readonly outcome: 'already'; readonly record: SessionRecord }
  | { readonly outcome: 'missing' }

export interface Page<T> {
  readonly items: readonly T[]
  /** Pass it to get what follows; null at the end. */
  readonly cursor: string | null
}

export interface SweepResult {
  /** Records whose deadline had passed and that this call ended as `idle` or `absolute`. */
  readonly expired: readonly SessionRecord[]
  /** How many ended records, entries of the change log and users' numbers were removed because their time had come. */
  readonly removed: number
  /** Whether there is more to do now. */
  readonly more: boolean
}

/** What a store cannot keep, as data. */
export interface Guarantees {
  /** What was acknowledged outlives the process. */
  readonly durable: boolean
  /** Several processes may work on it at once. */
  readonly shared: boolean
  /** The store bounds its own calls, so the core need not. */
  readonly bounded: boolean
}

/** Records by their id. */
export interface RecordStore {
  /** For messages and tables: `memory`, `sqlite`, … */
  readonly name: string
  readonly namespace: string
  readonly guarantees: Guarantees

  /**
   * Adds a record. Ids are random: none is used again when its record was removed. Never overwrites: `taken` where the id exists, ended or not (but `created` where that record has the
   * same secret hash and is live: this call repeated). With `ifUserEpoch`: `user-changed` where the `epoch` of the
   * record's user is above that. With `limit`: counts the user's sessions live at `record.createdAt`; when the new one
   * would be more than `max`, `refuse` answers `limit`, `end-oldest` (by `createdAt`) and `end-idlest` (by `lastSeenAt`)
   * end as many as needed with reason `limit` and answer them; atomic per user, so parallel calls never leave more.
   * When the answer is `created`, no ending of the user that had resolved before the call can have missed the record.
   */
  create(record: SessionRecord, conditions?: CreateConditions, options?: CallOptions): Promise<CreateResult>

  /** The record, also when expired or ended; null where there is none. Never one that was not created. */
  read(id: string, options?: ReadOptions): Promise<SessionRecord | null>

  /**
   * Changes data or fields of a record that is live at `change.at`; each applied change raises `version` by 1, also one
   * that sets the text that is there. **Never creates**: `gone` where the record is missing, ended or expired. Then the
   * conditions, in the order of `UpdateConditions`: `replaced`, `stale`. Keys that are not named are untouched, so
   * parallel changes of different keys all survive.
   */
  update(id: string, change: Update, conditions?: UpdateConditions, options?: CallOptions): Promise<UpdateResult>

  /**
   * Gives a record that is live at `rotation.at` a new secret by compare-and-set, sets `renewedAt` and answers the record
   * either way. `rotated` also where the record already has `to` as its secret at that generation (the call repeated:
   * it writes nothing, not even the data of an authentication). Without a predecessor one entry `changed` of scope
   * `session` goes into the change log, in the same step; its reason is `authenticated` or `rotated`, its count the new
   * generation.
   */
  rotate(id: string, rotation: Rotation, options?: CallOptions): Promise<RotateResult>

  /**
   * Records activity: sets `lastSeenAt` to `at` where that is later by `interval` or more, and marks the predecessor
   * seen (`seenAt` = `at`, nonce erased) where `seen` asks for it and it is unseen, whatever `lastSeenAt` is. Only forward,
   * only on a record live at `at` (`gone` otherwise: an expired one is never revived). `kept` where there was nothing to
   * do. Moves no version.
   */
  touch(id: string, at: number, touch: Touch, options?: CallOptions): Promise<TouchResult>

  /**
   * Ends a record for ever, live or expired: data, predecessor, client and binding go, id, user, times, hash and the
   * reason stay until `keepUntil`. The first ending counts: `already` answers the record as it was ended. `missing`
   * writes nothing. An entry `ended` of scope `session` goes into the change log, in the same step; its count is the
   * record's generation plus 1.
   */
  end(id: string, request: EndRequest, options?: CallOptions): Promise<EndResult>

  /** Closes what the store itself opened; a client that was passed in stays open. Calling it twice does no harm. */
  close(): Promise<void>
}

/** Sessions by their user. */
export interface UserIndex {
  /**
   * Ends all sessions of a user but `except`. Raises the user's `epoch` first, so that a sign-in under way does not count;
   * also where the user has no session at all. Without `except` it raises `endEpoch` to the same number, and an entry
   * `ended` of scope `user` with that count (none of scope `session`) goes into the log; where the sessions are ended in
   * batches it is repeated with the last of them. With `except` one entry of scope `session` for each ended one goes into
   * the log instead, none where there is none: the spared one is touched by nothing. Answers the records that it ended.
   */
  endUser(userId: string, request: UserEndRequest, options?: CallOptions): Promise<readonly SessionRecord[]>

  /**
   * Changes data in all live sessions of a user. Raises the user's `epoch` first, as `endUser`, and leaves `endEpoch`. An
   * entry `changed` of scope `user` with reason `updated` goes into the log when all have changed, also where the user has
   * no session. Answers the ids changed.
   */
  updateUser(userId: string, change: UserUpdate, options?: CallOptions): Promise<readonly string[]>

  /**
   * Ends every session that exists, anonymous ones too. Raises both numbers of every user first, above all that any user
   * has. An entry `ended` of scope `all` with that number goes into the log; where the sessions are ended in batches it is
   * repeated with the last of them. Works in batches that leave others room; answers how many it ended.
   */
  endAll(request: EndRequest, options?: CallOptions): Promise<number>

  /** The two numbers of a user, also of an unknown one. */
  userEpoch(userId: string, options?: CallOptions): Promise<UserEpoch>

  /**
   * The user's records that are not ended, newest first, by `createdAt` and id. May hold expired ones; never misses one
   * that is live from the first page to the last. One that begins between two pages may be missed.
   */
  listUser(
    userId: string,
    page?: { readonly cursor?: string | null | undefined; readonly limit?: number | undefined },
    options?: CallOptions,
  ): Promise<Page<SessionRecord>>
}

/** The ordered list of what other processes must not miss: endings, and changes after which old tokens or rights no longer count. */
export interface ChangeLog {
  /**
   * Entries with a `seq` above `since` (0: from the start), in order, at most `limit` (default 1000). An entry that becomes
   * visible late still has a `seq` above all that were answered before it. A store whose log is bounded and had to drop an
   * entry before its `keepUntil` throws `StoreUnavailableError` to a caller that asks from before it, until that time has
   * come: it never answers as if nothing had happened.
   */
  changes(
    since: number,
    page?: { readonly limit?: number | undefined },
    options?: CallOptions,
  ): Promise<readonly Change[]>

  /**
   * Writes an entry `ended` for each, of what has no record. Once per scope and subject: while the log has one that is
   * kept as long, a further one is not written. Acknowledged like `end`: when the answer is there, it is in the log.
   */
  note(entries: readonly Note[], options?: CallOptions): Promise<void>
}

/** Removal of what is over. */
export interface Sweepable {
  /**
   * One small batch: ends what has expired by `now` (as `idle` or `absolute`, `at` its deadline, `keepUntil` = deadline +
   * `keepFor`), then removes ended records, log entries and users' numbers whose time has come. At most `limit` of each.
   * Never touches a live record, and writes no entry: everybody knows when a session expires.
   */
  sweep(
    now: number,
    batch: { readonly limit: number; readonly keepFor: number },
    options?: CallOptions,
  ): Promise<SweepResult>
}

/** All four parts; what a store may offer beside them stands in `core/capabilities`. */
export interface Store extends RecordStore, UserIndex, ChangeLog, Sweepable {}
