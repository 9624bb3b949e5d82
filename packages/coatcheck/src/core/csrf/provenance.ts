import type { ProvenanceFault } from '../events/reasons.ts'
import type { RequestLike } from '../http/transport.ts'

/**
 * The rule against cross-site request forgery, without state: what the headers say of where a request was made. Follows
 * the OWASP cheat sheet (Fetch Metadata with a fallback to Origin) and Go's `http.CrossOriginProtection`.
 */

/** `undecided`: no header says anything, as from old browsers and from programs. */
export type Provenance = 'allowed' | 'undecided' | { readonly blocked: ProvenanceFault }

export interface ProvenanceRule {
  /** Our own origin; null where it is not known, and then no Origin is ours. */
  readonly own: string | null
  readonly trusted: { readonly has: (origin: string) => boolean }
  /** Whether `Referer` decides where `Origin` is missing. */
  readonly refererFallback: boolean
}

type Headers = RequestLike['headers']

/**
 * Whether a request may change something by its method (RFC 9110 9.2.1; methods are case-sensitive), or opens a
 * WebSocket, which no browser's same-origin policy holds back (RFC 6455 10.2).
 */
export function isUnsafe({ method = 'GET', headers }: RequestLike): boolean {
  switch (method) {
    case 'GET':
      return isHandshake({ method, headers })
    case 'HEAD':
    case 'OPTIONS':
      return false
    default:
      return true
  }
}

/** Whether the request opens a WebSocket. It cannot bring a token. */
export function isHandshake({ method = 'GET', headers }: RequestLike): boolean {
  if (method !== 'GET') return false
  const upgrade = headers.get('upgrade')
  return upgrade !== null && /\bwebsocket\b/i.test(upgrade)
}

/** Where an unsafe request was made, by Fetch Metadata, else by Origin, else by Referer where that is believed. */
export function provenanceOf(headers: Headers, rule: ProvenanceRule): Provenance {
  const site = headers.get('sec-fetch-site')
  const origin = headers.get('origin')
  if (site !== null) return bySite(site, origin, rule)
  if (origin !== null) return byOrigin(origin, rule)
  const referer = rule.refererFallback ? headers.get('referer') : null
  if (referer === null) return 'undecided'
  return isKnown(originOf(referer), rule) ? 'allowed' : { blocked: 'foreign-referer' }
}

/** A page cannot change this header, and of a chain of redirects it names the farthest. */
function bySite(site: string, origin: string | null, { trusted }: ProvenanceRule): Provenance {
  switch (site) {
    case 'same-origin':
    case 'none':
      return 'allowed'
    case 'same-site':
    case 'cross-site':
      return origin !== null && trusted.has(origin) ? 'allowed' : { blocked: site }
    default:
      return { blocked: 'unknown-site' }
  }
}

function byOrigin(origin: string, rule: ProvenanceRule): Provenance {
  if (origin === 'null') return { blocked: 'opaque-origin' }
  return isKnown(origin, rule) ? 'allowed' : { blocked: 'foreign-origin' }
}

function isKnown(origin: string | null, { own, trusted }: ProvenanceRule): boolean {
  return origin !== null && (origin === own || trusted.has(origin))
}

/** What apps in a WebView and extensions of browsers send: their scheme has no origin in the sense of URLs. */
const OWN_SCHEME =
  /^(?!https?:|wss?:|ftp:|file:|data:|blob:|javascript:|about:)[a-z][a-z0-9+.-]*:\/\/[a-z0-9._-]+(?::\d{1,5})?$/

/** Whether a text is an origin as browsers and apps send it. */
export function isOrigin(text: string): boolean {
  return OWN_SCHEME.test(text) || (/^https?:[^*]+$/.test(text) && originOf(text) === text)
}

/** The origin of a URL as browsers write it; null where it has none. */
export function originOf(url: string | undefined): string | null {
  if (url === undefined || !URL.canParse(url)) return null
  const { origin } = new URL(url)
  return origin === 'null' ? null : origin
}

/** What other sites' pages may send without asking first (the CORS-safelisted content types of the Fetch Standard). */
const SIMPLE_TYPES: ReadonlySet<string> = new Set([
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'text/plain',
])
const MEDIA_TYPE = /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/

/** Whether a form can send this content type, or a page without being asked: also where there is none, or a broken one. */
export function isSimpleType(contentType: string | null): boolean {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return SIMPLE_TYPES.has(type) || !MEDIA_TYPE.test(type)
}

/** Whether the body is a form's, which can hold a token in a field. */
export function isForm(headers: Headers): boolean {
  const type = (headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase()
  return type === 'application/x-www-form-urlencoded' || type === 'multipart/form-data'
}

/** Whether the request holds what another site's page cannot send unless CORS lets it (the rule for JSON). */
export function isPreflighted(headers: Headers): boolean {
  return headers.get('x-requested-with') !== null || !isSimpleType(headers.get('content-type'))
}
