import {
  CSRF_DETAIL,
  CSRF_VARY,
  type ErrorCode,
  internalProblem,
  makeProblem,
  PROBLEMS,
  type Problem,
} from './errors/problem.ts'

export type { ErrorCode } from './errors/problem.ts'

/**
 * The base of every error that Coatcheck throws. What frameworks and error handlers read and assign are properties of its own,
 * as those of `http-errors` are.
 */
export abstract class CoatcheckError extends Error {
  readonly code: ErrorCode
  /** The status of its answer; the error handlers of Express, Koa and Fastify read it or `statusCode`, and the headers. */
  status: number
  statusCode: number
  headers: Readonly<Record<string, string>>
  /** Whether its message may be shown to the client: that of a status below 500. */
  expose: boolean

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    const { status, headers } = PROBLEMS[code] ?? internalProblem
    this.code = code
    this.status = status
    this.statusCode = status
    this.headers = { ...headers }
    this.expose = status < 500
    Object.defineProperty(this, 'name', { value: new.target.name, writable: true, configurable: true })
  }

  /** Its answer, or null where the client need not know more than that the server failed. */
  get problem(): Problem | null {
    return PROBLEMS[this.code] ?? null
  }

  /** Its answer as Hono's own error handler asks for it. */
  getResponse(): Response {
    const { body, status, headers } = this.problem ?? internalProblem
    return new Response(body, { status, headers })
  }
}

/** An option is missing, out of its range or at odds with another one. `option` is its path, as in `policy.idle`. */
export class OptionError extends CoatcheckError {
  declare readonly code: 'ERR_OPTION'
  readonly option: string

  constructor(option: string, message: string) {
    super('ERR_OPTION', `${option}: ${message}`)
    this.option = option
  }
}

/** A signing key is missing, too short, a placeholder, or twice in the ring. */
export class KeyError extends CoatcheckError {
  declare readonly code: 'ERR_KEY'

  constructor(message: string, options?: ErrorOptions) {
    super('ERR_KEY', message, options)
  }
}

/** What makes data unfit to be stored. */
export type DataFault = 'type' | 'cycle' | 'depth' | 'key' | 'keys' | 'size' | 'schema' | 'migration'

/**
 * Session data cannot be stored (or an old record cannot be brought to the present schema). `key` is the top-level key,
 * `path` where in it the fault lies (`cart[3].price`); values are never named.
 */
export class DataError extends CoatcheckError {
  declare readonly code: 'ERR_DATA'
  readonly fault: DataFault
  readonly key: string | null
  readonly path: string

  constructor(fault: DataFault, key: string | null, path: string, message: string, options?: ErrorOptions) {
    super('ERR_DATA', message, options)
    this.fault = fault
    this.key = key
    this.path = path
  }
}

/**
 * A newer version of the application has written the session's data, as during a deployment, and this one would write over
 * it by its own idea of their shape. Nothing was written. `stored` is the version of the data, `known` that of `data.version`.
 */
export class NewerDataError extends CoatcheckError {
  declare readonly code: 'ERR_NEWER_DATA'
  readonly stored: number
  readonly known: number

  constructor(stored: number, known: number) {
    super(
      'ERR_NEWER_DATA',
      `session.data is of version ${stored} and this process knows version ${known}: it may read it, and writes nothing. ` +
        'Let the client try again, until the newer version of the application answers.',
    )
    this.stored = stored
    this.known = known
  }
}

/** Of `StoreUnavailableError` and `StoreTimeoutError`. */
export interface StoreFaultOptions extends ErrorOptions {
  /** Default: `store`. */
  readonly scope?: 'store' | 'call' | undefined
}

/**
 * The store answered with a failure: nothing was changed by this call. `operation` is the method of the store. `scope` is
 * `store` where other calls would fail too, and `call` where it refused this one alone, such as one of a damaged record: then
 * it does not count as being out.
 */
export class StoreUnavailableError extends CoatcheckError {
  declare readonly code: 'ERR_STORE_UNAVAILABLE'
  readonly operation: string
  readonly scope: 'store' | 'call'

  constructor(operation: string, message: string, { scope = 'store', ...options }: StoreFaultOptions = {}) {
    super('ERR_STORE_UNAVAILABLE', message, options)
    this.operation = operation
    this.scope = scope
  }
}

/**
 * The store did not answer within its limit. `outcome` is `unknown` where a write may still have happened (each store
 * operation is idempotent, so repeating it is safe) and `none` where it certainly did not. `scope` is `call` where it did answer,
 * and what was asked for was not reached in time, such as an ending's replicas: then it does not count as being out.
 */
export class StoreTimeoutError extends CoatcheckError {
  declare readonly code: 'ERR_STORE_TIMEOUT'
  readonly operation: string
  readonly outcome: 'unknown' | 'none'
  readonly scope: 'store' | 'call'

  constructor(
    operation: string,
    outcome: 'unknown' | 'none',
    message: string,
    { scope = 'store', ...options }: StoreFaultOptions = {},
  ) {
    super('ERR_STORE_TIMEOUT', message, options)
    this.operation = operation
    this.outcome = outcome
    this.scope = scope
  }
}

/** The store holds as many sessions as it may. Signed-in sessions were left alone. */
export class StoreFullError extends CoatcheckError {
  declare readonly code: 'ERR_STORE_FULL'

  constructor(message: string, options?: ErrorOptions) {
    super('ERR_STORE_FULL', message, options)
  }
}

/**
 * The visitor's cookie goes with this answer, but the store was out or full and could not confirm that the session has ended. This
 * process tries again until it is confirmed (event `sign-out-unconfirmed`, then `ended`).
 */
export class SignOutUnconfirmedError extends CoatcheckError {
  declare readonly code: 'ERR_SIGN_OUT_UNCONFIRMED'

  constructor(options?: ErrorOptions) {
    super(
      'ERR_SIGN_OUT_UNCONFIRMED',
      'The store is out or full, so the ending of the session is not confirmed yet: it is tried again.',
      options,
    )
  }
}

/** The session that was to be changed has ended, or was authenticated anew since this request began. */
export class SessionEndedError extends CoatcheckError {
  declare readonly code: 'ERR_SESSION_ENDED'
  readonly reason: string

  constructor(reason: string) {
    super(
      'ERR_SESSION_ENDED',
      `The session has ended (${reason}): nothing was written. Ask the visitor to sign in again.`,
    )
    this.reason = reason
  }
}

/** The user's sessions were ended or changed after `begin`: the sign-in does not count and has to be repeated. */
export class UserChangedError extends CoatcheckError {
  declare readonly code: 'ERR_USER_CHANGED'

  constructor() {
    super(
      'ERR_USER_CHANGED',
      "The user's sessions were ended or changed while signing in: check the account and sign in again.",
    )
  }
}

/** The user has as many sessions as allowed and the policy refuses another. `max` is that number. */
export class SessionLimitError extends CoatcheckError {
  declare readonly code: 'ERR_SESSION_LIMIT'
  readonly max: number

  constructor(max: number) {
    super('ERR_SESSION_LIMIT', `The user already has ${max} session(s), as many as allowed: end one of them first.`)
    this.max = max
  }
}

/** The call needs a signed-in session and there is none. */
export class NotSignedInError extends CoatcheckError {
  declare readonly code: 'ERR_NOT_SIGNED_IN'

  constructor() {
    super('ERR_NOT_SIGNED_IN', 'Nobody is signed in on this session.')
  }
}

/**
 * The last authentication is too old or too weak for what is asked (ASVS 7.5.1, 7.5.3): authenticate again.
 * `need` says which: `maxAge` in milliseconds, `level` as an assurance level.
 */
export class NotFreshError extends CoatcheckError {
  declare readonly code: 'ERR_NOT_FRESH'
  readonly need: { readonly maxAge: number | null; readonly level: number | null }

  constructor(need: { readonly maxAge: number | null; readonly level: number | null }) {
    super('ERR_NOT_FRESH', 'A fresh or stronger sign-in is needed for this.')
    this.need = need
  }
}

/** A change met a competing one at each of its attempts, or did not get its turn behind one. Nothing was written. */
export class ContentionError extends CoatcheckError {
  declare readonly code: 'ERR_CONTENTION'
  readonly key: string

  /** `attempts`: how often it was tried; 0 where an earlier change of the key had not ended in time. */
  constructor(key: string, attempts: number) {
    super(
      'ERR_CONTENTION',
      attempts === 0
        ? `session.data: a change of '${key}' waited too long for the one before it. A change must not wait for another of its own key.`
        : `session.data: a change of '${key}' lost the race ${attempts} times: it is written too often.`,
    )
    this.key = key
  }
}

/**
 * Another site's page made the request, browsers hold our cookies back from it, and data was written: the cookie of a new
 * anonymous session would replace the one that the visitor may have. Answer with a 303 to a page of yours and write there.
 */
export class CookieWithheldError extends CoatcheckError {
  declare readonly code: 'ERR_COOKIE_WITHHELD'

  constructor() {
    super(
      'ERR_COOKIE_WITHHELD',
      "Nothing was written: another site's page made this request, so browsers did not send the session's cookie. " +
        'Answer with a 303 to a page of yours and write there, or call `session.begin({ crossSite: true })`.',
    )
  }
}

/** The session was opened with `readOnly`, where no cookie can be set, and something would have changed it. */
export class ReadOnlyError extends CoatcheckError {
  declare readonly code: 'ERR_READ_ONLY'

  constructor() {
    super(
      'ERR_READ_ONLY',
      'Nothing was written: the session was opened with `readOnly`, where no cookie can be set. Change it where one can, such as in a route or a form action.',
    )
  }
}

/** What a program does about the refusal; people are told by the detail. */
const HINTS: Readonly<Record<string, string>> = {
  unproven: 'Programs send the header Sec-Fetch-Site: same-origin, or Origin with the origin of this site.',
  'same-site': 'The origin of the page that made this request is not trusted here.',
  'cross-site': 'The origin of the page that made this request is not trusted here.',
  'foreign-origin': 'The origin of the page that made this request is not trusted here.',
  'missing-token': 'Send the token of the page in the header X-CSRF-Token.',
}

/**
 * The request may not have been made by the visitor (OWASP: cross-site request forgery). Nothing was changed by this call.
 * `reason` says which check refused it.
 */
export class CsrfError extends CoatcheckError {
  declare readonly code: 'ERR_CSRF'
  readonly reason: string

  override get problem(): Problem {
    const hint = HINTS[this.reason]
    const more = { reason: this.reason, ...(hint !== undefined && { hint }) }
    return makeProblem(403, CSRF_DETAIL, CSRF_VARY, more)
  }

  constructor(reason: string) {
    super('ERR_CSRF', `The request was refused, because it may come from somebody else's page (${reason}).`)
    this.reason = reason
  }
}
