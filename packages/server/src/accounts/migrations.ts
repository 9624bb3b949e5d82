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
