import type { SessionEvent, Severity } from 'coatcheck'

/** What happens to accounts, which the events of sessions do not tell. */
export type AccountEvent =
  | { readonly type: 'account-created' | 'account-deleted' | 'account-enabled' | 'account-disabled' }
  | { readonly type: 'password-changed' | 'password-reset' | 'preferences-changed' }
  | { readonly type: 'role-changed'; readonly from: string; readonly to: string }
  | { readonly type: 'email-changed'; readonly verified: boolean }
  | { readonly type: 'sign-in-failed'; readonly reason: string }
  | { readonly type: 'new-device'; readonly sessionId: string }

/** Something that happened, as the account of it keeps it. */
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

const SEVERITIES: Readonly<Record<AccountEvent['type'], Severity>> = {
  'account-created': 'notice',
  'account-deleted': 'notice',
  'account-enabled': 'notice',
  'account-disabled': 'notice',
  'password-changed': 'notice',
  'password-reset': 'notice',
  'preferences-changed': 'info',
  'role-changed': 'notice',
  'email-changed': 'notice',
  'sign-in-failed': 'notice',
  'new-device': 'notice',
}

export function happeningOf(event: SessionEvent): Happening {
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
  actor: string | null = null,
): Happening {
  const { type, ...rest } = event
  const { sessionId = null, ...detail } = rest as { sessionId?: string }
  return { at, type, severity: SEVERITIES[type], userId, sessionId, actor, detail }
}
