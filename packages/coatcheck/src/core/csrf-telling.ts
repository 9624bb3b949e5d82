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

/** Of what came in headers only what is well-formed: an event holds no path, query or token. */
export function tell(ctx: Context, { method = 'GET', headers }: RequestLike, reason: CsrfReason): void {
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
