import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createSessions } from 'coatcheck'
import { sqliteStore } from 'coatcheck/stores/sqlite'
import { sqliteCode } from '../accounts/faults.ts'
import { LATEST } from '../accounts/migrations.ts'
import { type Schema, schemaOf } from '../accounts/schema.ts'
import { ConfigError } from '../config.ts'
import type { DataFolder } from '../data-folder.ts'
import { BY_ADMINISTRATOR } from '../ending-text.ts'
import { keysOf, newKey, syncFolder, writeKeys } from '../keys/key-file.ts'
import { isThere } from './backing-up.ts'
import { copyDatabase, type Far, faultsOf } from './copying.ts'

const BUSY = 5
const NO_DATABASE = 26

/** Beside the database while another one is put in its place. */
export const markOf = (database: string) => `${database}.restoring`

/** Why a file cannot be restored; null where it can. */
export async function whyNotRestorable(path: string): Promise<string | null> {
  if (!(await isThere(path))) return 'is not there'
  try {
    const [fault] = faultsOf(path)
    if (fault !== undefined) return `is damaged: ${fault}`
  } catch (error) {
    const code = sqliteCode(error)
    return code === NO_DATABASE ? 'is no SQLite database' : `cannot be read (${String(error)})`
  }
  const { accounts, sessions } = await schemaAt(path)
  if (accounts === 0) return 'holds no accounts of Coatcheck'
  const isNewer = accounts > LATEST.accounts || sessions > LATEST.sessions
  return isNewer ? 'was made by a newer Coatcheck: restore it with that one' : null
}

/** Which versions the tables of a database have that may not be ours. */
export async function schemaAt(path: string): Promise<Schema> {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    return await schemaOf((query) => Number(Object.values(database.prepare(query).get() ?? {})[0] ?? 0))
  } finally {
    database.close()
  }
}

/** Whether a program has the database open, such as a server that runs. */
export function isInUse(path: string): boolean {
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    // In this mode SQLite wants the whole file, which nobody gets while another connection to it is open.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT')
    return false
  } catch (error) {
    // One that is damaged is nobody's, and the reason to restore.
    return sqliteCode(error) === BUSY
  } finally {
    database.close()
  }
}

export interface Restored {
  /** Where the database of before lies now. */
  readonly kept: string
  /** How many sessions of the backup were ended; null where they were kept. */
  readonly ended: number | null
}

/**
 * Puts a copy of the backup in the place of the database; null where a server runs. Its sessions are ended before it is
 * there, unless they are to be kept: those that have ended since the backup would be alive again. A server that starts
 * meanwhile finds the mark, and does not. Broken off, it can be done again.
 */
export async function restore(
  folder: Pick<DataFolder, 'database'>,
  backup: string,
  far: Far,
  keepsSessions: boolean,
): Promise<Restored | null> {
  const { database } = folder
  const draft = `${database}.${randomBytes(6).toString('hex')}`
  await copyDatabase(backup, draft, far)
  try {
    const ended = keepsSessions ? null : await endSessionsIn(draft)
    await setMark(database)
    if (isInUse(database)) {
      await rm(markOf(database), { force: true })
      return null
    }
    const kept = await freeName(`${database}.before-restore`)
    // The log first: a database without it is whole but old, a log without its database is nothing.
    for (const part of ['-wal', '-shm', '']) await renameIfThere(`${database}${part}`, `${kept}${part}`)
    await rename(draft, database)
    await syncFolder(dirname(database))
    await rm(markOf(database))
    return { kept, ended }
  } finally {
    for (const part of ['', '-wal', '-shm']) await rm(`${draft}${part}`, { force: true })
  }
}

/** Ends every session in a database that nobody else has open, and brings the tables of sessions up to date for it. */
async function endSessionsIn(path: string): Promise<number> {
  if ((await schemaAt(path)).sessions === 0) return 0
  // A key is asked for, and none is used: no token is read or made.
  const sessions = createSessions({ store: sqliteStore(path), keys: newKey() })
  try {
    return await sessions.revokeAll(BY_ADMINISTRATOR)
  } finally {
    await sessions.close()
    const database = new DatabaseSync(path)
    // The file alone is put in place: what is in a log beside it would be lost.
    database.exec('PRAGMA journal_mode = DELETE')
    database.close()
  }
}

/** Adds the keys of a backup to those of the folder, in front: with them its sessions were signed. */
export async function restoreKeys(folder: DataFolder, restored: readonly string[]): Promise<void> {
  const others = keysOf(folder.keys).filter((key) => !restored.includes(key))
  await writeKeys(folder.keyFile, [...restored, ...others])
}

/** To be asked when the database is open: whoever has it open is seen by the restoring, or sees its mark. @throws ConfigError */
export async function refuseWhileRestoring(database: string): Promise<void> {
  if (!(await isThere(markOf(database)))) return
  throw new ConfigError(
    `A backup is being restored to ${database}, or that was broken off: wait for it, or run coatcheck restore again.`,
  )
}

async function setMark(database: string): Promise<void> {
  const file = await open(markOf(database), 'w', 0o600)
  await file.sync()
  await file.close()
}

async function freeName(wanted: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted}-${number}`
    if (!(await isThere(name))) return name
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  if (await isThere(from)) await rename(from, to)
}
