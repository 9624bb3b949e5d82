import type { ChangeReason, EndReason } from '../record/record.ts'

/** One entry of the change log: what other processes must not miss. */
export interface Change {
  /** Given by the store; grows in the order in which entries become visible. */
  readonly seq: number
  /** `ended`: the subject is over for ever. `changed`: what was known of it before counts no longer. */
  readonly kind: 'ended' | 'changed'
  readonly scope: 'session' | 'user' | 'all' | 'token'
  /** The id of the session, the user or the token; null for `all`. */
  readonly subject: string | null
  /** Epoch milliseconds, by the clock of the process that asked for it. Times of two processes are never compared. */
  readonly at: number
  readonly reason: EndReason | ChangeReason
  /**
   * The number that tokens are compared with. Scope `session`: the generation from which on tokens count, which for an
   * ended one is above all that there have been. Scopes `user` and `all`: the epoch after the change. Entries by `note`:
   * what the caller gave.
   */
  readonly count: number
  /** Epoch milliseconds until when the entry is kept. */
  readonly keepUntil: number
}

/** An ending of what has no record, for the change log. */
export interface Note {
  readonly scope: 'session' | 'token'
  readonly subject: string
  readonly at: number
  readonly reason: EndReason
  readonly count: number
  /** Until when the entry is kept, in epoch milliseconds: at least as long as the subject could live. */
  readonly keepUntil: number
}
