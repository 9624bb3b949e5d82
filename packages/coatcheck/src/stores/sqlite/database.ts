import { createRequire, isBuiltin } from 'node:module'
import { OptionError } from '../../errors.ts'
import { OccupiedError } from './faults.ts'
import type { Value } from './rows.ts'

const { DatabaseSync } = nodeSqlite()

/** Asked for instead of imported: an import of what an older Node lacks fails without a word of which Node it takes. */
function nodeSqlite(): typeof import('node:sqlite') {
  if (isBuiltin('node:sqlite')) return createRequire(import.meta.url)('node:sqlite')
  throw new OptionError('coatcheck/stores/sqlite', 'it needs Node 22.18 or newer: this one has no node:sqlite.')
}

/** What the store needs of a statement of `node:sqlite`. */
export interface SqliteStatement {
  get(...values: Value[]): unknown
  all(...values: Value[]): unknown[]
  run(...values: Value[]): { readonly changes: number | bigint }
  setReturnArrays(enabled: boolean): void
  setReadBigInts(enabled: boolean): void
}

/** What the store needs of a database of `node:sqlite`: a `DatabaseSync` has it. */
export interface SqliteDatabase {
  readonly isTransaction: boolean
  exec(sql: string): void
  prepare(sql: string): SqliteStatement
  close(): void
  /** The path of the file; null where the database lies in memory. */
  location?(): string | null
}

/** How much of what was acknowledged outlives a loss of power; see `SqliteStoreOptions.synchronous`. */
export type Synchronous = 'normal' | 'full'

const MEGABYTE = 1024 * 1024

/**
 * Opens the file with the settings of a session store. No call waits for a lock (`busy_timeout` 0), because waiting
 * there would stop the whole process; `secure_delete` overwrites what an ended session held; the memory map saves a read
 * the copying of its page.
 */
export function openDatabase(path: string, synchronous: Synchronous): SqliteDatabase {
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec(`
      PRAGMA busy_timeout = 0;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = ${synchronous};
      PRAGMA mmap_size = ${256 * MEGABYTE};
      PRAGMA journal_size_limit = ${64 * MEGABYTE};
      PRAGMA secure_delete = FAST;
    `)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** A statement whose rows are arrays and whose numbers are numbers, whatever the database was opened with. */
export function prepare(database: SqliteDatabase, sql: string): SqliteStatement {
  const statement = database.prepare(sql)
  statement.setReturnArrays(true)
  statement.setReadBigInts(false)
  return statement
}

/** Runs `work` in one write transaction: all of it or nothing. Everything in it is synchronous, so nobody gets between. */
export function inTransaction<T>(database: SqliteDatabase, work: () => T): T {
  if (database.isTransaction) throw new OccupiedError('A transaction of the application is open on this connection.')
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    // Some failures (a full disk, for one) have ended the transaction already.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
