import { isLive } from '../../core/record/lifecycle.ts'
import type { SessionRecord } from '../../core/record/record.ts'
import type { CreateConditions, CreateResult } from '../../core/store/store.ts'
import { StoreFullError } from '../../errors.ts'
import { endedRecordEntry, endingOf, limitEnding, overLimit } from '../rules.ts'
import type { ChangeLog } from './change-log.ts'
import type { Epochs } from './epochs.ts'
import type { Entry, Shelf } from './shelf.ts'

/** All that a memory store holds. */
export interface Holding {
  readonly shelf: Shelf
  readonly epochs: Epochs
  readonly log: ChangeLog
  readonly maxSessions: number
}

/** Takes a new record in, where its conditions and the room allow it. */
export function admit(holding: Holding, record: SessionRecord, conditions: CreateConditions = {}): CreateResult {
  const { shelf } = holding
  const present = shelf.get(record.id)?.record
  if (present !== undefined) {
    const repeated = present.secretHash === record.secretHash && isLive(present, record.createdAt)
    return repeated ? { outcome: 'created', ended: [] } : { outcome: 'taken' }
  }
  if (userChanged(holding, record.userId, conditions.ifUserEpoch)) return { outcome: 'user-changed' }
  const surplus = surplusFor(shelf, record, conditions)
  if (surplus.length > 0 && conditions.limit?.strategy === 'refuse') return { outcome: 'limit' }
  // A full store refuses before it has ended anything; where something ends, that makes the room.
  if (surplus.length === 0) makeRoom(holding, record)
  const ended = endSurplus(holding, surplus, record, conditions)
  if (surplus.length > 0) makeRoom(holding, record)
  shelf.add({ ...record, data: new Map(record.data) })
  return { outcome: 'created', ended }
}

/** Whether the user has changed since. A number below is one that was forgotten meanwhile: the next raise is above both. */
export function userChanged({ epochs }: Holding, userId: string | null, ifUserEpoch: number | undefined): boolean {
  return userId !== null && ifUserEpoch !== undefined && epochs.of(userId).epoch > ifUserEpoch
}

function surplusFor(shelf: Shelf, { userId, createdAt }: SessionRecord, { limit }: CreateConditions): readonly Entry[] {
  if (userId === null || limit === undefined) return []
  const open = shelf.ofUser(userId).map(({ record }) => record)
  return overLimit(open, createdAt, limit).flatMap(({ id }) => shelf.get(id) ?? [])
}

function endSurplus(
  { shelf, log }: Holding,
  surplus: readonly Entry[],
  newcomer: SessionRecord,
  { limit }: CreateConditions,
): readonly SessionRecord[] {
  if (limit === undefined) return []
  const request = limitEnding(newcomer, limit)
  return surplus.map((entry) => {
    const record = shelf.end(entry, endingOf(request))
    log.add(endedRecordEntry(record, request))
    return record
  })
}

export function makeRoom({ shelf, log, maxSessions }: Holding, { userId, createdAt }: SessionRecord): void {
  if (shelf.size < maxSessions) return
  const entry = shelf.firstDispensable(createdAt, userId !== null)
  if (entry === null) throw fullError(maxSessions)
  shelf.drop(entry)
  log.tellGone(entry.record.id)
}

function fullError(maxSessions: number): StoreFullError {
  return new StoreFullError(
    `The memory store holds ${maxSessions} sessions, as many as it may (maxSessions): new anonymous ones have to wait ` +
      'until others end. Signed-in sessions were left alone.',
  )
}
