/**
 * How much an event matters to an operator. `info`: everyday use. `notice`: worth reading. `warning`: somebody may be
 * attacking, or a setting is wrong. `error`: something failed.
 */
export type Severity = 'info' | 'notice' | 'warning' | 'error'

const SEVERITIES = {
  created: 'info',
  'signed-in': 'info',
  reauthenticated: 'info',
  renewed: 'info',
  rotated: 'info',
  ended: 'info',
  refused: 'info',
  swept: 'info',
  'user-updated': 'info',
  'user-ended': 'notice',
  'all-ended': 'notice',
  'write-refused': 'notice',
  'key-used': 'notice',
  'csrf-blocked': 'warning',
  'cookie-withheld': 'warning',
  'read-late': 'warning',
  'sign-out-unconfirmed': 'warning',
  'store-back': 'notice',
  'record-damaged': 'error',
  'store-failed': 'error',
  'store-out': 'error',
  'answer-broken': 'error',
} as const satisfies Readonly<Record<string, Severity>>

/** An event as far as its severity goes: `core/events` has all of them, and does not compile with another type than these. */
interface Happened {
  readonly type: keyof typeof SEVERITIES
  readonly reason?: string
}

/** Reasons of an ending or a refusal that are no everyday use: a copy of a token, or one that was made up. */
const SUSPICIOUS: ReadonlySet<string> = new Set(['reused', 'binding', 'forged', 'ambiguous'])

export function severityOf({ type, reason = '' }: Happened): Severity {
  const isSuspicious = (type === 'ended' || type === 'refused') && SUSPICIOUS.has(reason)
  return isSuspicious ? 'warning' : SEVERITIES[type]
}
