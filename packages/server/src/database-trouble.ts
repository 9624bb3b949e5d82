import { stat } from 'node:fs/promises'
import { StoreTimeoutError, StoreUnavailableError } from 'coatcheck'
import { sqliteCode } from './accounts/faults.ts'
import { ConfigError } from './config.ts'

const ERROR = 1
const CANTOPEN = 14

const BACKUP = 'restore it from a backup'
const RIGHTS = 'let this user read and write it and its folder'

const LOCKED = ['is locked by another program', 'stop that one'] as const

/** By SQLite's primary result codes: what is wrong with the database, and what to do. */
const TROUBLES: Readonly<Record<number, readonly [wrong: string, remedy: string]>> = {
  3: ['may not be used by this user', RIGHTS],
  5: LOCKED,
  6: LOCKED,
  8: ['is read-only', RIGHTS],
  10: ['cannot be read or written, because the disk fails', 'check the disk'],
  11: ['is damaged', BACKUP],
  13: ['cannot grow, because the disk is full', 'make room'],
  14: ['cannot be opened', RIGHTS],
  15: LOCKED,
  26: ['is no SQLite database', BACKUP],
}

/** A start that the database at `path` is in the way of, in a sentence. What is no trouble of a database is answered as it is. */
export async function databaseTrouble(path: string, error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || error instanceof ConfigError) return error
  const origin = sqliteCode(error) === 0 ? error.cause : error
  const [wrong, remedy] = await explain(path, error, origin)
  if (wrong === '') return error
  return new ConfigError(`The database ${path} ${wrong}: ${remedy}, or name another folder with COATCHECK_DATA.`, {
    cause: error,
  })
}

async function explain(path: string, error: Error, origin: unknown): Promise<readonly [string, string]> {
  const code = sqliteCode(origin)
  if (code === CANTOPEN && (await stat(path).catch(() => null))?.isDirectory()) return ['is a folder', 'move it away']
  // A statement that does not fit the tables that are there.
  if (code === ERROR) return [`has tables that are not Coatcheck's (${String(origin)})`, 'move it away']
  if (error instanceof StoreTimeoutError) return LOCKED
  // The store's own word, such as that the sessions are of a newer version.
  if (code === 0 && error instanceof StoreUnavailableError) {
    return ['cannot be used for sessions', error.message.replace(/\.$/, '')]
  }
  return TROUBLES[code] ?? ['', '']
}
