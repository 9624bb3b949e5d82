import type { EventBody } from './events.ts'

/**
 * How much an event matters to an operator. `info`: everyday use. `notice`: worth reading. `warning`: somebody may be
 * attacking, or a setting is wrong. `error`: something failed.
 */
export type Severity = 'info' | 'notice' | 'warning' | 'error'

const SEVERITIES: Readonly<Record<EventBody['type'], Severity>> = {
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
  'store-failed': 'error',
  'answer-broken': 'error',
}

/** Reasons of an ending or a refusal that are no everyday use: a copy of a token, or one that was made up. */
const SUSPICIOUS: ReadonlySet<string> = new Set(['reused', 'binding', 'forged', 'ambiguous'])

export function severityOf(body: EventBody): Severity {
  const isSuspicious = (body.type === 'ended' || body.type === 'refused') && SUSPICIOUS.has(body.reason)
  return isSuspicious ? 'warning' : SEVERITIES[body.type]
}
