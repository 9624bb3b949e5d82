import { deadlineOf } from '../../core/record/lifecycle.ts'
import type { Ending, SessionRecord } from '../../core/record/record.ts'
import { type ChangeEntry, finished, raisedEpoch } from '../rules.ts'
import type { Ledger, Tables } from './tables.ts'

/**
 * What one write transaction does to records, to the change log and to the user epochs. The counts and numbers that
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

  log(entry: ChangeEntry): void {
    this.ledger.lastChange += 1
    this.tables.log({ seq: this.ledger.lastChange, ...entry })
  }

  /** Raises a user's `epoch`, and with `ends` also `endEpoch`; answers the number. One counter is above all raises. */
  raiseEpoch(userId: string, at: number, forgetAt: number, ends: boolean): number {
    const epoch = raisedEpoch(this.ledger.lastEpoch, at)
    this.ledger.lastEpoch = epoch
    this.tables.saveEpoch(userId, { epoch, endEpoch: ends ? epoch : this.tables.epoch(userId).endEpoch }, forgetAt)
    return epoch
  }

  /** Raises both numbers of everybody; answers the number. */
  raiseEpochOfAll(at: number): number {
    this.ledger.lastEpoch = raisedEpoch(this.ledger.lastEpoch, at)
    this.ledger.epochOfAll = this.ledger.lastEpoch
    return this.ledger.epochOfAll
  }
}
