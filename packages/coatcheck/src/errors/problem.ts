/**
 * The closed vocabulary of faults. A caller decides by `code`, never by the message: messages say what to do and may
 * change; codes do not. No message, field or `cause` made here holds a token, secret, cookie or password.
 *
 * A visitor without a session, an ended session and a refused token are no faults: they are values (`session.ended`).
 */
export type ErrorCode =
  | 'ERR_OPTION'
  | 'ERR_KEY'
  | 'ERR_DATA'
  | 'ERR_NEWER_DATA'
  | 'ERR_STORE_UNAVAILABLE'
  | 'ERR_STORE_TIMEOUT'
  | 'ERR_STORE_FULL'
  | 'ERR_SIGN_OUT_UNCONFIRMED'
  | 'ERR_SESSION_ENDED'
  | 'ERR_USER_CHANGED'
  | 'ERR_SESSION_LIMIT'
  | 'ERR_NOT_SIGNED_IN'
  | 'ERR_NOT_FRESH'
  | 'ERR_CONTENTION'
  | 'ERR_CSRF'
  | 'ERR_COOKIE_WITHHELD'
  | 'ERR_READ_ONLY'

/** An answer that tells of a fault, as RFC 9457 has it; `headers` are to be sent with it. */
export interface Problem {
  readonly status: number
  readonly title: string
  /** For a person to read. */
  readonly detail: string
  readonly headers: Readonly<Record<string, string>>
  /** The body, `application/problem+json`. */
  readonly body: string
}

const TITLES = {
  401: 'Unauthorized',
  403: 'Forbidden',
  409: 'Conflict',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const

/** `more` are further members of the body. */
export function makeProblem(
  status: keyof typeof TITLES,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
  more: Readonly<Record<string, string>> = {},
): Problem {
  const title = TITLES[status]
  return {
    status,
    title,
    detail,
    headers: { 'content-type': 'application/problem+json; charset=utf-8', ...headers, 'cache-control': 'no-store' },
    body: JSON.stringify({ type: 'about:blank', title, status, detail, ...more }),
  }
}

/** The answer to a fault of which the client need not know more. */
export const internalProblem: Problem = makeProblem(500, 'The server could not do what was asked.')

const RETRY = { 'retry-after': '5' }
const CHALLENGE = { 'www-authenticate': 'Session' }
const OUTAGE = makeProblem(503, 'Sessions cannot be reached just now. Please try again in a moment.', RETRY)

/** What a client is told where nobody catches the error. All that is not here is a fault of the application's own, a 500. */
export const CSRF_VARY = { vary: 'Sec-Fetch-Site, Origin' }
export const CSRF_DETAIL =
  'This request did not come from a page of ours that is still good. Go back, load the page anew and try again.'
export const PROBLEMS: Partial<Record<ErrorCode, Problem>> = {
  ERR_NEWER_DATA: makeProblem(503, 'This site is just being updated. Please try again in a moment.', RETRY),
  ERR_STORE_UNAVAILABLE: OUTAGE,
  ERR_STORE_TIMEOUT: OUTAGE,
  ERR_STORE_FULL: OUTAGE,
  ERR_SIGN_OUT_UNCONFIRMED: makeProblem(
    503,
    'You are signed out in this browser, but that could not be confirmed yet. It is tried again; on a computer that others use, close the browser too.',
    RETRY,
  ),
  ERR_CONTENTION: makeProblem(503, 'Too much was changed at once. Please try again in a moment.', RETRY),
  ERR_SESSION_ENDED: makeProblem(401, 'Your session has ended. Please sign in again.', CHALLENGE),
  ERR_NOT_SIGNED_IN: makeProblem(401, 'Please sign in first.', CHALLENGE),
  ERR_NOT_FRESH: makeProblem(401, 'This needs a more recent or a stronger sign-in. Please sign in again.', CHALLENGE),
  ERR_USER_CHANGED: makeProblem(409, 'Your account was changed while you were signing in. Please sign in again.'),
  ERR_SESSION_LIMIT: makeProblem(
    409,
    'You are signed in in as many places as you may be. Sign out of one of them first.',
  ),
  ERR_CSRF: makeProblem(403, CSRF_DETAIL, CSRF_VARY),
}
