import type { CsrfReason } from '../events/reasons.ts'
import type { Exchange } from '../http/exchange.ts'
import type { CsrfContext } from './context.ts'
import { isOrigin, originOf, type Provenance, provenanceOf } from './provenance.ts'

/** A request, and where it was meant to go. */
export type Arrived = Pick<Exchange, 'request' | 'url'>

/** Where an unsafe request was made, as far as its headers tell. */
export function whence(ctx: CsrfContext, { request, url }: Arrived): Provenance {
  const { csrf } = ctx.settings
  return provenanceOf(request.headers, csrf.own === null ? { ...csrf, own: originOf(url) } : csrf)
}

const SITES: ReadonlySet<string> = new Set(['same-origin', 'same-site', 'cross-site', 'none'])
const LONGEST_ORIGIN = 300
/** A host as browsers write it: a name of letters, digits, dots, dashes and underscores, or an address of IPv6 in brackets. */
const HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/

/** Tells of a refusal: an event each time, and a warning once for each reason. */
export function tell(ctx: CsrfContext, arrived: Arrived, reason: CsrfReason): void {
  const { method = 'GET', headers } = arrived.request
  const site = headers.get('sec-fetch-site')
  const told = {
    method: /^[A-Z]{1,20}$/.test(method) ? method : 'other',
    origin: plainOrigin(headers.get('origin')),
  }
  ctx.events.emit({
    type: 'csrf-blocked',
    reason,
    ...told,
    site: site === null || SITES.has(site) ? site : 'other',
    enforced: !ctx.settings.csrf.reportOnly,
  })
  warn(ctx, arrived, reason, told)
}

/**
 * The origin as it is told: an event holds no path, query or token. A URL's host may hold signs that no browser's has, such as
 * `;` and `=`, which would be somebody's text in a log or in an export of it.
 */
function plainOrigin(given: string | null): string | null {
  if (given === null || given === 'null') return given
  const origin = isOrigin(given) ? given : originOf(given)
  if (origin === null || origin.length > LONGEST_ORIGIN) return 'malformed'
  return HOST.test(new URL(origin).hostname) ? origin : 'malformed'
}

interface Told {
  readonly method: string
  readonly origin: string | null
}

const DOES_NOT_TRUST = ({ origin }: Told) =>
  origin === null || origin === 'null'
    ? 'if you know the page that makes it, add its origin to `csrf.trustedOrigins`, or exempt the path (`csrf.exempt`).'
    : `${origin} is not in \`csrf.trustedOrigins\`.`

/** What to do about a refusal that a setting, or the client, can mend. A token that does not count is a matter of forms. */
const ADVICE: Partial<Record<CsrfReason, (told: Told) => string>> = {
  'same-site': DOES_NOT_TRUST,
  'cross-site': DOES_NOT_TRUST,
  'foreign-origin': (told) => `${DOES_NOT_TRUST(told)} Where it is your own, set \`origin\`.`,
  'foreign-referer': () => 'its Referer is of another origin. Where that is your own, set `origin`.',
  'opaque-origin': () =>
    'its Origin is null. Pages with `Referrer-Policy: no-referrer` send that: set `strict-origin-when-cross-origin`, or put the ' +
    'token of `session.csrfToken()` into the form and check it.',
  unproven: () =>
    'it has neither Sec-Fetch-Site nor Origin. Programs, tests and curl send the header `Sec-Fetch-Site: same-origin`.',
  'missing-token': () =>
    'the option `csrf.requireToken`, or the handler by `session.checkCsrf`, asks for the token of `session.csrfToken()`: in the ' +
    'header X-CSRF-Token, or in the field `_csrf` of the form. It has to be checked before the session is looked at.',
}

/**
 * The keys are ours: what a warning quotes is the client's word, and one for each origin would let it fill the memory and
 * the log.
 */
function warn(ctx: CsrfContext, arrived: Arrived, reason: CsrfReason, told: Told): void {
  const advice = ADVICE[reason]
  if (advice === undefined) return
  if (reason === 'foreign-origin' && isBehindProxy(ctx, arrived)) {
    ctx.warnOnce(
      `A request from a page of ${told.origin} was refused, because this server was asked over plain http. ` +
        `Behind a proxy that ends TLS set \`origin: '${told.origin}'\`.`,
      'csrf: proxy ends TLS',
    )
    return
  }
  const outcome = ctx.settings.csrf.reportOnly ? 'would be refused' : 'was refused'
  ctx.warnOnce(`A ${told.method} ${outcome} (CSRF, ${reason}): ${advice(told)}`, `csrf: ${reason}`)
}

/** Our own host over https, while the request reached us in the clear: a proxy ends TLS, and nobody has said so. */
function isBehindProxy({ settings }: CsrfContext, { request, url }: Arrived): boolean {
  const origin = request.headers.get('origin')
  return settings.csrf.own === null && origin !== null && origin.replace(/^https:/, 'http:') === originOf(url)
}
