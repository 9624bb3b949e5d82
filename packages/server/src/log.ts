import { CoatcheckError, type SessionEvent } from 'coatcheck'
import { outageResponse } from 'coatcheck/adapters/fetch'
import { AccountsOutageError } from './accounts/faults.ts'
import { BusyError } from './accounts/passwords.ts'
import { MailError } from './mail/mail.ts'

/** What the operator is told. Holds no password, token or cookie. */
export interface Log {
  /** A fault that nobody foresaw, each time. */
  readonly fault: (method: string, path: string, error: Error) => void
  /** Something that repeats while it lasts: one line for each kind in ten seconds. */
  readonly notice: (kind: string, detail: string) => void
}

const QUIET = 10_000

export function makeLog(
  write: (text: string) => unknown = (text) => process.stderr.write(text),
  now: () => number = Date.now,
): Log {
  /** By kind, of which there are few: when the last line was written. */
  const written = new Map<string, number>()
  const time = () => new Date(now()).toISOString()
  return {
    fault(method, path, error) {
      write(`${time()} ${method} ${path}: ${error.stack ?? error.message}\n`)
    },
    notice(kind, detail) {
      const before = written.get(kind)
      if (before !== undefined && now() - before < QUIET) return
      written.set(kind, now())
      write(`${time()} ${kind}: ${detail}\n`)
    },
  }
}

/** Whether the error is one after which the same request may succeed a little later; then it is logged. */
export function noticeOutage(log: Log, error: unknown): boolean {
  if (error instanceof AccountsOutageError) log.notice('accounts-failed', error.code)
  else if (error instanceof MailError) log.notice('mail-failed', error.code)
  else if (error instanceof BusyError) log.notice('passwords-waiting', 'more than this machine can check in time')
  else if (outageResponse(error) !== null && error instanceof CoatcheckError) log.notice('store-failed', error.code)
  else return false
  return true
}

/** The events of sessions that an operator has to see; those of everyday use are none of them. */
export function noticeEvent(log: Log, event: SessionEvent): void {
  if (event.type === 'store-failed') log.notice(event.type, `${event.code ?? 'unknown'} (${event.operation})`)
  if (event.type === 'answer-broken') log.notice(event.type, event.code ?? 'unknown')
  if (event.type === 'key-used') log.notice(event.type, `${event.keyId}, which is not the newest`)
  if (event.type === 'cookie-withheld') log.notice(event.type, event.why)
}
