import { sql } from 'kysely'
import type { Database } from './database.ts'
import { whenFree } from './faults.ts'

/**
 * Runs `work` while nobody else writes to the file, in any process, and all of its changes or none are made. Waits for its
 * turn at most `longest` milliseconds.
 */
export async function inTransaction<T>(
  db: Database,
  longest: number,
  work: (connection: Database) => Promise<T>,
): Promise<T> {
  return await whenFree(() => db.connection().execute((connection) => locked(connection, work)), longest)
}

async function locked<T>(connection: Database, work: (connection: Database) => Promise<T>): Promise<T> {
  await sql`BEGIN IMMEDIATE`.execute(connection)
  try {
    const result = await work(connection)
    await sql`COMMIT`.execute(connection)
    return result
  } catch (error) {
    // Some failures (a full disk, for one) have ended the transaction already; what failed first is what matters.
    await sql`ROLLBACK`.execute(connection).catch(() => undefined)
    throw error
  }
}
