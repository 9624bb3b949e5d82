import { CsrfError } from '../errors.ts'
import { withhold } from './answer.ts'
import type { Context, SessionState } from './context.ts'
import { readCookie } from './cookies.ts'
import {
  type CsrfReason,
  isPreflighted,
  isSimpleType,
  isUnsafe,
  originOf,
  type Provenance,
  provenanceOf,
  type TokenFault,
} from './csrf.ts'
import { matchCsrfToken, type Subject, sessionSubject, visitorSubject, writeCsrfToken } from './csrf-token.ts'
import { PRE_SESSION_BYTES, preSessionOf } from './pre-session.ts'
import { bearerToken, type RequestLike } from './transport.ts'

export type CsrfVerdict =
  | { readonly allowed: true; readonly reason: null }
  | { readonly allowed: false; readonly reason: TokenFault }

const ALLOWED: CsrfVerdict = Object.freeze({ allowed: true, reason: null })

/** A request, and where it was meant to go. */
type Arrived = Pick<SessionState, 'request' | 'url'>

/**
 * Whether an unsafe request is to be refused before its handler runs; null at once for a safe one. `open` is asked only
 * where a token came in the header `X-CSRF-Token` and decides.
 */
export function csrfFault(
  ctx: Context,
  request: RequestLike,
  urlOf: () => string | undefined,
  open: () => Promise<SessionState>,
): Promise<CsrfError | null> | null {
  if (!isUnsafe(request) || !isProtected(ctx, request)) return null
  return examine(ctx, { request, url: urlOf() }, open)
}

/** Who sends a token in the open was not made to by a page: only a page that CORS lets can set that header. */
function isProtected({ settings: { csrf, bearer } }: Context, request: RequestLike): boolean {
  return csrf.protects && !csrf.isExempt(request) && !(bearer && bearerToken(request) !== null)
}

async function examine(ctx: Context, arrived: Arrived, open: () => Promise<SessionState>): Promise<CsrfError | null> {
  const reason = await faultOf(ctx, arrived, open)
  if (reason === null) return null
  tell(ctx, arrived.request, reason)
  if (reason === 'foreign-origin') hintAtProxy(ctx, arrived)
  return ctx.settings.csrf.reportOnly ? null : new CsrfError(reason)
}

/** Our own host over https, while the request reached us in the clear: a proxy ends TLS, and nobody has said so. */
function hintAtProxy(ctx: Context, { request, url }: Arrived): void {
  const origin = request.headers.get('origin')
  if (ctx.settings.csrf.own !== null || origin?.replace(/^https:/, 'http:') !== originOf(url)) return
  ctx.warnOnce(
    `A request from a page of ${origin} was refused, because this server was asked over plain http. ` +
      `Behind a proxy that ends TLS set \`origin: '${origin}'\`.`,
  )
}

async function faultOf(ctx: Context, arrived: Arrived, open: () => Promise<SessionState>): Promise<CsrfReason | null> {
  const { request } = arrived
  const { headers } = request
  const provenance = whence(ctx, arrived)
  if (typeof provenance === 'object') return provenance.blocked
  const isTokenDue = needsToken(ctx, request)
  const isProven = provenance === 'allowed' || !carriesSession(ctx, arrived)
  if (isProven && !isTokenDue) return null
  const token = headers.get('x-csrf-token')
  if (token !== null) return await judgeToken(ctx, await open(), token)
  // The token of a form is in its body, which the handler reads.
  if (isTokenDue) return isSimpleType(headers.get('content-type')) ? null : 'missing-token'
  return isPreflighted(headers) ? null : 'unproven'
}

function whence(ctx: Context, { request, url }: Arrived): Provenance {
  const { csrf } = ctx.settings
  return provenanceOf(request.headers, csrf.own === null ? { ...csrf, own: originOf(url) } : csrf)
}

/** Whether the option asks for a token here. The handshake of a WebSocket cannot bring one. */
function needsToken(ctx: Context, { method, headers }: RequestLike): boolean {
  const { requireToken } = ctx.settings.csrf
  if (requireToken === false || method === 'GET') return false
  return requireToken === true || isSimpleType(headers.get('content-type'))
}

function carriesSession(ctx: Context, { request, url }: Arrived): boolean {
  const header = request.headers.get('cookie')
  if (header === null) return false
  const { name, anonymousName, withheld } = ctx.settings.transport.cookiesOf(url)
  return withheld === null && (readCookie(header, name).length > 0 || readCookie(header, anonymousName).length > 0)
}

/**
 * What a session is closed to when it is opened: to changes where a token is due, and to being read as well where nothing
 * but the token can show that the visitor made the request.
 */
export function closedUntilChecked(ctx: Context, arrived: Arrived): SessionState['closed'] {
  const { request } = arrived
  if (ctx.settings.csrf.requireToken === false || !isUnsafe(request)) return null
  if (!needsToken(ctx, request) || !isProtected(ctx, request)) return null
  const isProven = whence(ctx, arrived) === 'allowed' || !carriesSession(ctx, arrived)
  return { reason: 'missing-token', toReading: !isProven }
}

/** The token for a form. A visitor without a session gets the cookie that it is bound to. */
export async function makeCsrfToken(ctx: Context, state: SessionState): Promise<string> {
  const { newest } = await ctx.ring()
  if (state.record !== null) return await writeCsrfToken(sessionSubject(state.record), newest, ctx.runtime)
  return await writeCsrfToken(visitorSubject(preSessionOf(state) ?? beginPreSession(ctx, state)), newest, ctx.runtime)
}

function beginPreSession(ctx: Context, state: SessionState): string {
  const token = ctx.runtime.random(PRE_SESSION_BYTES)
  const { withheld } = state.cookies
  if (withheld === null) state.preCookie = { token, expiresAt: null }
  else withhold(ctx, withheld, `The token of a form cannot be checked: ${withheld}`)
  return token
}

/** Whom a token may be bound to. An anonymous session may have begun after its visitor's form was made. */
function subjectsOf(state: SessionState): readonly Subject[] {
  const { record } = state
  const value = record === null || record.userId === null ? preSessionOf(state) : null
  return [...(record === null ? [] : [sessionSubject(record)]), ...(value === null ? [] : [visitorSubject(value)])]
}

/** Judges the token from a form's body. Where it does not count, the session can no longer be changed in this request. */
export async function checkCsrfToken(ctx: Context, state: SessionState, token: unknown): Promise<CsrfVerdict> {
  const reason = await judgeToken(ctx, state, token)
  if (reason === null) return ALLOWED
  tell(ctx, state.request, reason)
  return ctx.settings.csrf.reportOnly ? ALLOWED : { allowed: false, reason }
}

async function judgeToken(ctx: Context, state: SessionState, token: unknown): Promise<TokenFault | null> {
  const reason = await tokenFault(ctx, state, token)
  const isClosed = reason !== null && !ctx.settings.csrf.reportOnly
  state.closed = isClosed ? { reason, toReading: state.closed?.toReading ?? false } : null
  return reason
}

async function tokenFault(ctx: Context, state: SessionState, token: unknown): Promise<TokenFault | null> {
  if (typeof token !== 'string' || token === '') return 'missing-token'
  const match = await matchCsrfToken(token, subjectsOf(state), await ctx.ring(), ctx.runtime)
  switch (match) {
    case 'exact':
      return null
    case 'older':
      return 'stale-token'
    case 'other':
      // From a page of our own it is an old form; else somebody may have put their own token into theirs.
      return whence(ctx, state) === 'allowed' ? 'stale-token' : 'foreign-token'
    case 'none':
      return 'invalid-token'
  }
}

/** Insists that the token of this request was not refused, and not forgotten where one is due. @throws CsrfError */
export function requireOpen(ctx: Context, state: SessionState, to: 'reading' | 'changing'): void {
  const { closed } = state
  if (closed === null || (to === 'reading' && !closed.toReading)) return
  // A refused token has been told of; one that nobody checked has not.
  if (closed.reason === 'missing-token') tell(ctx, state.request, closed.reason)
  if (!ctx.settings.csrf.reportOnly) throw new CsrfError(closed.reason)
  state.closed = null
}

const SITES: ReadonlySet<string> = new Set(['same-origin', 'same-site', 'cross-site', 'none'])
const LONGEST_ORIGIN = 300

/** Of what came in headers only what is well-formed: an event holds no path, query or token. */
function tell(ctx: Context, { method = 'GET', headers }: RequestLike, reason: CsrfReason): void {
  const site = headers.get('sec-fetch-site')
  const given = headers.get('origin')
  const origin = given === null || given === 'null' ? given : (originOf(given) ?? 'malformed')
  ctx.events.emit({
    type: 'csrf-blocked',
    reason,
    method: /^[A-Z]{1,20}$/.test(method) ? method : 'other',
    site: site === null || SITES.has(site) ? site : 'other',
    origin: origin !== null && origin.length > LONGEST_ORIGIN ? 'malformed' : origin,
    enforced: !ctx.settings.csrf.reportOnly,
  })
}
