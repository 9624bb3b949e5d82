import { CsrfError } from '../errors.ts'
import type { Context, SessionState } from './context.ts'
import { readCookie } from './cookies.ts'
import { type CsrfReason, isPreflighted, isSimpleType, isUnsafe, originOf } from './csrf.ts'
import { judgeToken } from './csrf-check.ts'
import { type Arrived, tell, whence } from './csrf-telling.ts'
import { bearerToken, type RequestLike } from './transport.ts'

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
    // The origin is the client's word: a warning for each would let it fill the memory and the log.
    'proxy ends TLS',
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
  return { reason: 'missing-token', toReading: !isProven, isTold: false }
}
