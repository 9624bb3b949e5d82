import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { type Generated, Kysely, SqliteDialect } from 'kysely'

/** The tables of the accounts; sessions have their own, in the same file. */
export interface Tables {
  accounts: {
    id: string
    /** As the person wrote it. */
    name: string
    /** For comparing: without regard to case. */
    name_key: string
    password_hash: string
    created_at: number
  }
  accounts_schema: { version: Generated<number> }
}

export type Database = Kysely<Tables>

const BUSY = 5
const LONGEST_WAIT = 1_000
const LONGEST_PAUSE = 20

/** Opens the accounts in a SQLite file. */
export function openDatabase(path: string): Database {
  const database = new DatabaseSync(path)
  // NORMAL in WAL mode: a killed process loses nothing that was committed; only a power cut may lose the last moments.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON')
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: shim(database) }) })
}

/** Kysely knows the statements of better-sqlite3; those of `node:sqlite` take spread parameters and have no `reader`. */
function shim(database: DatabaseSync) {
  return {
    close: () => database.close(),
    prepare(sql: string) {
      const statement = database.prepare(sql)
      const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[]
      return {
        reader: statement.columns().length > 0,
        all: (parameters: readonly unknown[]) => statement.all(...values(parameters)),
        run: (parameters: readonly unknown[]) => statement.run(...values(parameters)),
        iterate: (parameters: readonly unknown[]) => statement.iterate(...values(parameters)),
      }
    },
  }
}

export function isSqliteError(error: unknown, code: number): boolean {
  // Extended codes carry the primary one in their low byte.
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === code
}

/** Waits where another process writes, without stopping this one, for at most a second. */
export async function whenFree<T>(task: () => Promise<T>): Promise<T> {
  const end = performance.now() + LONGEST_WAIT
  for (;;) {
    try {
      return await task()
    } catch (error) {
      if (!isSqliteError(error, BUSY) || performance.now() >= end) throw error
      await pause(Math.random() * LONGEST_PAUSE)
    }
  }
}
