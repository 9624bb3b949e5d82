import type { Ending, SessionRecord } from '../../core/record/record.ts'
import type { Change, Note, UserEpoch } from '../../core/store/store.ts'
import type { Place } from '../paging.ts'
import type { Rival } from '../rules.ts'
import { prepare, type SqliteDatabase } from './database.ts'
import { endingText, mutableValues, type Row, recordOf, rowOf } from './rows.ts'
import { prepareAll, type Statements } from './statements.ts'
import { decodeOptional, decodeText, encodeOptional, encodeText } from './text.ts'

/** The row of the namespace: counts, and the last numbers that were given out. */
export interface Ledger {
  anonymous: number
  signedIn: number
  ended: number
  lastEpoch: number
  /** The epoch of every user who has none of their own above it. */
  epochOfAll: number
  lastChange: number
}

/** A record with the number of its row, which grows with the order of arrival. */
export interface Numbered {
  readonly seq: number
  readonly record: SessionRecord
}

type NumberedRow = readonly [seq: number, id: string, ...row: Row]

/** What can be read and written in one namespace of one open database. Nothing here begins or ends a transaction. */
export class Tables {
  readonly #namespace: string
  readonly #sql: Statements

  /** `number` is the namespace's own, as `namespaceNumber` answers it. */
  constructor(database: SqliteDatabase, namespace: string, number: number) {
    this.#namespace = namespace
    this.#sql = prepareAll(database, number)
  }

  read(id: string): SessionRecord | null {
    const row = this.#sql.read.get(encodeText(id)) as Row | undefined
    return row === undefined ? null : recordOf(this.#namespace, id, row)
  }

  insert(record: SessionRecord, dueAt: number): void {
    this.#sql.insert.run(encodeText(record.id), dueAt, ...rowOf(record))
  }

  /** Writes what may change in an open record, but for the time at which it is due. */
  save(record: SessionRecord): void {
    this.#sql.save.run(...mutableValues(rowOf(record)), encodeText(record.id))
  }

  saveDue(id: string, dueAt: number): void {
    this.#sql.saveDue.run(dueAt, encodeText(id))
  }

  finish(id: string, ending: Ending): void {
    this.#sql.finish.run(endingText(ending), ending.keepUntil, encodeText(id))
  }

  /** The user's open sessions in order of arrival, as far as a limit has to know them. */
  rivals(userId: string): readonly (Rival & { readonly id: string })[] {
    const rows = this.#sql.rivals.all(encodeText(userId)) as [string, number, number, number | null, number][]
    return rows.map(([id, createdAt, lastSeenAt, idleFor, expiresAt]) => ({
      id: decodeText(id),
      createdAt,
      lastSeenAt,
      idleFor,
      expiresAt,
      ended: null,
    }))
  }

  /** The user's open sessions after one row and up to another, in order of arrival. */
  openOfUser(userId: string, except: string | undefined, after: number, upTo: number, limit: number) {
    const left = except === undefined ? null : encodeText(except)
    return this.#numbered(this.#sql.openOfUser.all(encodeText(userId), left, after, upTo, limit))
  }

  /** The user's open sessions, newest first. */
  list(userId: string, after: Place | null, limit: number): readonly SessionRecord[] {
    const user = encodeText(userId)
    const rows =
      after === null
        ? this.#sql.list.all(user, limit)
        : this.#sql.listAfter.all(user, after.createdAt, encodeText(after.id), limit)
    return this.#numbered(rows).map(({ record }) => record)
  }

  /** All sessions after one row, in order of arrival. */
  scan(after: number, limit: number): readonly Numbered[] {
    return this.#numbered(this.#sql.scan.all(after, limit))
  }

  /** The highest number that a session has, or had. */
  lastSeq(): number {
    return (this.#sql.lastSeq.get() as [number])[0]
  }

  /** Ends open sessions up to a row, whoever they are of; answers for each whether it was anonymous. */
  finishSome(ending: Ending, upTo: number, limit: number): readonly boolean[] {
    const rows = this.#sql.finishSome.all(endingText(ending), ending.keepUntil, upTo, limit) as [number][]
    return rows.map(([anonymous]) => anonymous === 1)
  }

  /** Open sessions of which the deadline may have passed, the earliest first. */
  due(now: number, limit: number): readonly SessionRecord[] {
    return this.#numbered(this.#sql.due.all(now, limit)).map(({ record }) => record)
  }

  /** Also notes the last number, where that session goes: nobody gets it again. */
  removeKept(now: number, limit: number): number {
    const last = this.lastSeq()
    const removed = Number(this.#sql.removeKept.run(now, limit).changes)
    if (removed > 0 && this.lastSeq() < last) this.#sql.saveLastRemoved.run(last)
    return removed
  }

  anyDue(now: number): boolean {
    return (this.#sql.anyDue.get(now) as [number])[0] === 1
  }

  epoch(userId: string): UserEpoch {
    const [epoch, endEpoch] = this.#sql.epoch.get(encodeText(userId)) as [number, number]
    return { epoch, endEpoch }
  }

  saveEpoch(userId: string, { epoch, endEpoch }: UserEpoch, forgetAt: number): void {
    this.#sql.saveEpoch.run(encodeText(userId), epoch, endEpoch, forgetAt)
  }

  /** The numbers of users from an encoded id on, in the order of those; `key` is the encoded id. */
  epochs(
    from: string,
    limit: number,
  ): readonly (UserEpoch & { readonly key: string; readonly forgetAt: number | undefined })[] {
    const rows = this.#sql.epochs.all(from, limit) as [string, number, number, number | null][]
    return rows.map(([key, epoch, endEpoch, forgetAt]) => ({ key, epoch, endEpoch, forgetAt: forgetAt ?? undefined }))
  }

  removeEpochs(upTo: number, limit: number): number {
    return Number(this.#sql.removeEpochs.run(upTo, limit).changes)
  }

  /** Removes the numbers of users whose time has come. */
  forgetEpochs(now: number, limit: number): number {
    return Number(this.#sql.forgetEpochs.run(now, limit).changes)
  }

  changes(since: number, limit: number): readonly Change[] {
    const rows = this.#sql.changes.all(since, limit) as ChangeRow[]
    return rows.map(([seq, kind, scope, subject, at, reason, count, keepUntil]) => {
      return { seq, kind, scope, subject: decodeOptional(subject), at, reason, count, keepUntil }
    })
  }

  log({ seq, kind, scope, subject, at, reason, count, keepUntil }: Change): void {
    this.#sql.log.run(seq, kind, scope, encodeOptional(subject), at, reason, count, keepUntil)
  }

  removeChanges(now: number, limit: number): number {
    return Number(this.#sql.removeChanges.run(now, limit).changes)
  }

  /** Until when the log has an entry by `note` of it; 0 where it has none. */
  notedUntil({ scope, subject }: Note): number {
    const row = this.#sql.noted.get(scope, encodeText(subject)) as [number] | undefined
    return row?.[0] ?? 0
  }

  saveNote({ scope, subject, keepUntil }: Note): void {
    this.#sql.saveNote.run(scope, encodeText(subject), keepUntil)
  }

  /** Those whose entries may have left the log. */
  removeNotes(now: number, limit: number): void {
    this.#sql.removeNotes.run(now, limit)
  }

  mark(name: string, at: number): string | null {
    const row = this.#sql.mark.get(encodeText(name), at) as [string] | undefined
    return row === undefined ? null : decodeText(row[0])
  }

  saveMark(name: string, text: string, until: number | null): void {
    this.#sql.saveMark.run(encodeText(name), encodeText(text), until)
  }

  /** Those that count no more. */
  removeMarks(at: number): void {
    this.#sql.removeMarks.run(at)
  }

  ledger(): Ledger {
    const row = this.#sql.ledger.get() as [number, number, number, number, number, number]
    const [anonymous, signedIn, ended, lastEpoch, epochOfAll, lastChange] = row
    return { anonymous, signedIn, ended, lastEpoch, epochOfAll, lastChange }
  }

  saveLedger({ anonymous, signedIn, ended, lastEpoch, epochOfAll, lastChange }: Ledger): void {
    this.#sql.saveLedger.run(anonymous, signedIn, ended, lastEpoch, epochOfAll, lastChange)
  }

  #numbered(rows: readonly unknown[]): readonly Numbered[] {
    return (rows as readonly NumberedRow[]).map(([seq, id, ...row]) => {
      return { seq, record: recordOf(this.#namespace, decodeText(id), row) }
    })
  }
}

type ChangeRow = [number, Change['kind'], Change['scope'], string | null, number, Change['reason'], number, number]

/** The number by which the rows of a namespace are marked; null where it has none yet. */
export function namespaceNumber(database: SqliteDatabase, namespace: string): number | null {
  const find = prepare(database, 'SELECT namespace FROM coatcheck_namespaces WHERE name = ?')
  return (find.get(encodeText(namespace)) as [number] | undefined)?.[0] ?? null
}

/** Gives the namespace a number; does nothing where another process has done so meanwhile. */
export function addNamespace(database: SqliteDatabase, namespace: string): void {
  prepare(database, 'INSERT INTO coatcheck_namespaces (name) VALUES (?) ON CONFLICT DO NOTHING').run(
    encodeText(namespace),
  )
}
