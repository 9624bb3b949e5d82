import { isTouchDue } from '../core/record/lifecycle.ts'
import type { Client, Ending, SessionRecord } from '../core/record/record.ts'
import type { DataChange, Rotation, SessionLimit, Touch, Update, UpdateConditions } from '../core/store/store.ts'

/** How the contract changes one record: each rule answers a new one. */

const UNKNOWN_CLIENT: Client = { address: null, userAgent: null, label: null }

function changedData(data: SessionRecord['data'], { set, unset = [] }: DataChange): SessionRecord['data'] {
  const changed = new Map(data)
  for (const key of unset) changed.delete(key)
  for (const [key, text] of set ?? []) changed.set(key, text)
  return changed
}

function changesData({ set, unset }: DataChange): boolean {
  return (set?.size ?? 0) > 0 || (unset?.length ?? 0) > 0
}

export function updated(record: SessionRecord, change: DataChange & Pick<Update, 'fields'>): SessionRecord {
  const { schema = record.schema, client = record.client, binding = record.binding } = change.fields ?? {}
  const data = changedData(record.data, change)
  return { ...record, data, schema, client, binding, version: record.version + 1 }
}

/** Why the conditions refuse the update, or null. */
export function refusal(record: SessionRecord, conditions: UpdateConditions): 'replaced' | 'stale' | null {
  const { ifGeneration, ifVersion, ifValue } = conditions
  if (ifGeneration !== undefined && record.minGeneration > ifGeneration) return 'replaced'
  if (ifVersion !== undefined && record.version !== ifVersion) return 'stale'
  if (ifValue !== undefined && (record.data.get(ifValue.key) ?? null) !== ifValue.text) return 'stale'
  return null
}

export function rotated(record: SessionRecord, rotation: Rotation): SessionRecord {
  const { at, from, to, generation, predecessor, authentication } = rotation
  const renewed: SessionRecord = {
    ...record,
    generation,
    secretHash: to,
    minGeneration: predecessor === null ? generation : record.minGeneration,
    predecessor: predecessor && { hash: from, ...predecessor, seenAt: null },
    renewedAt: at,
  }
  if (authentication === undefined) return renewed
  const { assurance, expiresAt, idleFor, persistent } = authentication
  return {
    ...renewed,
    authenticatedAt: at,
    lastSeenAt: at > record.lastSeenAt ? at : record.lastSeenAt,
    assurance,
    expiresAt,
    idleFor,
    persistent,
    data: changedData(record.data, authentication),
    version: record.version + (changesData(authentication) ? 1 : 0),
  }
}

/** The record after the touch; the same one where there was nothing to do. */
export function touched(record: SessionRecord, at: number, { interval, seen }: Touch): SessionRecord {
  const { predecessor } = record
  const lastSeenAt = isTouchDue(record, at, interval) ? at : record.lastSeenAt
  const first = predecessor !== null && predecessor.seenAt === null && seen === record.generation
  if (lastSeenAt === record.lastSeenAt && !first) return record
  return { ...record, lastSeenAt, predecessor: first ? { ...predecessor, nonce: null, seenAt: at } : predecessor }
}

export function finished(record: SessionRecord, ended: Ending): SessionRecord {
  return { ...record, data: new Map(), predecessor: null, client: UNKNOWN_CLIENT, binding: null, ended }
}

/** Of a user's live sessions those that have to go so that one more fits, the first to go first. */
export function overLimit(live: readonly SessionRecord[], { max, strategy }: SessionLimit): readonly SessionRecord[] {
  const age = strategy === 'end-idlest' ? 'lastSeenAt' : 'createdAt'
  const byAge = live.toSorted((a, b) => a[age] - b[age])
  return byAge.slice(0, Math.max(0, live.length + 1 - max))
}
