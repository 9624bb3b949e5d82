import { StoreUnavailableError } from '../../errors.ts'

/** Somebody else's transaction is open on a connection that was passed in: it has to be waited for like a lock. */
export class OccupiedError extends Error {
  override readonly name = 'OccupiedError'
}

const BUSY = 5
const LOCKED = 6
const PROTOCOL = 15

/** Whether the same call may succeed a little later: another connection holds the lock, or ours is in use. */
export function isBusy(error: unknown): boolean {
  if (error instanceof OccupiedError) return true
  const code = primaryCode(error)
  return code === BUSY || code === LOCKED || code === PROTOCOL
}

/** SQLite's result code without its extension, 0 where the error is none of SQLite's. */
function primaryCode(error: unknown): number {
  const code = typeof error === 'object' && error !== null && 'errcode' in error ? error.errcode : 0
  return typeof code === 'number' ? code & 0xff : 0
}

const ADVICE: Readonly<Record<number, string>> = {
  3: 'the process may not read or write the file: check its owner and mode.',
  8: 'the file is read-only: the process must be able to write it and its folder.',
  10: 'the disk failed to read or write: see `cause.errcode` for which.',
  11: 'the file is damaged: restore it from a backup.',
  13: 'the disk is full: make room.',
  14: 'the file cannot be opened: its folder must exist and the process must be able to write there.',
  26: 'the file is no SQLite database: check the path.',
}

const FATAL: ReadonlySet<number> = new Set([10, 11, 14, 26])

/** Whether the connection itself may be at fault, so that the next call had better open another. */
export function isFatal(error: unknown): boolean {
  return FATAL.has(primaryCode(error))
}

/** What callers are told. SQLite's messages name tables and columns, never values, so the cause may be shown. */
export function unavailable(operation: string, cause: unknown): StoreUnavailableError {
  const what = `store.${operation}: SQLite failed`
  // The parser's message quotes what it could not parse, which is somebody's data.
  if (cause instanceof SyntaxError)
    return new StoreUnavailableError(operation, `${what}: a row is damaged.`, { scope: 'call' })
  const advice = ADVICE[primaryCode(cause)] ?? 'see `cause`.'
  return new StoreUnavailableError(operation, `${what}: ${advice}`, { cause })
}
