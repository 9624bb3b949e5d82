import { rename, rm } from 'node:fs/promises'
import type { Schema } from '../accounts/schema.ts'
import type { Log } from '../log.ts'
import { copyDatabase } from './copying.ts'

/** The name of the copy that is kept before tables of these versions are changed: of the accounts, then of the sessions. */
export const keptName = (database: string, { accounts, sessions }: Schema): string =>
  `${database}.v${accounts}.${sessions}.backup`

/** Keeps the database as it is. One of the same versions, from an earlier time, is replaced. */
export async function keepBeforeMigrating(database: string, old: Schema, log: Log): Promise<void> {
  const path = keptName(database, old)
  const draft = `${path}.part`
  await rm(draft, { force: true })
  await copyDatabase(database, draft)
  await rename(draft, path)
  log.info(`The tables are of an earlier version and are changed; the database as it was is kept at ${path}`)
}
