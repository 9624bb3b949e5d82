import { setTimeout as pause } from 'node:timers/promises'

/** How long a request waits for a file that another process has locked, in milliseconds. */
const LONGEST_WAIT = 1_000
/** How long a start waits, where others may be making or changing the tables. */
export const LONGEST_START = 10_000
const LONGEST_PAUSE = 20

const CONSTRAINT = 19
const BUSY: ReadonlySet<number> = new Set([5, 6, 15])

/** SQLite's primary result codes for which the request can do nothing: later, or after somebody's care, it may succeed. */
const OUTAGES: Readonly<Record<number, string>> = {
  3: 'SQLITE_PERM',
  5: 'SQLITE_BUSY',
  6: 'SQLITE_LOCKED',
  7: 'SQLITE_NOMEM',
  8: 'SQLITE_READONLY',
  10: 'SQLITE_IOERR',
  11: 'SQLITE_CORRUPT',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
  15: 'SQLITE_PROTOCOL',
  26: 'SQLITE_NOTADB',
}

/** The accounts cannot be reached: nothing was changed. `code` is SQLite's word for why. */
export class AccountsOutageError extends Error {
  override readonly name = 'AccountsOutageError'
  readonly code: string

  constructor(code: string, cause: unknown) {
    super(`The accounts cannot be reached (${code}).`, { cause })
    this.code = code
  }
}

/** SQLite's result code without its extension (the low byte), 0 where the error is none of SQLite's. */
export function sqliteCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
}

export function isConstraint(error: unknown): boolean {
  return sqliteCode(error) === CONSTRAINT
}

/** Waits where another process has the file locked, without stopping this one, for at most `longest` milliseconds. */
export async function whenFree<T>(task: () => Promise<T>, longest: number): Promise<T> {
  const end = performance.now() + longest
  for (;;) {
    try {
      return await task()
    } catch (error) {
      if (!BUSY.has(sqliteCode(error)) || performance.now() >= end) throw error
      await pause(Math.random() * LONGEST_PAUSE)
    }
  }
}

/** A call for a request: waits a second where the file is locked. @throws AccountsOutageError */
export async function reached<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await whenFree(call, LONGEST_WAIT)
  } catch (error) {
    const code = OUTAGES[sqliteCode(error)]
    throw code === undefined ? error : new AccountsOutageError(code, error)
  }
}
