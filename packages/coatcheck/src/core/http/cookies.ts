import { OptionError } from '../../errors.ts'

/** Longer `Cookie` headers are not looked into (the usual limit of servers lies at 8 to 16 KB). */
export const LONGEST_COOKIE_HEADER = 16_384
/** 400 days in seconds, where browsers cut (RFC 6265bis 5.6). */
export const LONGEST_MAX_AGE = 34_560_000
/** How many different values of one name are looked at. */
const MOST_CANDIDATES = 4

const QUOTE = 0x22
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/
const DOMAIN = /^(?!-)[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i

export type SameSite = 'lax' | 'strict' | 'none'
const SAME_SITE: Readonly<Record<SameSite, string>> = { lax: 'Lax', strict: 'Strict', none: 'None' }

/** Where a cookie is valid. Deleting one needs the same attributes as setting it. */
export interface CookieAttributes {
  readonly secure: boolean
  readonly sameSite: SameSite
  readonly domain: string | null
  readonly partitioned: boolean
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

export function isOverlong(header: string): boolean {
  return header.length > LONGEST_COOKIE_HEADER
}

/**
 * The different values that a `Cookie` header holds for a name, compared exactly, at most 4; usually none or one.
 * Quotes around a value are no part of it (RFC 6265 4.1.1); nothing is decoded, and no input throws. A header over 16 KB
 * answers none.
 */
export function readCookie(header: string | null, name: string): readonly string[] {
  if (header === null || isOverlong(header)) return NONE
  let at = header.indexOf(name)
  if (at === -1) return NONE
  let values: string[] | null = null
  for (; at !== -1; at = header.indexOf(name, at + name.length)) {
    const value = valueAt(header, name, at)
    if (value === null || values?.includes(value)) continue
    if (values === null) values = [value]
    else if (values.push(value) === MOST_CANDIDATES) break
  }
  return values ?? NONE
}

const NONE: readonly string[] = []

/** The value of the pair whose name begins at `at`, or null where these letters are no whole name of a pair. */
function valueAt(header: string, name: string, at: number): string | null {
  let before = at - 1
  while (before >= 0 && isBlank(header.charCodeAt(before))) before--
  if (before >= 0 && header.charCodeAt(before) !== 0x3b) return null
  let start = at + name.length
  while (isBlank(header.charCodeAt(start))) start++
  if (header.charCodeAt(start) !== 0x3d) return null
  start++
  const semicolon = header.indexOf(';', start)
  let end = semicolon === -1 ? header.length : semicolon
  while (start < end && isBlank(header.charCodeAt(start))) start++
  while (end > start && isBlank(header.charCodeAt(end - 1))) end--
  const isQuoted = end - start > 1 && header.charCodeAt(start) === QUOTE && header.charCodeAt(end - 1) === QUOTE
  return isQuoted ? header.slice(start + 1, end - 1) : header.slice(start, end)
}

function attributes(of: CookieAttributes): string {
  const domain = of.domain === null ? '' : `; Domain=${of.domain}`
  return `; Path=/${domain}${of.secure ? '; Secure' : ''}; HttpOnly; SameSite=${SAME_SITE[of.sameSite]}${of.partitioned ? '; Partitioned' : ''}`
}

/**
 * The `Set-Cookie` line (RFC 6265bis 4.1). `maxAge` in whole seconds, cut at 400 days; null makes a cookie that ends
 * with the browser. Its size is the caller's to bound: `writeSlot` does.
 */
export function writeCookie(name: string, value: string, maxAge: number | null, at: CookieAttributes): string {
  if (!VALUE.test(value)) throw new RangeError('a cookie value holds a character that needs encoding')
  const age = maxAge === null ? '' : `; Max-Age=${wholeAge(maxAge)}`
  return `${name}=${value}${attributes(at)}${age}`
}

/** Whole seconds, cut where browsers cut. */
export function wholeAge(maxAge: number): number {
  return Math.min(Math.floor(maxAge), LONGEST_MAX_AGE)
}

/** The line that deletes the cookie, with every attribute that its prefix and place demand. */
export function deleteCookie(name: string, at: CookieAttributes): string {
  return `${name}=${attributes(at)}; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT`
}

/** @throws OptionError where a name, domain or combination is one that browsers refuse. */
export function checkCookieOptions(
  names: readonly string[],
  at: Pick<CookieAttributes, 'domain' | 'sameSite' | 'partitioned'>,
): void {
  for (const name of names) {
    if (!NAME.test(name) || name.length > 64) {
      throw new OptionError('cookie.name', 'use 1 to 64 letters, digits or - _ . only.')
    }
    if (/^__(?:host|secure|http)-/i.test(name)) {
      throw new OptionError('cookie.name', 'leave the prefix away: it is added where its conditions hold.')
    }
  }
  if (new Set(names).size !== names.length) {
    throw new OptionError('cookie.anonymousName', 'signed-in and anonymous sessions need two names.')
  }
  if (!Object.hasOwn(SAME_SITE, at.sameSite)) throw new OptionError('cookie.sameSite', "'lax', 'strict' or 'none'.")
  if (at.domain !== null && (!DOMAIN.test(at.domain) || at.domain.length > 253)) {
    throw new OptionError(
      'cookie.domain',
      `write a host name without scheme, port or leading dot, such as 'example.org'.`,
    )
  }
}
