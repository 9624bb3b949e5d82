import type { SessionRecord } from '../../core/record.ts'
import type { Page, Revocation } from '../../core/store.ts'
import type { AdoptConditions, AdoptOutcome, ScanPage, UserEpoch } from '../../core/transfer.ts'
import { SCAN_SIZE } from '../paging.ts'
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

export function epochs(tables: Tables, { cursor, limit = SCAN_SIZE }: ScanPage = {}): Page<UserEpoch> {
  const rows = tables.epochs(cursor ?? '', limit)
  const last = rows.at(-1)
  return {
    items: rows.map(({ key, epoch }) => ({ userId: decodeText(key), epoch })),
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

export function raiseEpoch(transaction: Transaction, userId: string | null, atLeast: number): void {
  const { tables, ledger } = transaction
  const epoch = userId === null ? ledger.epochOfAll : tables.epoch(userId)
  if (epoch >= atLeast) return
  ledger.lastEpoch = Math.max(ledger.lastEpoch, atLeast)
  if (userId === null) ledger.epochOfAll = atLeast
  else tables.saveEpoch(userId, atLeast)
}

/** Answers the last number. */
export function adoptRevocations(
  { tables, ledger }: Transaction,
  { entries, last }: { readonly entries: readonly Revocation[]; readonly last: number },
): number {
  for (const entry of entries) {
    if (entry.seq <= ledger.lastRevocation) continue
    tables.log(entry)
    ledger.lastRevocation = entry.seq
  }
  ledger.lastRevocation = Math.max(ledger.lastRevocation, last)
  return ledger.lastRevocation
}
