import { CookieJar as ToughJar } from 'tough-cookie'
import { cookieJar } from '../../../src/testing/index.ts'
import type { Difference, Held } from './matrix.ts'

/** Who keeps cookies. */
export interface Judge {
  readonly name: string
  /** Where it is not of the browsers' mind. */
  readonly differences: readonly Difference[]
  /** Takes the lines that come with a page. */
  readonly take: (url: string, lines: readonly string[]) => void | Promise<void>
  /** What it holds for the host of a page, of whatever path. */
  readonly held: (url: string) => readonly Held[] | Promise<readonly Held[]>
  /** The `Cookie` header with which the page is asked for. */
  readonly header: (url: string) => string | Promise<string>
  /** Until when it holds a cookie, in epoch milliseconds; null where that is until the browser is closed. */
  readonly expiry: (url: string, name: string) => number | null | Promise<number | null>
  readonly clear: () => void | Promise<void>
}

/** The jar that `coatcheck/testing` exports. */
export function ourJar(): Judge {
  const empty = () => cookieJar({ clock: { now: Date.now } })
  let jar = empty()
  return {
    name: 'cookieJar',
    differences: [],
    take(url, lines) {
      jar.take(url, lines)
    },
    held: () => jar.cookies().map(({ expiresAt: _, ...held }) => held),
    header: (url) => jar.header(url) ?? '',
    expiry: (_url, name) => jar.cookies().find((one) => one.name === name)?.expiresAt ?? null,
    clear() {
      jar = empty()
    },
  }
}

const SAME_SITE: Readonly<Record<string, Held['sameSite']>> = { strict: 'strict', lax: 'lax' }
const prefixKnown = (prefix: string) => ['__Secure-', '__Host-'].find((known) => prefix.startsWith(known)) ?? ''

export function toughCookie(): Judge {
  const jar = new ToughJar(undefined, { prefixSecurity: 'silent' })
  const all = (url: string) => jar.getCookiesSync(url, { allPaths: true })
  return {
    name: 'tough-cookie',
    differences: [
      {
        reason: 'It follows drafts without CHIPS: Partitioned is an attribute that it does not know.',
        reads: (one) => ({ ...one, partitioned: false }),
      },
      {
        reason: 'It follows drafts with two prefixes, compared exactly.',
        reads: (one) => ({ ...one, prefix: prefixKnown(one.prefix) }),
      },
      { reason: 'It follows RFC 6265, where SameSite=None needs nothing.', allows: 'SameSite=None without Secure' },
      {
        reason: 'It follows RFC 6265, where a cookie without SameSite goes everywhere.',
        holds: (held, { sameSite }) => (sameSite === null ? { ...held, sameSite: 'none' } : held),
      },
      {
        reason: 'It takes a host of one label for a domain like others.',
        holds: (held, { domain }) => ({ ...held, hostOnly: domain === null }),
      },
      {
        reason: 'It follows RFC 6265, where the Domain of the host itself and none are one cookie.',
        overlooks: 'hostOnly',
      },
    ],
    take(url, lines) {
      for (const line of lines) jar.setCookieSync(line, url, { ignoreError: true })
    },
    held: (url) =>
      all(url).map(({ key: name, value, domain, hostOnly, path, secure, httpOnly, sameSite }) => ({
        name,
        value,
        domain: domain ?? '',
        hostOnly: hostOnly === true,
        path: path ?? '',
        secure,
        httpOnly,
        sameSite: SAME_SITE[sameSite ?? ''] ?? 'none',
        partitioned: false,
      })),
    header: (url) => jar.getCookieStringSync(url),
    expiry(url, name) {
      const at = all(url)
        .find(({ key }) => key === name)
        ?.expiryTime()
      return at === undefined || at === Number.POSITIVE_INFINITY ? null : at
    },
    clear: () => jar.removeAllCookiesSync(),
  }
}
