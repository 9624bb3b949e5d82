import { open, rm } from 'node:fs/promises'
import { backup, DatabaseSync } from 'node:sqlite'
import { sqliteCode } from '../accounts/faults.ts'

/** Pages between two looks at how far it is; another connection may write meanwhile. */
const PAGES = 1_000
const LONGEST_WAIT = 5_000
const CORRUPT = 11

export type Far = (done: number, total: number) => void

/**
 * Copies a SQLite database as it is at one moment, whatever is written to it meanwhile, into a new file that is its
 * owner's alone and complete by itself. Throws, and leaves no file, where the copy is not sound.
 */
export async function copyDatabase(from: string, to: string, far: Far = () => undefined): Promise<void> {
  await (await open(to, 'wx', 0o600)).close()
  try {
    await copy(from, to, far)
    const faults = faultsOf(to)
    if (faults.length > 0) throw new DamagedError(from, faults)
    const file = await open(to, 'r+')
    try {
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    await rm(to, { force: true })
    throw error
  }
}

async function copy(from: string, to: string, far: Far): Promise<void> {
  const source = new DatabaseSync(from, { readOnly: true, timeout: LONGEST_WAIT })
  try {
    // One moment for all steps: else a write of another process would begin the copy anew, again and again under load.
    source.exec('BEGIN')
    source.prepare('SELECT count(*) FROM sqlite_schema').get()
    await backup(source, to, {
      rate: PAGES,
      progress: ({ totalPages, remainingPages }) => far(totalPages - remainingPages, totalPages),
    })
  } finally {
    source.close()
  }
  const copied = new DatabaseSync(to)
  try {
    // A write-ahead log beside it could be lost on the way.
    copied.exec('PRAGMA journal_mode = DELETE')
  } finally {
    copied.close()
  }
}

/** A database that is not sound. */
export class DamagedError extends Error {
  override readonly name = 'DamagedError'

  constructor(path: string, faults: readonly string[]) {
    super(`The database ${path} is damaged: ${faults[0]}`)
  }
}

/** What SQLite finds wrong with a database; none where it is sound. Throws where it is no database at all. */
export function faultsOf(path: string): readonly string[] {
  const database = new DatabaseSync(path, { readOnly: true, timeout: LONGEST_WAIT })
  try {
    const rows = database.prepare('PRAGMA integrity_check(10)').all()
    return rows.map((row) => String(Object.values(row)[0])).filter((text) => text !== 'ok')
  } catch (error) {
    // So damaged that it cannot even be looked at.
    if (sqliteCode(error) === CORRUPT && error instanceof Error) return [error.message]
    throw error
  } finally {
    database.close()
  }
}
