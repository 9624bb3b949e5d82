import { OptionError } from '../../errors.ts'
import type { WithheldReason } from '../events/reasons.ts'
import { type CookieAttributes, checkCookieOptions, type SameSite } from './cookies.ts'
import { PRE_SESSION_NAME, type Slot, type SlotCookie } from './slots.ts'

/**
 * What the core needs of a request. A fetch-standard `Request` fits as it is; without `url` the request counts as made
 * over https. Nothing forwarded by a proxy is believed unless the options say so (`origin`, `trustProxy`).
 */
export interface RequestLike {
  readonly headers: { get(name: string): string | null }
  readonly url?: string | undefined
  readonly method?: string | undefined
}

export interface CookieOptions {
  /** Name of the signed-in session's cookie, without prefix. Default `sid`. */
  readonly name?: string | undefined
  /** Name of the anonymous session's cookie, without prefix. Default `vid`. */
  readonly anonymousName?: string | undefined
  /** Default `lax`. `none` needs https and a reason, such as being embedded on other sites. */
  readonly sameSite?: SameSite | undefined
  /**
   * Shares the cookie with all subdomains, and so gives up the prefix `__Host-` for `__Secure-`. Has to be that of `origin`,
   * where that is set, or one above it. Left out on localhost, where browsers refuse it. Default: none.
   */
  readonly domain?: string | undefined
  /** Keeps the cookie apart per embedding site (CHIPS). Default false. */
  readonly partitioned?: boolean | undefined
}

/** How a request reached us: over TLS, in the clear on this machine, or in the clear over a network. */
export type Channel = 'secure' | 'loopback' | 'insecure'

/** Why a cookie is not sent. `why` says what to do about it. */
export interface Withheld {
  readonly reason: WithheldReason
  readonly why: string
}

/** The cookies on one channel. */
export interface CookieSet {
  readonly channel: Channel
  readonly slots: Readonly<Record<Slot, SlotCookie>>
  /** Those of sessions; see `slots` for that of visitors' forms. */
  readonly attributes: CookieAttributes
  /** Why browsers would not keep these cookies, and what to set; null where they do. */
  readonly withheld: Withheld | null
}

export interface Transport {
  /** For a request to this URL; see `RequestLike` for what none means. */
  readonly cookiesOf: (url: string | undefined) => CookieSet
}

/** What stands behind the scheme where the host is this machine; names below localhost are it too (RFC 6761 6.3). */
const HERE = /^\/\/(?:(?:[a-z0-9_-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?(?:[/?#]|$)/i

function isHere(url: string): boolean {
  return HERE.test(url.slice(url.indexOf(':') + 1))
}

export function channelOf(url: string | undefined): Channel {
  if (url === undefined || url.startsWith('https:')) return 'secure'
  return /^http:/i.test(url) && isHere(url) ? 'loopback' : 'insecure'
}

const PLAIN_HTTP: Withheld = {
  reason: 'plain-http',
  why:
    "this request came over plain http, where browsers keep no secure cookie. Behind a proxy that ends TLS set `origin: 'https://…'`; " +
    'to do without TLS on a network that you trust set `insecure: true`.',
}

/** The cookie options in effect. */
export interface CookieSettings {
  readonly name: string
  readonly anonymousName: string
  readonly sameSite: SameSite
  readonly domain: string | null
  readonly partitioned: boolean
}

export function makeTransport(options: CookieSettings, origin: string | null, insecure: boolean): Transport {
  checkCookieOptions([options.name, options.anonymousName], options)
  checkChunkNames(options.anonymousName, options.name)
  checkChunkNames(options.name, options.anonymousName)
  if (options.anonymousName === accessName(options.name)) {
    throw new OptionError('cookie.anonymousName', `'${options.anonymousName}' is the cookie of access tokens.`)
  }
  // Browsers take a domain from its own hosts alone, and this machine is none of them.
  const local = { ...options, domain: null }
  const sets: Readonly<Record<Channel, CookieSet>> = {
    secure: makeCookieSet('secure', options, insecure),
    loopback: makeCookieSet('loopback', local, insecure),
    insecure: makeCookieSet('insecure', options, insecure),
  }
  const secureHere = options.domain === null ? sets.secure : makeCookieSet('secure', local, insecure)
  const setOf = (url: string | undefined): CookieSet => {
    const channel = channelOf(url)
    if (channel === 'secure' && url !== undefined && isHere(url)) return secureHere
    return inDomain(sets[channel], url)
  }
  if (origin === null) return { cookiesOf: setOf }
  const fixed = setOf(checkOrigin(origin))
  checkDomain(fixed.attributes.domain, origin)
  return { cookiesOf: () => fixed }
}

/** Browsers drop a cookie whose domain is not that of the host which they asked. */
function inDomain(set: CookieSet, url: string | undefined): CookieSet {
  const { domain } = set.attributes
  if (domain === null || set.withheld !== null || url === undefined || !URL.canParse(url)) return set
  const host = new URL(url).hostname.replace(/\.$/, '')
  if (isIn(domain, host)) return set
  const why =
    `\`cookie.domain\` is '${domain}', and this request is for ${host}: browsers drop such a cookie. ` +
    "Correct the domain; behind a proxy that changes the header Host set `origin: 'https://…'` or `trustProxy`."
  return { ...set, withheld: { reason: 'domain', why } }
}

function isIn(domain: string, host: string): boolean {
  return `.${host}`.endsWith(`.${domain.toLowerCase()}`)
}

function checkDomain(domain: string | null, origin: string): void {
  if (domain === null || isIn(domain, new URL(origin).hostname)) return
  throw new OptionError(
    'cookie.domain',
    `'${domain}' is not the host of ${origin}, nor one above it: browsers refuse it.`,
  )
}

/** Goes by that of the signed-in session's cookie, beside which it comes. */
function accessName(name: string): string {
  return `${name}-access`
}

/** Chunks of a text have the name of its cookie, a dot and a digit. */
function checkChunkNames(one: string, other: string): void {
  if (!one.startsWith(`${other}.`) || !/^\.\d$/.test(one.slice(other.length))) return
  throw new OptionError('cookie.name', `'${one}' is a name of a chunk of '${other}'.`)
}

function makeCookieSet(channel: Channel, options: CookieSettings, insecure: boolean): CookieSet {
  const secure = channel === 'secure'
  const prefix = secure ? (options.domain === null ? '__Host-' : '__Secure-') : ''
  const attributes: CookieAttributes = {
    secure,
    sameSite: options.sameSite === 'none' && !secure ? 'lax' : options.sameSite,
    domain: options.domain,
    partitioned: options.partitioned && secure,
  }
  const hostOnly = secure ? '__Host-' : ''
  return {
    channel,
    slots: {
      'signed-in': { name: prefix + options.name, attributes },
      anonymous: { name: prefix + options.anonymousName, attributes },
      access: { name: prefix + accessName(options.name), attributes },
      // Always host-only, since no other host has a use for it.
      'pre-session': { name: hostOnly + PRE_SESSION_NAME, attributes: { ...attributes, domain: null } },
    },
    attributes,
    withheld: channel === 'insecure' && !insecure ? PLAIN_HTTP : null,
  }
}

function checkOrigin(origin: string): string {
  if (!/^https?:/.test(origin) || !URL.canParse(origin) || new URL(origin).origin !== origin) {
    throw new OptionError(
      'origin',
      "write scheme, host and port as a browser sends them, such as 'https://example.org'.",
    )
  }
  return origin
}

const BEARER = /^Bearer +([^\s,]+)$/i

/** The text in `Authorization: Bearer` (RFC 6750 2.1), whosever it is; null where there is none. */
export function bearerText(request: RequestLike): string | null {
  const header = request.headers.get('authorization')
  return header === null ? null : (BEARER.exec(header)?.[1] ?? null)
}

/**
 * Whether the request is a top-level navigation (Fetch Metadata). Only its answer may bring a renewed token: the answers
 * to a page's many other requests can arrive late, and would put an old token over a newer one.
 */
export function isNavigation(request: RequestLike): boolean {
  return (
    (request.method === undefined || request.method === 'GET') &&
    request.headers.get('sec-fetch-mode') === 'navigate' &&
    request.headers.get('sec-fetch-dest') === 'document'
  )
}
