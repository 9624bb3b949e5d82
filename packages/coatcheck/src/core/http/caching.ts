/** What an answer says to caches, as the values of `Cache-Control` and `Vary`; null where it says nothing. */
export interface CachingHeaders {
  readonly cacheControl: string | null
  readonly vary: string | null
}

/** What is to be set, from what the application has set. A `vary` of null is left as it is. */
export type CachingRule = (present: CachingHeaders) => { readonly cacheControl: string; readonly vary: string | null }

const NO_STORE = /(?:^|[\s,])no-store(?:$|[\s,])/i
const NOTHING_KEPT = { cacheControl: 'no-store', vary: null } as const
const SHARED = /(?:^|[\s,])(?:public(?:$|[\s,])|s-maxage=)/i

/** What Express's `sendFile` and its like say where the application has said nothing. */
const OF_SEND = 'public, max-age=0'

export const PUBLIC_OVERRULED =
  'an answer that read or changed its session said `Cache-Control: public` (or `s-maxage`), and was sent as `no-store`: a cache would ' +
  'have given it to others. Do not ask for the session on routes that caches may keep; where the answer is to be kept for each ' +
  'cookie apart, say `session.allowCaching()`.'

export const READ_LATE =
  'a session was first asked for after the head of its answer had left, and the head did not say `Cache-Control: no-store`: a cache ' +
  'may give the answer to others. Ask for the session before the first byte.'

export function isNoStore(cacheControl: string): boolean {
  return NO_STORE.test(cacheControl)
}

/** What an answer may say to caches, by `Exchange.caching`. */
export interface CachingRules {
  readonly noStore: CachingRule
  readonly varying: CachingRule
}

/** `carriers`: the headers by which a session comes. */
export function cachingRules(carriers: string, warnOnce: (text: string) => void): CachingRules {
  return { noStore: forbidCaching(warnOnce), varying: allowCachingBy(carriers) }
}

/** Nobody keeps the answer, unless it says so itself (RFC 9111 5.2.2.5; ASVS 14.3.2). Tells the developer of an answer that said `public`. */
export function forbidCaching(warnOnce: (text: string) => void): CachingRule {
  return function noStore({ cacheControl }) {
    if (cacheControl === null) return NOTHING_KEPT
    if (isNoStore(cacheControl)) return { cacheControl, vary: null }
    if (SHARED.test(cacheControl) && cacheControl !== OF_SEND) warnOnce(PUBLIC_OVERRULED)
    return NOTHING_KEPT
  }
}

/**
 * Caches may keep the answer as it says itself, for each of the values of `carriers` apart (RFC 9111 4.1). Without a
 * `Cache-Control` nothing was said on purpose.
 */
export function allowCachingBy(carriers: string): CachingRule {
  return function varying({ cacheControl, vary }) {
    if (cacheControl === null) return NOTHING_KEPT
    const present = (vary ?? '').split(',').map((name) => name.trim().toLowerCase())
    if (present.includes('*')) return { cacheControl, vary: null }
    const missing = carriers.split(', ').filter((name) => !present.includes(name.toLowerCase()))
    return { cacheControl, vary: [...(vary ? [vary] : []), ...missing].join(', ') }
  }
}
