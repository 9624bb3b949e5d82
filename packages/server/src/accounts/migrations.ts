import { SCHEMA_VERSION } from 'coatcheck/stores/sqlite'
import { sql } from 'kysely'
import { ConfigError } from '../config.ts'
import type { Database } from './database.ts'
import { LONGEST_START } from './faults.ts'
import { type Schema, schemaOf } from './schema.ts'
import { inTransaction } from './transaction.ts'

/** Each brings the tables from the version of its place to the next. Never change one that was released; add another. */
export const MIGRATIONS: readonly ((db: Database) => Promise<void>)[] = [
  async (db) => {
    await db.schema
      .createTable('accounts')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('name_key', 'text', (column) => column.notNull().unique())
      .addColumn('password_hash', 'text', (column) => column.notNull())
      .addColumn('created_at', 'integer', (column) => column.notNull())
      .execute()
  },
  async (db) => {
    for (const column of [
      'password_changed_at INTEGER NOT NULL DEFAULT 0',
      "role TEXT NOT NULL DEFAULT 'user'",
      'email TEXT',
      'email_key TEXT',
      'email_verified INTEGER NOT NULL DEFAULT 0',
      'disabled_at INTEGER',
      'theme TEXT',
      'language TEXT',
    ]) {
      await sql`ALTER TABLE accounts ADD COLUMN ${sql.raw(column)}`.execute(db)
    }
    await sql`UPDATE accounts SET password_changed_at = created_at`.execute(db)
    // Whoever has not shown that an address is theirs does not keep its owner from having it.
    await sql`CREATE UNIQUE INDEX accounts_email ON accounts (email_key) WHERE email_verified = 1`.execute(db)
    await sql`CREATE INDEX accounts_role ON accounts (role)`.execute(db)
    await sql`CREATE TABLE codes (
      hash TEXT PRIMARY KEY NOT NULL, purpose TEXT NOT NULL, account_id TEXT, subject TEXT, expires_at INTEGER NOT NULL
    ) WITHOUT ROWID`.execute(db)
    await sql`CREATE INDEX codes_account ON codes (account_id, purpose)`.execute(db)
    await sql`CREATE TABLE attempts (id INTEGER PRIMARY KEY, key TEXT NOT NULL, at INTEGER NOT NULL)`.execute(db)
    await sql`CREATE INDEX attempts_key ON attempts (key, at)`.execute(db)
    await sql`CREATE INDEX attempts_at ON attempts (at)`.execute(db)
  },
  async (db) => {
    await sql`CREATE TABLE happenings (
      id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, type TEXT NOT NULL, severity TEXT NOT NULL,
      user_id TEXT, session_id TEXT, actor TEXT, detail TEXT NOT NULL
    )`.execute(db)
    for (const columns of ['user_id, id', 'session_id, id', 'type, id', 'at']) {
      const name = `happenings_${columns.split(',', 1)[0]}`
      await sql`CREATE INDEX ${sql.raw(name)} ON happenings (${sql.raw(columns)})`.execute(db)
    }
  },
  async (db) => {
    await sql`ALTER TABLE accounts ADD COLUMN alerts INTEGER NOT NULL DEFAULT 1`.execute(db)
  },
  async (db) => {
    await sql`CREATE TABLE key_uses (
      key_id TEXT PRIMARY KEY NOT NULL, added_at INTEGER NOT NULL, newest_at INTEGER, last_used_at INTEGER
    ) WITHOUT ROWID`.execute(db)
    await sql`ALTER TABLE accounts_schema ADD COLUMN sessions_kept INTEGER NOT NULL DEFAULT 0`.execute(db)
  },
  async (db) => {
    // Read from the detail when asked for, so that what happened before is found as well.
    for (const column of ['device', 'network', 'reason']) {
      await sql`ALTER TABLE happenings ADD COLUMN ${sql.raw(column)} TEXT
        GENERATED ALWAYS AS (detail ->> ${sql.raw(`'$.${column}'`)}) VIRTUAL`.execute(db)
    }
    for (const [column, type] of [
      ['user_id', 'signed-in'],
      ['device', 'signed-in'],
      ['network', 'signed-in'],
      ['reason', 'ended'],
    ]) {
      const name = `happenings_${type?.replace('-', '_')}_${column}`
      await sql`CREATE INDEX ${sql.raw(name)} ON happenings (${sql.raw(`${column}, id`)})
        WHERE type = ${sql.raw(`'${type}'`)}`.execute(db)
    }
  },
  async (db) => {
    await sql`CREATE TABLE figures (
      step INTEGER NOT NULL, at INTEGER NOT NULL, name TEXT NOT NULL, label TEXT NOT NULL, value INTEGER NOT NULL,
      PRIMARY KEY (step, at, name, label)
    ) WITHOUT ROWID`.execute(db)
  },
  async (db) => {
    await sql`CREATE TABLE sent_forms (
      id TEXT PRIMARY KEY NOT NULL, fields TEXT NOT NULL, owner TEXT NOT NULL, answer TEXT, until INTEGER NOT NULL
    ) WITHOUT ROWID`.execute(db)
    await sql`CREATE INDEX sent_forms_until ON sent_forms (until)`.execute(db)
  },
]

/** The versions that this Coatcheck works with. */
export const LATEST: Schema = { accounts: MIGRATIONS.length, sessions: SCHEMA_VERSION }

const KEPT = "SELECT count(*) FROM pragma_table_info('accounts_schema') WHERE name = 'sessions_kept'"

/** Keeps a copy of the database as it is, while nobody writes to it. */
export type KeepBefore = (old: Schema) => Promise<void>

/**
 * Brings the tables up to date; two processes that start at once do it one after the other. Before it changes tables that
 * are there, `keep` is called, in one of the processes; also where only the sessions' tables are old, which are changed
 * when they are first used. @throws ConfigError
 */
export async function migrate(
  db: Database,
  keep: KeepBefore = async () => undefined,
  steps = MIGRATIONS,
): Promise<void> {
  await inTransaction(db, LONGEST_START, (connection) => migrateInside(connection, keep, steps))
}

async function migrateInside(db: Database, keep: KeepBefore, steps: typeof MIGRATIONS): Promise<void> {
  await sql`CREATE TABLE IF NOT EXISTS accounts_schema (version INTEGER NOT NULL)`.execute(db)
  const old = await schemaOf((query) => numberOf(db, query))
  const { accounts: version, sessions } = old
  if (version > steps.length) {
    throw new ConfigError(
      `The database was made by a newer Coatcheck (accounts schema ${version}, this one knows ${steps.length}): start the newer one, or name another folder with COATCHECK_DATA.`,
    )
  }
  const isOld = version > 0 && version < steps.length
  const areSessionsOld = sessions > 0 && sessions < LATEST.sessions
  const remembersKept = (await numberOf(db, KEPT)) > 0
  const isKept = remembersKept && (await numberOf(db, 'SELECT sessions_kept FROM accounts_schema')) === sessions
  if (isOld || (areSessionsOld && !isKept)) await keep(old)
  for (const step of steps.slice(version)) await step(db)
  if (version === 0) await db.insertInto('accounts_schema').values({ version: steps.length }).execute()
  else if (isOld) await db.updateTable('accounts_schema').set({ version: steps.length }).execute()
  // Others that start now find the accounts new and the sessions still old, and need not keep them once more.
  if (areSessionsOld && !isKept) await sql`UPDATE accounts_schema SET sessions_kept = ${sessions}`.execute(db)
}

async function numberOf(db: Database, query: string): Promise<number> {
  const { rows } = await sql.raw<Record<string, number>>(query).execute(db)
  return Object.values(rows[0] ?? {})[0] ?? 0
}
