import { CsrfError } from '../../errors.ts'
import type { CsrfReason } from '../events/reasons.ts'
import type { Exchange } from '../http/exchange.ts'
import type { RequestLike } from '../http/transport.ts'
import type { CsrfContext, Gate, GuardedSession } from './context.ts'
import { judgeToken } from './form-token.ts'
import { closedGate } from './gate.ts'
import { isForm, isHandshake, isPreflighted, isSimpleType, isUnsafe } from './provenance.ts'
import { type Arrived, tell, whence } from './report.ts'

/**
 * Whether an unsafe request is to be refused before its handler runs; null at once for a safe one. `open` is asked only
 * where a token came in the header `X-CSRF-Token` and decides. `readsForms`: the handler can take a token from a form.
 */
export function csrfFault(
  ctx: CsrfContext,
  request: RequestLike,
  urlOf: () => string | undefined,
  open: () => Promise<GuardedSession>,
  readsForms: boolean,
): Promise<CsrfError | null> | null {
  if (!isUnsafe(request) || !isProtected(ctx, request)) return null
  return examine(ctx, { request, url: urlOf() }, open, readsForms)
}

/** Who sends a token in the open was not made to by a page: only a page that CORS lets can set that header. */
function isProtected({ settings: { csrf, bearer }, kinds }: CsrfContext, request: RequestLike): boolean {
  return !csrf.isExempt(request) && !(bearer && kinds.bearer(request) !== null)
}

async function examine(
  ctx: CsrfContext,
  arrived: Arrived,
  open: () => Promise<GuardedSession>,
  readsForms: boolean,
): Promise<CsrfError | null> {
  const reason = await faultOf(ctx, arrived, open, readsForms)
  if (reason === null) return null
  tell(ctx, arrived, reason)
  return ctx.settings.csrf.reportOnly ? null : new CsrfError(reason)
}

async function faultOf(
  ctx: CsrfContext,
  arrived: Arrived,
  open: () => Promise<GuardedSession>,
  readsForms: boolean,
): Promise<CsrfReason | null> {
  const { request } = arrived
  const { headers } = request
  const provenance = whence(ctx, arrived)
  const token = isHandshake(request) ? null : headers.get('x-csrf-token')
  if (typeof provenance === 'object') {
    if (provenance.blocked !== 'opaque-origin') return provenance.blocked
    if (token !== null) return await judgeToken(ctx, await open(), token)
    return readsForms && takesTokenFromForm(request) ? null : provenance.blocked
  }
  const isTokenDue = needsToken(ctx, request)
  if (!isTokenDue && (provenance === 'allowed' || isHarmless(ctx, arrived))) return null
  if (token !== null) return await judgeToken(ctx, await open(), token)
  // The token of a form is in its body, which the handler reads.
  if (isTokenDue) return isSimpleType(headers.get('content-type')) ? null : 'missing-token'
  return isPreflighted(headers) && !ctx.settings.csrf.requireOrigin ? null : 'unproven'
}

/**
 * Whether a request of which no header says where it was made may go on. Every browser since 2020 sends one of the three
 * headers with it, so it comes from a program; or from an older browser, which `SameSite` keeps from sending our cookie with
 * other sites' requests. That holds for cookies that we set alone, and not for handshakes.
 */
function isHarmless(ctx: CsrfContext, arrived: Arrived): boolean {
  const { request, url } = arrived
  if (ctx.settings.csrf.requireOrigin) return false
  if (!carriesSession(ctx, arrived)) return true
  const { sameSite } = ctx.settings.transport.cookiesOf(url).attributes
  return sameSite !== 'none' && !isHandshake(request) && request.headers.get('referer') === null
}

/** A form's token shows who made a request whose origin is hidden, as by `Referrer-Policy: no-referrer`. */
function takesTokenFromForm(request: RequestLike): boolean {
  return !isHandshake(request) && isForm(request.headers)
}

/** Whether the option asks for a token here. The handshake of a WebSocket cannot bring one. */
function needsToken(ctx: CsrfContext, { method, headers }: RequestLike): boolean {
  const { requireToken } = ctx.settings.csrf
  if (requireToken === false || method === 'GET') return false
  return requireToken === true || isSimpleType(headers.get('content-type'))
}

function carriesSession(ctx: CsrfContext, { request, url }: Arrived): boolean {
  const header = request.headers.get('cookie')
  if (header === null) return false
  const cookies = ctx.settings.transport.cookiesOf(url)
  return cookies.withheld === null && ctx.kinds.hasCookie(header, cookies)
}

/**
 * What a session is closed to when it is opened: to changes where a token is due, and to being read as well where nothing
 * but the token can show that the visitor made the request.
 */
export function closedUntilChecked(ctx: CsrfContext, exchange: Exchange): Gate | null {
  const { request } = exchange
  if (!isUnsafe(request)) return null
  const isOpaque = hidesOrigin(request) && takesTokenFromForm(request)
  const isTokenDue = needsToken(ctx, request)
  if ((!isOpaque && !isTokenDue) || !isProtected(ctx, request)) return null
  if (isOpaque) return closedGate(ctx, exchange, { reason: 'opaque-origin', toReading: true, isTold: false })
  const isProven = whence(ctx, exchange) === 'allowed' || !carriesSession(ctx, exchange)
  return closedGate(ctx, exchange, { reason: 'missing-token', toReading: !isProven, isTold: false })
}

function hidesOrigin({ headers }: RequestLike): boolean {
  return headers.get('origin') === 'null' && headers.get('sec-fetch-site') === null
}
