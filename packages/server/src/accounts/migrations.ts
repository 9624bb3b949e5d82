import { sql } from 'kysely'
import { ConfigError } from '../config.ts'
import type { Database } from './database.ts'
import { LONGEST_START, whenFree } from './faults.ts'

/** Each brings the tables from the version of its place to the next. Never change one that was released; add another. */
const MIGRATIONS: readonly ((db: Database) => Promise<void>)[] = [
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
]

/** Brings the tables up to date; two processes that start at once do it one after the other. @throws ConfigError */
export async function migrate(db: Database): Promise<void> {
  await whenFree(() => db.connection().execute(migrateLocked), LONGEST_START)
}

async function migrateLocked(connection: Database): Promise<void> {
  await sql`BEGIN IMMEDIATE`.execute(connection)
  try {
    await migrateInside(connection)
    await sql`COMMIT`.execute(connection)
  } catch (error) {
    // Some failures (a full disk, for one) have ended the transaction already; what failed first is what matters.
    await sql`ROLLBACK`.execute(connection).catch(() => undefined)
    throw error
  }
}

async function migrateInside(db: Database): Promise<void> {
  await sql`CREATE TABLE IF NOT EXISTS accounts_schema (version INTEGER NOT NULL)`.execute(db)
  const row = await db.selectFrom('accounts_schema').select('version').executeTakeFirst()
  const version = row?.version ?? 0
  if (version > MIGRATIONS.length) {
    throw new ConfigError(
      `The database was made by a newer Coatcheck (accounts schema ${version}, this one knows ${MIGRATIONS.length}): start the newer one, or name another folder with COATCHECK_DATA.`,
    )
  }
  for (const step of MIGRATIONS.slice(version)) await step(db)
  if (row === undefined) await db.insertInto('accounts_schema').values({ version: MIGRATIONS.length }).execute()
  else await db.updateTable('accounts_schema').set({ version: MIGRATIONS.length }).execute()
}
