import type { SessionEvent, Severity } from 'coatcheck'

/** What happens to accounts, which the events of sessions do not tell. */
export type AccountEvent =
  | { readonly type: 'account-deleted' | 'account-enabled' | 'account-disabled' }
  | { readonly type: 'account-created'; readonly role: string }
  /** By somebody else: one, or without its id all of the user, or where that is nobody all there are. Each ending is an event of its own. */
  | { readonly type: 'sessions-ended'; readonly sessionId?: string }
  | { readonly type: 'password-changed' | 'password-reset' | 'preferences-changed' }
  /** Of nobody yet: whoever uses the invitation has `account-created`. */
  | { readonly type: 'invited'; readonly role: string }
  | { readonly type: 'role-changed'; readonly from: string; readonly to: string }
  | { readonly type: 'email-changed'; readonly removed: boolean }
  /** Of nobody, by the fingerprint of a signing key. */
  | { readonly type: 'key-added' | 'key-promoted'; readonly keyId: string }
  /** By their fingerprints: those that all servers of the sessions have to have from now on. */
  | { readonly type: 'keys-claimed'; readonly keyIds: readonly string[] }
  /** `forced`: also where tokens of it may have been in use, whose holders are signed out. */
  | { readonly type: 'key-retired'; readonly keyId: string; readonly forced: boolean }
  /** `withKeys`: whether the signing keys were copied beside it. */
  | { readonly type: 'backed-up'; readonly file: string; readonly withKeys: boolean }
  /** In the database that was put in place. `keys`: how many signing keys came with it; `ended`: how many sessions were ended, null where they were kept. */
  | {
      readonly type: 'backup-restored'
      readonly file: string
      readonly keys: number
      readonly ended: number | null
    }
  /** All sessions, from one store to another, by their addresses without passwords; see `CopyResult`. */
  | { readonly type: 'sessions-copied'; readonly from: string; readonly to: string; readonly copied: number }
  /** `network`: see `networkOf`. */
  | { readonly type: 'sign-in-failed'; readonly reason: string; readonly network: string | null }
  /** Of nobody: a code for the first administrator that does not count. */
  | { readonly type: 'set-up-failed'; readonly reason: string; readonly network: string | null }
  | {
      readonly type: 'signed-in'
      readonly sessionId: string | null
      readonly device: string | null
      readonly network: string | null
      /** Whether the browser had never signed in to the account before. */
      readonly isNew: boolean
    }

/** Something that happened, as the audit log keeps it. */
export interface Happening {
  /** Epoch milliseconds. */
  readonly at: number
  /** That of an event of sessions (docs/reference/events.md), or of an `AccountEvent`. */
  readonly type: string
  readonly severity: Severity
  /** Whose session or account it was about; null where nobody's. */
  readonly userId: string | null
  readonly sessionId: string | null
  /** Who did it, where that is somebody else: a user id, or `command`. */
  readonly actor: string | null
  /** What else there is to say, as the event has it; holds no secret. */
  readonly detail: Readonly<Record<string, unknown>>
}

const EVERYDAY: ReadonlySet<AccountEvent['type']> = new Set(['signed-in', 'preferences-changed'])

/** Of the events of sessions those that are not kept: they say nothing of anybody, or the account's own event says more. */
const NOT_KEPT = ['signed-in', 'renewed', 'swept', 'created'] as const
const LEFT_OUT: ReadonlySet<SessionEvent['type']> = new Set(NOT_KEPT)

/** Every type of what happens; what is kept no entry of is counted all the same. */
export type HappeningType = SessionEvent['type'] | AccountEvent['type'] | 'not-kept'
type KeptType = AccountEvent['type'] | Exclude<HappeningType, (typeof NOT_KEPT)[number]>

/** Every type that the audit log can have, in the order in which a person looks for one; a new one does not compile without it. */
export const KEPT_TYPES = Object.keys({
  ...{ 'signed-in': 0, 'sign-in-failed': 0, reauthenticated: 0, ended: 0, 'user-ended': 0, 'all-ended': 0, refused: 0 },
  ...{ 'sessions-ended': 0, 'write-refused': 0, rotated: 0, 'sign-out-unconfirmed': 0, 'answer-broken': 0 },
  ...{
    'read-late': 0,
    'set-up-failed': 0,
    'account-created': 0,
    'account-deleted': 0,
    'account-disabled': 0,
    'account-enabled': 0,
  },
  ...{ invited: 0, 'role-changed': 0, 'password-changed': 0, 'password-reset': 0, 'email-changed': 0 },
  ...{ 'preferences-changed': 0, 'user-updated': 0, 'csrf-blocked': 0, 'cookie-withheld': 0, 'not-kept': 0 },
  ...{ 'key-added': 0, 'key-promoted': 0, 'key-retired': 0, 'keys-claimed': 0, 'key-used': 0, 'backed-up': 0 },
  ...{ 'backup-restored': 0, 'sessions-copied': 0, 'store-failed': 0, 'store-out': 0, 'store-back': 0 },
  ...{ 'record-damaged': 0 },
} satisfies Readonly<Record<KeptType, 0>>) as readonly KeptType[]

/** Null for what is not kept. */
export function happeningOf(event: SessionEvent): Happening | null {
  if (LEFT_OUT.has(event.type)) return null
  const { type, at, severity, seq: _, ...rest } = event
  const {
    userId = null,
    sessionId = null,
    ...detail
  } = rest as {
    userId?: string | null
    sessionId?: string | null
  }
  return { at, type, severity, userId, sessionId, actor: null, detail }
}

export function accountHappening(
  at: number,
  userId: string | null,
  event: AccountEvent,
  actor: string | null,
): Happening {
  const { type, ...rest } = event
  const { sessionId = null, ...detail } = rest as { sessionId?: string | null }
  return { at, type, severity: EVERYDAY.has(type) ? 'info' : 'notice', userId, sessionId, actor, detail }
}
