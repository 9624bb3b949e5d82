import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { type Generated, type GeneratedAlways, Kysely, SqliteDialect } from 'kysely'
import { LONGEST_START, whenFree } from './faults.ts'
import type { Language, Theme } from './preferences.ts'

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
    password_changed_at: number
    role: string
    /** As the person wrote it; null where there is none. */
    email: string | null
    /** For comparing; unique among those that are verified. */
    email_key: string | null
    email_verified: 0 | 1
    /** Null: the account may be used. */
    disabled_at: number | null
    /** Null: as the browser prefers. */
    theme: Theme | null
    language: Language | null
    /** Whether its owner is told by mail of new devices and of changes of the password. */
    alerts: 0 | 1
  }
  /** What a link in a mail or a printed code proves; used once. */
  codes: {
    /** SHA-256 of the code, in hex: nobody who reads the table can use it. */
    hash: string
    purpose: string
    /** Null where the code is nobody's yet. */
    account_id: string | null
    /** What it is about, such as the address that it verifies. */
    subject: string | null
    expires_at: number
  }
  /** What counts against a limit: one row for each. */
  attempts: {
    id: Generated<number>
    key: string
    at: number
  }
  /** The account of what happened. */
  happenings: {
    /** Never used again, so that who reads on from one misses none. */
    id: Generated<number>
    at: number
    type: string
    severity: string
    user_id: string | null
    session_id: string | null
    actor: string | null
    /** JSON. */
    detail: string
    /** Those of the detail, for finding sessions; null where it has none. Likewise the next two. */
    device: GeneratedAlways<string | null>
    network: GeneratedAlways<string | null>
    reason: GeneratedAlways<string | null>
  }
  /** What is remembered of signing keys, by their fingerprints. */
  key_uses: {
    key_id: string
    added_at: number
    /** Null where it is not the newest. */
    newest_at: number | null
    last_used_at: number | null
  }
  /** Numbers over time, for the console's charts. */
  figures: {
    /** How long it is counted for, in milliseconds. */
    step: number
    /** When the step begins. */
    at: number
    /** What was counted, and which of it. */
    name: string
    label: string
    value: number
  }
  /** Forms that were sent within the last minute, with what was answered. */
  sent_forms: {
    /** Derived from secrets of the browser and of the form, as the two below are. */
    id: string
    /** A MAC of what was typed. */
    fields: string
    /** Which post the row is of. */
    owner: string
    /** Encrypted; null while the form is being worked on. */
    answer: string | null
    until: number
  }
  accounts_schema: { version: Generated<number> }
}

export type Database = Kysely<Tables>

/**
 * Opens the accounts in a SQLite file. Of several servers that start at once, one makes the file and the others wait:
 * changing the journal's mode needs the whole file.
 */
export async function openDatabase(path: string): Promise<Database> {
  const database = await whenFree(async () => configured(new DatabaseSync(path, { timeout: 0 })), LONGEST_START)
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: shim(database) }) })
}

function configured(database: DatabaseSync): DatabaseSync {
  try {
    // NORMAL in WAL mode: a killed process loses nothing that was committed; only a power cut may lose the last moments.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON')
    return database
  } catch (error) {
    database.close()
    throw error
  }
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
