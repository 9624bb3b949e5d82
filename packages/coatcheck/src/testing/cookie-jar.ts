import { type ManualClock, manualClock } from './clock.ts'
import { defaultPath, domainMatches, isTrustworthy, pathMatches } from './cookie-jar/matching.ts'
import { parseSetCookie, type SameSite, type SetCookie } from './cookie-jar/parse.ts'

/**
 * Where a request comes from, which decides on `SameSite`: the own site (or the address bar), a link of another site
 * (a top-level navigation by GET), or anything else that another site starts (a form by POST, `fetch`, an image).
 */
export type RequestContext = 'same-site' | 'cross-site-navigation' | 'cross-site-subrequest'

/** A cookie as the jar holds it. */
export interface JarCookie {
  readonly name: string
  readonly value: string
  readonly domain: string
  /** Sent to exactly this host, not to those below it. */
  readonly hostOnly: boolean
  readonly path: string
  readonly secure: boolean
  readonly httpOnly: boolean
  /** Where the line named none it is `lax`, as in Chromium. */
  readonly sameSite: SameSite
  /** Kept apart per embedding site: another cookie than one of the same name that is not. */
  readonly partitioned: boolean
  /** Epoch milliseconds; null where it ends with the browser. */
  readonly expiresAt: number | null
}

/** A line that the jar did not take, and why. */
export interface RefusedCookie {
  readonly line: string
  readonly reason: string
}

export interface CookieJar {
  /** Takes the `Set-Cookie` lines of an answer, in their order; answers those that a browser refuses. */
  readonly take: (url: string | URL, lines: readonly string[], context?: RequestContext) => readonly RefusedCookie[]
  /** The `Cookie` header of a request, null where it has none. */
  readonly header: (url: string | URL, context?: RequestContext) => string | null
  /** All that have not expired, the oldest first. */
  readonly cookies: () => readonly JarCookie[]
  /** Another jar that holds the same at this moment: a stolen cookie, a second tab. */
  readonly copy: () => CookieJar
}

export interface CookieJarOptions {
  /** By which cookies expire; without one time stands still. `{ now: Date.now }` for a jar in real time. */
  readonly clock?: Pick<ManualClock, 'now'> | undefined
}

const LONGEST_LIFE = 400 * 24 * 3_600_000

/**
 * A browser's cookie store for tests of adapters, ours and yours, after RFC 6265bis and, where that leaves a choice, as
 * Chromium and Firefox do it: `Secure` cookies are accepted from and sent to `http://localhost`, `*.localhost`,
 * `127.0.0.0/8` and `[::1]` (Safari does not); `SameSite=None` needs `Secure`; none at all means `Lax`.
 *
 * It has no list of public suffixes: a `Domain` of one label is refused, `co.uk` is not. It does not count cookies, so it
 * evicts none. It knows one partition, that of the cookie's own pages, and none of other sites that embed them.
 *
 * ```ts
 * const jar = cookieJar()
 * jar.take('https://app.example/', response.headers.getSetCookie())
 * await fetch(url, { headers: { cookie: jar.header('https://app.example/account') ?? '' } })
 * ```
 */
export function cookieJar({ clock = manualClock() }: CookieJarOptions = {}): CookieJar {
  return jarOf(new Map(), clock)
}

/** The cookies by what identifies one, in the order in which they came; one that is overwritten keeps its place. */
type Held = Map<string, JarCookie>

function jarOf(held: Held, clock: Pick<ManualClock, 'now'>): CookieJar {
  const dropExpired = () => {
    for (const [key, { expiresAt }] of held) if (expiresAt !== null && expiresAt <= clock.now()) held.delete(key)
  }
  const takeLine = (url: URL, line: string, context: RequestContext): string | null => {
    const parsed = parseSetCookie(line)
    if (typeof parsed === 'string') return parsed
    const cookie = cookieOf(parsed, url, clock.now())
    const refusal = refusalOf(parsed, cookie, url, context) ?? overlay(held, cookie, url)
    if (refusal === null) held.set(keyOf(cookie), cookie)
    dropExpired()
    return refusal
  }
  return {
    take(address, lines, context = 'same-site') {
      const url = new URL(address)
      dropExpired()
      return lines.flatMap((line) => {
        const reason = takeLine(url, line, context)
        return reason === null ? [] : { line, reason }
      })
    },
    header(address, context = 'same-site') {
      const url = new URL(address)
      dropExpired()
      const sent = [...held.values()].filter((cookie) => isSent(cookie, url, context))
      // Sorting is stable, so of one length the oldest stays first.
      const pairs = sent.toSorted((a, b) => b.path.length - a.path.length).map(pairOf)
      return pairs.length === 0 ? null : pairs.join('; ')
    },
    cookies() {
      dropExpired()
      return [...held.values()]
    },
    copy: () => jarOf(new Map(held), clock),
  }
}

function keyOf({ name, domain, hostOnly, path, partitioned }: JarCookie): string {
  return JSON.stringify([name, domain, hostOnly, path, partitioned])
}

function pairOf({ name, value }: JarCookie): string {
  return name === '' ? value : `${name}=${value}`
}

function cookieOf(parsed: SetCookie, url: URL, now: number): JarCookie {
  const { name, value, secure, httpOnly, sameSite, partitioned } = parsed
  const hostOnly = parsed.domain === null || isOwnLabel(parsed.domain, url)
  return {
    name,
    value,
    domain: parsed.domain ?? url.hostname,
    hostOnly,
    path: parsed.path ?? defaultPath(url),
    secure,
    httpOnly,
    sameSite: sameSite === 'unset' ? 'lax' : sameSite,
    partitioned,
    expiresAt: expiryOf(parsed, now),
  }
}

/** A host of one label, such as `localhost`, may name itself, and means itself alone. */
function isOwnLabel(domain: string, url: URL): boolean {
  return domain === url.hostname && !domain.includes('.')
}

function expiryOf({ maxAge, expires }: SetCookie, now: number): number | null {
  const at = maxAge === null ? expires : maxAge <= 0 ? 0 : now + maxAge * 1_000
  return at === null ? null : Math.min(at, now + LONGEST_LIFE)
}

function refusalOf(parsed: SetCookie, cookie: JarCookie, url: URL, context: RequestContext): string | null {
  const { domain } = cookie
  if (!domainMatches(url.hostname, domain)) return 'the Domain of another host'
  if (!domain.includes('.') && !cookie.hostOnly) return 'a Domain of one label'
  if (cookie.secure && !isTrustworthy(url)) return 'Secure over plain http'
  if (cookie.sameSite === 'none' && !cookie.secure) return 'SameSite=None without Secure'
  if (parsed.partitioned && !cookie.secure) return 'Partitioned without Secure'
  if (cookie.sameSite !== 'none' && context === 'cross-site-subrequest') return 'SameSite in an answer to another site'
  return prefixRefusal(parsed, cookie)
}

/** What a prefix demands; a nameless cookie whose value begins with one would look like one in the header. */
function prefixRefusal(parsed: SetCookie, { name, value, secure, httpOnly, hostOnly }: JarCookie): string | null {
  const [prefix] = /^__(?:host-http|host|secure|http)-/.exec((name === '' ? value : name).toLowerCase()) ?? []
  if (prefix === undefined) return null
  if (name === '') return 'a prefix without a name'
  if (!secure) return `${prefix} without Secure`
  if (prefix.includes('http-') && !httpOnly) return `${prefix} without HttpOnly`
  if (!prefix.includes('host')) return null
  if (!hostOnly || parsed.domain !== null) return `${prefix} with a Domain`
  return parsed.path === '/' ? null : `${prefix} without Path=/`
}

/** Over plain http nobody puts a cookie over or beside a Secure one of the same name. */
function overlay(held: Held, cookie: JarCookie, url: URL): string | null {
  if (cookie.secure || isTrustworthy(url)) return null
  const isHidden = [...held.values()].some(
    ({ secure, name, domain, path }) =>
      secure &&
      name === cookie.name &&
      (domainMatches(cookie.domain, domain) || domainMatches(domain, cookie.domain)) &&
      pathMatches(cookie.path, path),
  )
  return isHidden ? 'the name of a Secure cookie, over plain http' : null
}

function isSent({ domain, hostOnly, path, secure, sameSite }: JarCookie, url: URL, context: RequestContext): boolean {
  if (hostOnly ? url.hostname !== domain : !domainMatches(url.hostname, domain)) return false
  if (!pathMatches(url.pathname, path) || (secure && !isTrustworthy(url))) return false
  if (context === 'same-site' || sameSite === 'none') return true
  return context === 'cross-site-navigation' && sameSite === 'lax'
}
