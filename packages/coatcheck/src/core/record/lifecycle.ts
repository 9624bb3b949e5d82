import type { EndReason, SessionRecord } from './record.ts'

/** The part of a record that decides when it is over. */
export type Timed = Pick<SessionRecord, 'lastSeenAt' | 'idleFor' | 'expiresAt'>

/**
 * When a session is over if nothing more happens, and why. At that millisecond it no longer counts; one before it does.
 * Of two deadlines that fall together the absolute one is named.
 */
export function deadlineOf(record: Timed): { readonly at: number; readonly reason: 'idle' | 'absolute' } {
  const { idleFor, expiresAt } = record
  if (idleFor !== null) {
    const idleAt = record.lastSeenAt + idleFor
    if (idleAt < expiresAt) return { at: idleAt, reason: 'idle' }
  }
  return { at: expiresAt, reason: 'absolute' }
}

/** Why the record does not count at `now`, or null while it does. The one place where expiry is decided. */
export function endedAs(record: Timed & Pick<SessionRecord, 'ended'>, now: number): EndReason | null {
  if (record.ended !== null) return record.ended.reason
  if (now >= record.expiresAt) {
    return record.idleFor !== null && record.lastSeenAt + record.idleFor < record.expiresAt ? 'idle' : 'absolute'
  }
  return record.idleFor !== null && now >= record.lastSeenAt + record.idleFor ? 'idle' : null
}

export function isLive(record: Timed & Pick<SessionRecord, 'ended'>, now: number): boolean {
  return endedAs(record, now) === null
}

/** Whether activity at `now` is to be recorded: at most once per `interval` milliseconds; 0 means each time. */
export function isTouchDue(record: Pick<SessionRecord, 'lastSeenAt'>, now: number, interval: number): boolean {
  return now > record.lastSeenAt && now - record.lastSeenAt >= interval
}

/** Whether the secret is old enough to be renewed; `every` in milliseconds, null means never. */
export function isRenewalDue(record: Pick<SessionRecord, 'renewedAt'>, now: number, every: number | null): boolean {
  return every !== null && now - record.renewedAt >= every
}

/**
 * Whether the secret before the present one still counts: until its successor has been seen, and from then on for
 * `grace` milliseconds, the last of which no longer counts.
 */
export function predecessorCounts(record: Pick<SessionRecord, 'predecessor'>, now: number, grace: number): boolean {
  const { predecessor } = record
  if (predecessor === null) return false
  return predecessor.seenAt === null || now - predecessor.seenAt < grace
}
