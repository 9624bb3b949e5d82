import { deadlineOf, isLive } from '../../core/record/lifecycle.ts'
import type { SessionRecord } from '../../core/record/record.ts'
import type { MarkChange } from '../../core/store/capabilities.ts'
import type {
  CreateConditions,
  CreateResult,
  EndRequest,
  EndResult,
  Note,
  RotateResult,
  Rotation,
  SweepResult,
  Touch,
  TouchResult,
  Update,
  UpdateConditions,
  UpdateResult,
} from '../../core/store/store.ts'
import { StoreFullError } from '../../errors.ts'
import * as rules from '../rules.ts'
import type { Transaction } from './transaction.ts'

/** The store's calls on one record, each the work of one transaction. Every decision is made here, none by SQL. */

export function create(
  transaction: Transaction,
  record: SessionRecord,
  { ifUserEpoch, limit }: CreateConditions,
  maxAnonymous: number,
): CreateResult {
  const { tables } = transaction
  const present = tables.read(record.id)
  if (present !== null) {
    const repeated = present.secretHash === record.secretHash && isLive(present, record.createdAt)
    return repeated ? { outcome: 'created', ended: [] } : { outcome: 'taken' }
  }
  if (userChanged(transaction, record.userId, ifUserEpoch)) return { outcome: 'user-changed' }
  if (record.userId === null && transaction.ledger.anonymous >= maxAnonymous) throw fullError(maxAnonymous)
  const surplus = surplusFor(transaction, record, limit)
  if (surplus.length > 0 && limit?.strategy === 'refuse') return { outcome: 'limit' }
  const ended = limit === undefined ? [] : surplus.map((id) => endForLimit(transaction, id, record, limit))
  transaction.add(record)
  return { outcome: 'created', ended: ended.filter((one) => one !== null) }
}

function surplusFor(
  { tables }: Transaction,
  { userId, createdAt }: SessionRecord,
  limit: CreateConditions['limit'],
): readonly string[] {
  if (userId === null || limit === undefined) return []
  return rules.overLimit(tables.rivals(userId), createdAt, limit).map(({ id }) => id)
}

function endForLimit(
  transaction: Transaction,
  id: string,
  newcomer: SessionRecord,
  limit: NonNullable<CreateConditions['limit']>,
): SessionRecord | null {
  const record = transaction.tables.read(id)
  if (record === null) return null
  const request = rules.limitEnding(newcomer, limit)
  transaction.log(rules.endedRecordEntry(record, request))
  return transaction.end(record, rules.endingOf(request))
}

export function update(
  { tables }: Transaction,
  id: string,
  change: Update,
  conditions: UpdateConditions,
): UpdateResult {
  const record = tables.read(id)
  if (record === null || !isLive(record, change.at)) return { outcome: 'gone' }
  const refusal = rules.refusal(record, conditions)
  if (refusal !== null) return { outcome: refusal }
  const next = rules.updated(record, change)
  tables.save(next)
  return { outcome: 'updated', version: next.version }
}

export function rotate(transaction: Transaction, id: string, rotation: Rotation): RotateResult {
  const { tables } = transaction
  const record = tables.read(id)
  if (record === null || !isLive(record, rotation.at)) return { outcome: 'gone', record }
  const state = rules.rotationState(record, rotation)
  if (state !== 'due') return { outcome: state === 'done' ? 'rotated' : 'kept', record }
  if (userChanged(transaction, record.userId, rotation.ifUserEpoch)) return { outcome: 'user-changed', record }
  const next = rules.rotated(record, rotation)
  tables.save(next)
  const change = rules.rotatedEntry(id, rotation)
  if (change !== null) transaction.log(change)
  // An authentication may move the deadline to an earlier time, which the sweep must not find too late.
  if (rotation.authentication !== undefined) tables.saveDue(id, deadlineOf(next).at)
  return { outcome: 'rotated', record: next }
}

/** What a touch would do to the record as it is: the next record, or the answer where there is nothing to write. */
export function touchState(record: SessionRecord | null, at: number, touch: Touch): SessionRecord | 'gone' | 'kept' {
  if (record === null || !isLive(record, at)) return 'gone'
  return rules.touched(record, at, touch) ?? 'kept'
}

export function touch({ tables }: Transaction, id: string, at: number, request: Touch): TouchResult {
  const state = touchState(tables.read(id), at, request)
  if (typeof state === 'string') return state
  tables.save(state)
  return 'touched'
}

export function end(transaction: Transaction, id: string, request: EndRequest): EndResult {
  const record = transaction.tables.read(id)
  if (record === null) return { outcome: 'missing' }
  if (record.ended !== null) return { outcome: 'already', record }
  transaction.log(rules.endedRecordEntry(record, request))
  return { outcome: 'ended', record: transaction.end(record, rules.endingOf(request)) }
}

export function sweep(
  transaction: Transaction,
  now: number,
  { limit, keepFor }: { readonly limit: number; readonly keepFor: number },
): SweepResult {
  const { tables } = transaction
  const expired = endExpired(transaction, now, limit, keepFor)
  const kept = tables.removeKept(now, limit)
  // Only where there is something to count: the ledger is a page of its own in the write-ahead log.
  if (kept > 0) transaction.ledger.ended -= kept
  tables.removeNotes(now, limit)
  const removed = kept + tables.removeChanges(now, limit) + tables.forgetEpochs(now, limit)
  return { expired, removed, more: tables.anyDue(now) }
}

/** Writes an entry for each that the log does not have as long. */
export function note(transaction: Transaction, entries: readonly Note[]): void {
  const { tables } = transaction
  for (const entry of entries) {
    if (tables.notedUntil(entry) >= entry.keepUntil) continue
    tables.saveNote(entry)
    transaction.log(rules.notedEntry(entry))
  }
}

export function setMark({ tables }: Transaction, name: string, change: MarkChange): boolean {
  const settled = rules.settledMark(tables.mark(name, change.at), change)
  if (settled !== null) return settled
  tables.removeMarks(change.at)
  tables.saveMark(name, change.text, change.until ?? null)
  return true
}

/** Ends what has expired, and puts right when the others are due that were touched since; twice `limit` at most. */
function endExpired(transaction: Transaction, now: number, limit: number, keepFor: number): readonly SessionRecord[] {
  const { tables } = transaction
  const expired: SessionRecord[] = []
  for (let looks = 0; looks < 2 && expired.length < limit; looks++) {
    for (const record of tables.due(now, limit - expired.length)) {
      if (isLive(record, now)) tables.saveDue(record.id, deadlineOf(record).at)
      else expired.push(transaction.end(record, rules.expiryOf(record, keepFor)))
    }
  }
  return expired
}

/** Whether the user has changed since. A number below is one that was forgotten meanwhile: the next raise is above both. */
function userChanged({ tables }: Transaction, userId: string | null, ifUserEpoch: number | undefined): boolean {
  return userId !== null && ifUserEpoch !== undefined && tables.epoch(userId).epoch > ifUserEpoch
}

function fullError(maxAnonymous: number): StoreFullError {
  return new StoreFullError(
    `The store holds ${maxAnonymous} anonymous sessions, as many as it may (maxAnonymous): new ones have to wait until ` +
      'others end. Signed-in sessions were left alone.',
  )
}
