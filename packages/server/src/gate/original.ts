/** The request that a proxy asks about, as the proxy tells of it. */
export interface OriginalRequest {
  readonly method: string
  /** Path and query. */
  readonly uri: string
}

const METHOD = /^[A-Z]{1,20}$/
const LONGEST = 4_096

/** As Caddy and Traefik send them, and as nginx is told to in our guide. */
const PAIRS = [
  ['x-forwarded-method', 'x-forwarded-uri'],
  ['x-original-method', 'x-original-uri'],
] as const

/**
 * Null where the proxy says nothing, or what nobody can have asked. So it is where both pairs are there: a proxy writes one
 * of them, and passes on what a client made up in the other.
 */
export function originalRequest(headers: { get(name: string): string | null }): OriginalRequest | null {
  const given = PAIRS.filter((pair) => pair.some((name) => headers.get(name) !== null))
  const [pair, ...others] = given
  if (pair === undefined || others.length > 0) return null
  const [method, uri] = pair.map((name) => headers.get(name))
  if (method == null || uri == null) return null
  return METHOD.test(method) && uri.startsWith('/') && uri.length <= LONGEST ? { method, uri } : null
}
