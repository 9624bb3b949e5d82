import { deadlineOf, isLive, isTouchDue } from '../core/record/lifecycle.ts'
import type { Client, Ending, SessionRecord } from '../core/record/record.ts'
import type { MarkChange } from '../core/store/capabilities.ts'
import type {
  Authentication,
  CallOptions,
  Change,
  DataChange,
  EndRequest,
  Note,
  Rotation,
  SessionLimit,
  Touch,
  Update,
  UpdateConditions,
  UserEpoch,
  UserUpdate,
} from '../core/store/store.ts'
import { StoreTimeoutError } from '../errors.ts'

/**
 * What the contract does to one record, as pure functions from a record to the next. Stores that work on whole records
 * under a lock of their own share them, so that they cannot differ in meaning.
 */

const UNKNOWN_CLIENT: Client = Object.freeze({ address: null, userAgent: null, label: null })
const NO_DATA: SessionRecord['data'] = new Map()

/** Why the update's conditions refuse it, in the order of the contract; null where they hold. */
export function refusal(record: SessionRecord, conditions: UpdateConditions): 'replaced' | 'stale' | null {
  const { ifGeneration, ifVersion, ifValue } = conditions
  if (ifGeneration !== undefined && record.minGeneration > ifGeneration) return 'replaced'
  if (ifVersion !== undefined && record.version !== ifVersion) return 'stale'
  if (ifValue !== undefined && (record.data.get(ifValue.key) ?? null) !== ifValue.text) return 'stale'
  return null
}

export function updated(record: SessionRecord, change: DataChange & Pick<Update, 'fields'>): SessionRecord {
  const { fields } = change
  return {
    ...record,
    data: changedData(record.data, change),
    schema: fields?.schema ?? record.schema,
    client: fields?.client ?? record.client,
    binding: fields?.binding === undefined ? record.binding : fields.binding,
    version: record.version + 1,
  }
}

function changedData(data: SessionRecord['data'], { set, unset }: DataChange): SessionRecord['data'] {
  const changed = new Map(data)
  for (const key of unset ?? []) changed.delete(key)
  for (const [key, text] of set ?? []) changed.set(key, text)
  return changed
}

/** Whether the record's secret may be replaced by this rotation, was already, or has gone another way meanwhile. */
export function rotationState(record: SessionRecord, rotation: Rotation): 'due' | 'done' | 'other' {
  const { from, to, generation } = rotation
  if (record.secretHash === to && record.generation === generation) return 'done'
  return record.secretHash === from && record.generation + 1 === generation ? 'due' : 'other'
}

export function rotated(record: SessionRecord, rotation: Rotation): SessionRecord {
  const { at, from, to, generation, predecessor, authentication } = rotation
  const next = {
    ...record,
    generation,
    secretHash: to,
    minGeneration: predecessor === null ? generation : record.minGeneration,
    predecessor: predecessor === null ? null : { hash: from, ...predecessor, seenAt: null },
    renewedAt: at,
  }
  return authentication === undefined ? next : authenticated(next, authentication)
}

function authenticated(record: SessionRecord, authentication: Authentication): SessionRecord {
  const { assurance, expiresAt, idleFor, persistent, set, unset } = authentication
  const changesData = (set?.size ?? 0) > 0 || (unset?.length ?? 0) > 0
  return {
    ...record,
    authenticatedAt: record.renewedAt,
    lastSeenAt: Math.max(record.lastSeenAt, record.renewedAt),
    assurance,
    expiresAt,
    idleFor,
    persistent,
    data: changesData ? changedData(record.data, authentication) : record.data,
    version: changesData ? record.version + 1 : record.version,
  }
}

/** The record after the touch, or null where there is nothing to do. */
export function touched(record: SessionRecord, at: number, touch: Touch): SessionRecord | null {
  const { predecessor } = record
  const moves = isTouchDue(record, at, touch.interval)
  const sees = predecessor !== null && predecessor.seenAt === null && touch.seen === record.generation
  if (!moves && !sees) return null
  return {
    ...record,
    lastSeenAt: moves ? at : record.lastSeenAt,
    predecessor: sees ? { ...predecessor, nonce: null, seenAt: at } : predecessor,
  }
}

/** What is left of a record that ends: who, when and why, and the hash by which its holder is told. */
export function finished(record: SessionRecord, ended: Ending): SessionRecord {
  return { ...record, data: NO_DATA, predecessor: null, client: UNKNOWN_CLIENT, binding: null, ended }
}

export function endingOf({ at, reason, note, keepUntil }: EndRequest): Ending {
  return { at, reason, note, keepUntil }
}

/** The ending of a record whose deadline has passed. */
export function expiryOf(record: SessionRecord, keepFor: number): Ending {
  const { at, reason } = deadlineOf(record)
  return { at, reason, note: null, keepUntil: at + keepFor }
}

/** The ending of a session that makes room for `newcomer`. */
export function limitEnding(newcomer: SessionRecord, { keepUntil, logUntil }: SessionLimit): EndRequest {
  return { at: newcomer.createdAt, reason: 'limit', note: null, keepUntil, logUntil }
}

/** Milliseconds that an entry `changed` stays in the log where nobody says more. */
export const CHANGE_KEPT = 60 * 60_000
/** Milliseconds that a user's numbers stay where nobody says more. */
const EPOCH_KEPT = 30 * 24 * 60 * 60_000

/** An entry of the change log without its number. */
export type ChangeEntry = Omit<Change, 'seq'>

export function endedEntry(
  scope: 'session' | 'user' | 'all',
  subject: string | null,
  count: number,
  { at, reason, keepUntil, logUntil = keepUntil }: EndRequest,
): ChangeEntry {
  return { kind: 'ended', scope, subject, at, reason, count, keepUntil: logUntil }
}

/** The entry for a record that ends: no token of it counts any more. */
export function endedRecordEntry({ id, generation }: SessionRecord, request: EndRequest): ChangeEntry {
  return endedEntry('session', id, generation + 1, request)
}

/** The entry for a rotation, null where the old token goes on as predecessor. */
export function rotatedEntry(id: string, rotation: Rotation): ChangeEntry | null {
  const { at, generation, predecessor, authentication, logUntil = at + CHANGE_KEPT } = rotation
  if (predecessor !== null) return null
  const reason = authentication === undefined ? 'rotated' : 'authenticated'
  return { kind: 'changed', scope: 'session', subject: id, at, reason, count: generation, keepUntil: logUntil }
}

export function updatedUserEntry(
  userId: string,
  epoch: number,
  change: Omit<UserUpdate, keyof DataChange>,
): ChangeEntry {
  const { at, logUntil = at + CHANGE_KEPT } = change
  return { kind: 'changed', scope: 'user', subject: userId, at, reason: 'updated', count: epoch, keepUntil: logUntil }
}

export function notedEntry(note: Note): ChangeEntry {
  const { scope, subject, at, reason, count, keepUntil } = note
  return { kind: 'ended', scope, subject, at, reason, count, keepUntil }
}

/** What a note would have written as this entry, null where none does. */
export function noteIn({ kind, scope, subject, at, reason, count, keepUntil }: Change): Note | null {
  if (kind !== 'ended' || (scope !== 'session' && scope !== 'token') || subject === null) return null
  return { scope, subject, at, reason, count, keepUntil } as Note
}

/** From when on a user's numbers may be removed. */
export function forgetEpochAt({
  at,
  forgetAt = at + EPOCH_KEPT,
}: {
  readonly at: number
  readonly forgetAt?: number | undefined
}): number {
  return forgetAt
}

/** Of each of a user's two numbers the higher. */
export function higherEpochs(one: UserEpoch, other: UserEpoch): UserEpoch {
  return { epoch: Math.max(one.epoch, other.epoch), endEpoch: Math.max(one.endEpoch, other.endEpoch) }
}

/** The number after a raise: above the one before, also of a row that was removed meanwhile. */
export function raisedEpoch(previous: number, at: number): number {
  return Math.max(previous + 1, at)
}

/** What of a session decides whether it has to go when a user has too many. */
export type Rival = Pick<SessionRecord, 'createdAt' | 'lastSeenAt' | 'idleFor' | 'expiresAt' | 'ended'>

/** Those of a user's open sessions, given in order of arrival, that have to go so that one more fits. */
export function overLimit<T extends Rival>(
  open: readonly T[],
  at: number,
  { max, strategy }: SessionLimit,
): readonly T[] {
  const live = open.filter((rival) => isLive(rival, at))
  const surplus = live.length + 1 - max
  if (surplus <= 0) return []
  const age = strategy === 'end-idlest' ? 'lastSeenAt' : 'createdAt'
  return live.toSorted((a, b) => a[age] - b[age]).slice(0, surplus)
}

/** Whether a mark with this `until` counts no more. */
export function isOver(until: number | null | undefined, at: number): boolean {
  return typeof until === 'number' && until <= at
}

/** What `setMark` answers without a change, by the text that the mark has now; null where it has to be set. */
export function settledMark(present: string | null, { text, ifText }: MarkChange): boolean | null {
  return present === ifText ? null : present === text
}

export function refuseAborted(operation: string, options: CallOptions | undefined): void {
  if (options?.signal?.aborted !== true) return
  throw new StoreTimeoutError(operation, 'none', `store.${operation}: its caller gave up before it began.`)
}
