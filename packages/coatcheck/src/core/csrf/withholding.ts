import { readCookie } from '../http/cookies.ts'
import type { Exchange } from '../http/exchange.ts'
import type { Withheld } from '../http/transport.ts'
import type { CsrfContext } from './context.ts'
import { originOf } from './provenance.ts'

export const TOO_LATE: Withheld = {
  reason: 'too-late',
  why: "the headers of the answer had left before the session's cookie. Sign in, rotate and begin sessions before the answer starts.",
}

const CROSS_SITE: Withheld = {
  reason: 'cross-site',
  why:
    "another site's page made this request, and browsers do not send our SameSite cookies with it: a new cookie would replace " +
    'the one that the visitor may have. Answer with a 303 to a page of yours and write there, or call ' +
    '`session.begin({ crossSite: true })`.',
}

/** A cookie that the client does not get is an event, and said once to the developer. */
export function withhold(ctx: CsrfContext, { reason, why }: Withheld, warning = why): void {
  ctx.events.emit({ type: 'cookie-withheld', reason, why })
  // A host in it is the client's word: one warning for each would let it fill the memory and the log.
  ctx.warnOnce(warning, reason === 'domain' ? 'cookie-withheld: domain' : warning)
}

/**
 * Why the cookies of anonymous sessions and of visitors' forms are neither set nor deleted on the answer to this request;
 * null where they are. A session that is there keeps its cookies.
 */
export function withheldFrom(ctx: CsrfContext, exchange: Exchange): Withheld | null {
  return exchange.cookies.withheld ?? (lacksOurCookies(ctx, exchange) ? CROSS_SITE : null)
}

/** Whether browsers hold our cookies back from this request (RFC 6265bis 5.8.3), and none of them came. */
export function lacksOurCookies(ctx: CsrfContext, exchange: Exchange): boolean {
  const { request, cookies } = exchange
  const { sameSite } = cookies.attributes
  const { method = 'GET' } = request
  if (sameSite === 'none' || (sameSite === 'lax' && (method === 'GET' || method === 'HEAD'))) return false
  return isCrossSite(ctx, exchange) && !hasOurCookie(ctx, exchange)
}

function hasOurCookie({ kinds }: CsrfContext, { request, cookies }: Exchange): boolean {
  const header = request.headers.get('cookie')
  if (header === null) return false
  return kinds.hasCookie(header, cookies) || readCookie(header, cookies.slots['pre-session'].name).length > 0
}

function isCrossSite(ctx: CsrfContext, { request: { headers }, url }: Exchange): boolean {
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site === 'cross-site'
  const origin = headers.get('origin')
  const own = ctx.settings.csrf.own ?? originOf(url)
  return origin !== null && own !== null && !isOfOneSite(originOf(origin), own)
}

/** As far as two origins tell without the list of public suffixes: one host, or one below the other. */
function isOfOneSite(origin: string | null, own: string): boolean {
  if (origin === null) return false
  const [one, other] = [`.${new URL(origin).hostname}`, `.${new URL(own).hostname}`]
  return one.endsWith(other) || other.endsWith(one)
}
