import type { Context } from './context.ts'
import { type Held, isRefused, type Refused } from './kind.ts'
import { isLive } from './lifecycle.ts'
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

/** What the store answers for an id, as it is judged. */
export async function readUnderPolicy(
  { store, settings }: Pick<Context, 'store' | 'settings'>,
  id: string,
): Promise<SessionRecord | null> {
  const record = await store.read(id, { strict: true })
  return record === null ? null : underPolicy(record, settings.policy)
}

/**
 * Why a session that was live when its request began has run out since, by the timeouts of today: the store judges by those
 * that it holds, which may be longer. Null where it has not. Asks only where it may be so; else it answers at once.
 */
export function hasRunOut(
  { settings, runtime }: Pick<Context, 'settings' | 'runtime'>,
  held: Held,
): Promise<Refused | null> | false {
  if (settings.policy.existing === 'keep' || isLive(held.record, runtime.now())) return false
  return whyOver(held, runtime.now())
}

async function whyOver(held: Held, now: number): Promise<Refused | null> {
  const fresh = await held.kind.load(held)
  if (!isRefused(fresh)) return null
  return fresh.record === null || isLive(fresh.record, now) ? null : fresh
}
