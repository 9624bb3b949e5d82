import { CoatcheckError, type SessionEvent } from 'coatcheck'
import { outageResponse } from 'coatcheck/adapters/fetch'
import { pino } from 'pino'
import { AccountsOutageError } from './accounts/faults.ts'
import { BusyError } from './accounts/password-queue.ts'
import type { LogLevel } from './config/settings.ts'
import { MailError } from './mail/mail-error.ts'
import { storeTrouble } from './session-store/store-trouble.ts'

/** What the operator is told, as one JSON object a line. Holds no password, token, code or cookie. */
export interface Log {
  /** A fault that nobody foresaw, each time. */
  readonly fault: (method: string, path: string, error: Error) => void
  /** Something that repeats while it lasts: one line for each kind in ten seconds. `kind`: by default the event. */
  readonly notice: (event: string, detail: string, kind?: string) => void
  /** A request that was answered; at the level `debug`. `path` without its query. */
  readonly request: (request: AnsweredRequest) => void
  /** What the server does by itself. */
  readonly info: (text: string) => void
}

export interface AnsweredRequest {
  readonly method: string
  readonly path: string
  readonly status: number
  /** Whole milliseconds. */
  readonly took: number
  /** The session's public id, where the request asked for its session. */
  readonly session: string | null
}

interface LogStream {
  readonly write: (text: string) => unknown
}

const QUIET = 10_000

const standardError: LogStream = { write: (text) => process.stderr.write(text) }

/** Lines for people on a terminal, for programs elsewhere. */
export async function logStream(): Promise<LogStream> {
  if (!process.stderr.isTTY) return standardError
  const { default: pretty } = await import('pino-pretty')
  return pretty({ destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' })
}

export function makeLog(level: LogLevel, stream: LogStream = standardError, now: () => number = Date.now): Log {
  const lines = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  )
  /** By kind, of which there are few: when the last line was written. */
  const written = new Map<string, number>()
  return {
    fault(method, path, error) {
      lines.error({ method, path, err: error }, `${method} ${path} failed`)
    },
    notice(event, detail, kind = event) {
      const before = written.get(kind)
      if (before !== undefined && now() - before < QUIET) return
      written.set(kind, now())
      lines.warn({ event, detail }, `${event}: ${detail}`)
    },
    request(request) {
      if (lines.isLevelEnabled('debug')) lines.debug(request, `${request.method} ${request.path} ${request.status}`)
    },
    info(text) {
      lines.info(text)
    },
  }
}

/** Whether the error is one after which the same request may succeed a little later; then it is logged. */
export function noticeOutage(log: Pick<Log, 'notice'>, error: unknown): boolean {
  if (error instanceof AccountsOutageError) log.notice('accounts-failed', error.code)
  else if (error instanceof MailError) log.notice('mail-failed', error.code)
  else if (error instanceof BusyError) log.notice('passwords-waiting', 'more than this machine can check in time')
  else if (outageResponse(error) !== null && error instanceof CoatcheckError) noticeStore(log, error)
  else return false
  return true
}

/** Each reason is a kind, of which there are few: that the store is not asked meanwhile must not hide why. */
function noticeStore(log: Pick<Log, 'notice'>, error: CoatcheckError): void {
  const why = storeTrouble(error)
  log.notice('store-failed', `${error.code}: ${why}`, `store-failed ${why}`)
}

/** What the sessions have to say to an operator: their events, and what the library warns of. */
export interface Telling {
  readonly event: (event: SessionEvent) => void
  readonly warn: (text: string) => void
}

/**
 * The library warns of what it has just emitted an event of, before it does anything else. Where the log has told the event in
 * the words of the settings, the warning would say it again in those of the library's options.
 */
export function makeTelling(log: Log): Telling {
  let isTold = false
  return {
    event(event) {
      isTold = noticeEvent(log, event) && WARNED_OF.has(event.type)
      if (isTold)
        queueMicrotask(() => {
          isTold = false
        })
    },
    warn(text) {
      if (!isTold) log.notice('library-warned', text, text)
    },
  }
}

/** The events that the library also warns of. */
const WARNED_OF: ReadonlySet<SessionEvent['type']> = new Set(['csrf-blocked', 'cookie-withheld'])

/** Tells the events of sessions that an operator has to see, and says whether this is one; those of everyday use are none. */
export function noticeEvent(log: Log, event: SessionEvent): boolean {
  const detail = detailOf(event)
  if (detail !== null) log.notice(event.type, detail)
  return detail !== null
}

function detailOf(event: SessionEvent): string | null {
  if (event.type === 'store-failed') return `${event.code ?? 'unknown'} (${event.operation})`
  if (event.type === 'store-out' || event.type === 'store-back') return event.operation
  if (event.type === 'sign-out-unconfirmed') return event.isWaiting ? 'tried again' : 'not tried again'
  if (event.type === 'record-damaged') return event.sessionId
  if (event.type === 'answer-broken') return event.code ?? 'unknown'
  if (event.type === 'key-used') return `${event.keyId}, which is not the newest`
  if (event.type === 'cookie-withheld') return event.why
  return event.type === 'csrf-blocked' ? foreignOf(event) : null
}

/** By which refusals a page of somebody else is known, that a setting can allow. */
const FOREIGN: ReadonlySet<string> = new Set(['same-site', 'cross-site', 'foreign-origin'])

/** The library's warning names its own options; who runs the server has settings. */
function foreignOf({ reason, origin }: SessionEvent & { readonly type: 'csrf-blocked' }): string | null {
  if (!FOREIGN.has(reason) || origin === null || origin === 'null') return null
  const what = `a page of ${origin} was refused (${reason})`
  return `${what}. Where it is this server, set COATCHECK_ORIGIN; where you trust it, COATCHECK_TRUSTED_ORIGINS`
}
