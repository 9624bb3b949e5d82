import { deadlineOf } from '../../core/lifecycle.ts'
import type { Ending, SessionRecord } from '../../core/record.ts'
import type { Revocation } from '../../core/store.ts'
import { finished } from '../rules.ts'
import type { Ledger, Tables } from './tables.ts'

/**
 * What one write transaction does to records, to the revocation log and to the user epochs. The counts and numbers that
 * go with it are kept here and written once, by `flush`, before the transaction is committed.
 */
export class Transaction {
  readonly tables: Tables
  #ledger: Ledger | null = null

  constructor(tables: Tables) {
    this.tables = tables
  }

  get ledger(): Ledger {
    this.#ledger ??= this.tables.ledger()
    return this.#ledger
  }

  flush(): void {
    if (this.#ledger !== null) this.tables.saveLedger(this.#ledger)
  }

  /** Takes in a record that has ended already, too. */
  add(record: SessionRecord): void {
    this.tables.insert(record, record.ended?.keepUntil ?? deadlineOf(record).at)
    if (record.ended !== null) this.ledger.ended += 1
    else this.ledger[record.userId === null ? 'anonymous' : 'signedIn'] += 1
  }

  /** Ends an open record and answers what is left of it. */
  end(record: SessionRecord, ending: Ending): SessionRecord {
    this.tables.finish(record.id, ending)
    this.countEnded(record.userId === null)
    return finished(record, ending)
  }

  countEnded(anonymous: boolean): void {
    this.ledger[anonymous ? 'anonymous' : 'signedIn'] -= 1
    this.ledger.ended += 1
  }

  log(scope: Revocation['scope'], subject: string | null, { at, reason, keepUntil }: Omit<Ending, 'note'>): void {
    this.ledger.lastRevocation += 1
    this.tables.log({ seq: this.ledger.lastRevocation, scope, subject, at, reason, keepUntil })
  }

  /** One counter numbers all raises, so an epoch of all is above each user's own. */
  raiseEpoch(userId: string): void {
    this.ledger.lastEpoch += 1
    this.tables.saveEpoch(userId, this.ledger.lastEpoch)
  }

  raiseEpochOfAll(): void {
    this.ledger.lastEpoch += 1
    this.ledger.epochOfAll = this.ledger.lastEpoch
  }
}
