import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Database, openDatabase } from '../../../src/accounts/database.ts'
import { migrate } from '../../../src/accounts/migrations.ts'

/** A path for a database, removed when the test is over. */
export function dataFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-accounts-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'coatcheck.db')
}

/** Tables in a file of their own. */
export async function tables(): Promise<Database> {
  const db = await openDatabase(dataFile())
  onTestFinished(() => db.destroy())
  await migrate(db)
  return db
}
