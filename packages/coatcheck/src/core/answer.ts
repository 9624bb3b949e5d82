import type { CachingRule } from './caching.ts'
import type { Context, Outgoing, SessionState } from './context.ts'
import { type CookieAttributes, deleteCookie, writeCookie } from './cookies.ts'
import { preSessionCookie } from './pre-session.ts'
import { TOO_LATE, withhold } from './withholding.ts'

/** What the core needs of an answer. A fetch-standard `Response` fits as it is. */
export interface ResponseLike {
  readonly status: number
  readonly headers: {
    get(name: string): string | null
    set(name: string, value: string): void
    append(name: string, value: string): void
  }
}

/** What the answer is to carry when the framework has no fetch-standard one. */
export interface Committed {
  /** `Set-Cookie` lines, to be appended one by one. */
  readonly cookies: readonly string[]
  /** What `Cache-Control` and `Vary` are to be, from what the application has set. */
  readonly caching: CachingRule
  /** The value of `Clear-Site-Data`, or null. */
  readonly clearSiteData: string | null
}

const NO_COOKIES: readonly string[] = []

/** The `Set-Cookie` lines of the answer, each once: asking again answers only what is new. */
export function takeCookies(ctx: Context, state: SessionState): readonly string[] {
  if (!hasCookies(state)) {
    state.answered = true
    return NO_COOKIES
  }
  const { name, anonymousName, attributes, withheld } = state.cookies
  const outgoing = [
    { name, attributes, value: state.signedInCookie },
    { name: anonymousName, attributes, value: state.anonymousCookie },
    ...(state.preCookie === null ? [] : [{ ...preSessionCookie(state.cookies), value: state.preCookie }]),
  ]
  state.signedInCookie = null
  state.anonymousCookie = null
  state.preCookie = null
  state.answered = true
  if (withheld !== null || state.bearer) return []
  state.caching = 'forbidden'
  return outgoing.flatMap((cookie) =>
    cookie.value === null ? [] : [line(ctx, cookie.name, cookie.value, cookie.attributes)],
  )
}

/** Whether the answer is about somebody: then it carries cookies of ours, or nobody else may see it. */
export function concernsSession(state: SessionState): boolean {
  return state.asked || hasCookies(state)
}

/**
 * The token that this request was given, for a client that keeps no cookies; null where it was given none. Answered once:
 * from then on the answer sends no cookie.
 */
export function takeToken(state: SessionState): string | null {
  for (const carrier of ['signedInCookie', 'anonymousCookie'] as const) {
    const outgoing = state[carrier]
    if (outgoing === null || outgoing === 'delete') continue
    state[carrier] = null
    state.caching = 'forbidden'
    state.bearer = true
    return outgoing.token
  }
  return null
}

function hasCookies({ signedInCookie, anonymousCookie, preCookie }: SessionState): boolean {
  return signedInCookie !== null || anonymousCookie !== null || preCookie !== null
}

/** Says that a cookie came too late for the answer, whose headers have left. */
export function withholdLateCookies(ctx: Context, state: SessionState): void {
  if (!state.answered || !hasCookies(state)) return
  state.signedInCookie = null
  state.anonymousCookie = null
  state.preCookie = null
  withhold(ctx, TOO_LATE)
}

function line(ctx: Context, name: string, value: Outgoing, attributes: CookieAttributes): string {
  if (value === 'delete') return deleteCookie(name, attributes)
  const maxAge = value.expiresAt === null ? null : Math.max(1, (value.expiresAt - ctx.runtime.now()) / 1000)
  return writeCookie(name, value.token, maxAge, attributes)
}

/**
 * Puts the session's cookies into the answer and says what caches may do with it. An answer whose headers cannot be changed
 * (a redirect made by `Response.redirect`, one that came from `fetch`) is copied.
 */
export function applyTo<R extends ResponseLike>(response: R, { cookies, caching, clearSiteData }: Committed): R {
  const { headers } = response
  const { cacheControl, vary } = caching({ cacheControl: headers.get('cache-control'), vary: headers.get('vary') })
  const changeable = set(response, 'cache-control', cacheControl) ? response : copyOf(response)
  if (changeable !== response) set(changeable, 'cache-control', cacheControl)
  if (vary !== null) changeable.headers.set('vary', vary)
  if (clearSiteData !== null) changeable.headers.set('clear-site-data', clearSiteData)
  for (const cookie of cookies) changeable.headers.append('set-cookie', cookie)
  return changeable
}

/** False where the headers are immutable. */
function set(response: ResponseLike, name: string, value: string): boolean {
  try {
    response.headers.set(name, value)
    return true
  } catch (error) {
    if (error instanceof TypeError) return false
    throw error
  }
}

function copyOf<R extends ResponseLike>(response: R): R {
  if (!isResponse(response)) throw new TypeError('commit: the headers of this response cannot be changed')
  return new Response(response.body, response) as R & Response
}

/** By what it says of itself: servers put a class of their own in the place of the platform's, and `fetch` answers the latter. */
function isResponse(response: object): response is Response {
  return Object.prototype.toString.call(response) === '[object Response]'
}
