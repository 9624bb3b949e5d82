import type { Policy } from './policy.ts'
import { type SessionRecord, withFields } from './record.ts'

interface Row {
  readonly idle: number | null
  readonly absolute: number
}

/**
 * The record as it is judged: held to the shorter of the timeouts with which it began and those of today. Nothing of this is
 * written, so that a policy that is taken back leaves no trace.
 */
export function underPolicy(record: SessionRecord, policy: Policy): SessionRecord {
  if (policy.existing === 'keep') return record
  const row = rowOf(record, policy)
  if (row === null) return record
  const idleFor = shorter(record.idleFor, row.idle)
  const expiresAt = Math.min(record.expiresAt, (record.authenticatedAt ?? record.createdAt) + row.absolute)
  if (idleFor === record.idleFor && expiresAt === record.expiresAt) return record
  return withFields(record, { idleFor, expiresAt })
}

/** The timeouts that such a session would begin with today; null where none would begin. */
function rowOf({ userId, persistent }: SessionRecord, { idle, absolute, rememberMe, anonymous }: Policy): Row | null {
  if (userId === null) return persistent && !anonymous.persistent ? null : anonymous
  return persistent ? rememberMe : { idle, absolute }
}

function shorter(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other
  return Math.min(one, other)
}
