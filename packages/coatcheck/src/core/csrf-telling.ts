import type { Context, SessionState } from './context.ts'
import { type CsrfReason, originOf, type Provenance, provenanceOf } from './csrf.ts'
import type { RequestLike } from './transport.ts'

/** A request, and where it was meant to go. */
export type Arrived = Pick<SessionState, 'request' | 'url'>

/** Where an unsafe request was made, as far as its headers tell. */
export function whence(ctx: Context, { request, url }: Arrived): Provenance {
  const { csrf } = ctx.settings
  return provenanceOf(request.headers, csrf.own === null ? { ...csrf, own: originOf(url) } : csrf)
}

const SITES: ReadonlySet<string> = new Set(['same-origin', 'same-site', 'cross-site', 'none'])
const LONGEST_ORIGIN = 300
/** A host as browsers write it: a name of letters, digits, dots, dashes and underscores, or an address of IPv6 in brackets. */
const HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/

/**
 * The origin as it is told. A URL's host may hold signs that no browser's has, such as `;` and `=`, which would be somebody's
 * text in a log or in an export of it.
 */
function shownOrigin(given: string | null): string | null {
  if (given === null || given === 'null') return given
  const origin = originOf(given)
  if (origin === null || origin.length > LONGEST_ORIGIN) return 'malformed'
  return HOST.test(new URL(origin).hostname) ? origin : 'malformed'
}

/** Of what came in headers only what is well-formed: an event holds no path, query or token. */
export function tell(ctx: Context, { method = 'GET', headers }: RequestLike, reason: CsrfReason): void {
  const site = headers.get('sec-fetch-site')
  ctx.events.emit({
    type: 'csrf-blocked',
    reason,
    method: /^[A-Z]{1,20}$/.test(method) ? method : 'other',
    site: site === null || SITES.has(site) ? site : 'other',
    origin: shownOrigin(headers.get('origin')),
    enforced: !ctx.settings.csrf.reportOnly,
  })
}
