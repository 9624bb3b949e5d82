import { runtime } from '#runtime'
import type { SessionRecord } from '../../core/record/record.ts'
import type { Change, EpochRetention, Page, UserEpoch } from '../../core/store/store.ts'
import type { AdoptConditions, AdoptOutcome, EpochsOfUser, ScanPage } from '../../core/store/transfer.ts'
import { SCAN_SIZE } from '../paging.ts'
import { forgetEpochAt, higherEpochs, noteIn } from '../rules.ts'
import type { Tables } from './tables.ts'
import { decodeText } from './text.ts'
import type { Transaction } from './transaction.ts'

/** Behind a text it is the first that may follow, since no encoded text holds a NUL. */
const NEXT = '\u0001'

/** The cursor is the number of the last row, so a walk goes on wherever it was left. */
export function scan(tables: Tables, { cursor, limit = SCAN_SIZE }: ScanPage = {}): Page<SessionRecord> {
  const rows = tables.scan(Number(cursor ?? 0) || 0, limit)
  const last = rows.at(-1)
  return {
    items: rows.map(({ record }) => record),
    cursor: last === undefined || rows.length < limit ? null : String(last.seq),
  }
}

export function epochs(tables: Tables, { cursor, limit = SCAN_SIZE }: ScanPage = {}): Page<EpochsOfUser> {
  const rows = tables.epochs(cursor ?? '', limit)
  const last = rows.at(-1)
  return {
    items: rows.map(({ key, ...epochs }) => ({ userId: decodeText(key), ...epochs })),
    cursor: last === undefined || rows.length < limit ? null : last.key + NEXT,
  }
}

/** All in one transaction. */
export function adopt(
  transaction: Transaction,
  records: readonly SessionRecord[],
  { ifEpochOfAll }: AdoptConditions,
): readonly AdoptOutcome[] {
  return records.map((record) => {
    if (transaction.tables.read(record.id) !== null) return 'there'
    if (ifEpochOfAll !== undefined && transaction.ledger.epochOfAll > ifEpochOfAll) return 'outdated'
    transaction.add(record)
    return 'adopted'
  })
}

export function raiseEpoch(transaction: Transaction, userId: string | null, atLeast: UserEpoch & EpochRetention): void {
  const { tables, ledger } = transaction
  const { epoch, endEpoch, forgetAt } = atLeast
  ledger.lastEpoch = Math.max(ledger.lastEpoch, epoch, endEpoch)
  if (userId === null) {
    ledger.epochOfAll = Math.max(ledger.epochOfAll, epoch)
    return
  }
  const present = tables.epoch(userId)
  if (forgetAt === undefined && present.epoch >= epoch && present.endEpoch >= endEpoch) return
  tables.saveEpoch(userId, higherEpochs(present, atLeast), forgetEpochAt({ at: runtime.now(), forgetAt }))
}

/** Answers the last number. */
export function adoptChanges(
  { tables, ledger }: Transaction,
  { entries, last }: { readonly entries: readonly Change[]; readonly last: number },
): number {
  for (const entry of entries) {
    if (entry.seq <= ledger.lastChange) continue
    tables.log(entry)
    ledger.lastChange = entry.seq
    const note = noteIn(entry)
    if (note !== null && tables.notedUntil(note) < note.keepUntil) tables.saveNote(note)
  }
  ledger.lastChange = Math.max(ledger.lastChange, last)
  return ledger.lastChange
}
