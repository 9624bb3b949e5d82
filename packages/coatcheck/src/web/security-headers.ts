import { runtime as platform } from '#runtime'
import { type KnownOf, refuseUnknown } from '../core/base/unknown-options.ts'
import { OptionError } from '../errors.ts'
import type { Runtime } from '../runtime/index.ts'

/** Sources of one directive of a content security policy; an empty list takes a default directive away. */
export type CspDirectives = Readonly<Record<string, readonly string[]>>

export interface SecurityHeadersOptions {
  /**
   * Directives beside the defaults, which are `default-src 'self'`, `object-src 'none'`, `base-uri 'none'`,
   * `frame-ancestors 'none'` and `form-action 'self'` (ASVS 3.4.3, 3.4.6). `'nonce'` among the sources becomes this
   * answer's nonce. `'none-without-protection'` sends no policy.
   */
  readonly csp?: CspDirectives | 'none-without-protection' | undefined
  /**
   * How long browsers come by https only, in seconds, subdomains included (RFC 6797; ASVS 3.4.1). Default a year; 0 takes it
   * back. Sent over https alone: behind a proxy that ends TLS see the option `secure` of each adapter.
   */
  readonly hsts?: number | undefined
  /** Default `strict-origin-when-cross-origin`, so that no path or query leaves the own site (ASVS 3.4.5). */
  readonly referrerPolicy?: string | undefined
  /** Default `same-origin`: pages of others hold no handle on ours. */
  readonly crossOriginOpenerPolicy?: string | undefined
  /** Default `same-origin`: pages of others cannot load ours as a resource. */
  readonly crossOriginResourcePolicy?: string | undefined
}

/** What each adapter takes besides, in the words of its framework. */
export interface SecureOption<Request> {
  /**
   * Which requests came by https: all of them, or those for which the function says so (in Express
   * `(request) => request.secure`). To be set behind a proxy that ends TLS, since what proxies forward is not believed by
   * itself. Default: those that reached this server by TLS.
   */
  readonly secure?: true | ((request: Request) => boolean) | undefined
}

/** `seen`: whether the request reached this server by TLS. */
export function isSecure<Request>({ secure }: SecureOption<Request>, request: Request, seen: boolean): boolean {
  return typeof secure === 'function' ? secure(request) : (secure ?? seen)
}

/** The headers of one answer, names in lower case; and the nonce for its scripts and styles. */
export interface SecurityHeaders {
  readonly headers: Readonly<Record<string, string>>
  readonly nonce: string
}

const DIRECTIVES: CspDirectives = {
  'default-src': ["'self'"],
  'object-src': ["'none'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
  'form-action': ["'self'"],
}

/** All defaults in one place. */
const securityHeaderDefaults = {
  hsts: 31_536_000,
  referrerPolicy: 'strict-origin-when-cross-origin',
  crossOriginOpenerPolicy: 'same-origin',
  crossOriginResourcePolicy: 'same-origin',
} as const

const KNOWN: KnownOf<SecurityHeadersOptions & SecureOption<never>> = {
  csp: null,
  hsts: null,
  referrerPolicy: null,
  crossOriginOpenerPolicy: null,
  crossOriginResourcePolicy: null,
  secure: null,
}

const NONCE_BYTES = 16
const DIRECTIVE = /^[a-z]+(?:-[a-z]+)*$/
const SOURCE = /^[\x21-\x2b\x2d-\x3a\x3c-\x7e]+$/
const TOKEN = /^[a-z-]+(?:, ?[a-z-]+)*$/

/** Checks the options once; the answer makes the headers of each answer. @throws OptionError */
export function makeSecurityHeaders(
  options: SecurityHeadersOptions,
  runtime: Pick<Runtime, 'random'> = platform,
): (secure: boolean) => SecurityHeaders {
  refuseUnknown(options, KNOWN, 'securityHeaders')
  const { csp } = options
  const policy = csp === 'none-without-protection' ? null : policyOf({ ...DIRECTIVES, ...csp })
  const hsts = options.hsts ?? securityHeaderDefaults.hsts
  if (!Number.isSafeInteger(hsts) || hsts < 0) throw new OptionError('hsts', 'whole seconds, 0 or more.')
  const fixed = {
    'x-content-type-options': 'nosniff',
    'referrer-policy': checked('referrerPolicy', options),
    'cross-origin-opener-policy': checked('crossOriginOpenerPolicy', options),
    'cross-origin-resource-policy': checked('crossOriginResourcePolicy', options),
  }
  const withHsts = { ...fixed, 'strict-transport-security': `max-age=${hsts}; includeSubDomains` }
  return function headersOf(secure) {
    const nonce = runtime.random(NONCE_BYTES)
    const base = secure ? withHsts : fixed
    if (policy === null) return { headers: base, nonce }
    return { headers: { ...base, 'content-security-policy': policy.replaceAll("'nonce'", `'nonce-${nonce}'`) }, nonce }
  }
}

function policyOf(directives: CspDirectives): string {
  return Object.entries(directives)
    .filter(([, sources]) => sources.length > 0)
    .map(([name, sources]) => {
      if (!DIRECTIVE.test(name) || !sources.every((source) => SOURCE.test(source))) {
        throw new OptionError(
          `csp.${name}`,
          "a directive's name and a list of its sources, such as { 'img-src': [\"'self'\"] }.",
        )
      }
      return `${name} ${sources.join(' ')}`
    })
    .join('; ')
}

function checked(
  option: 'referrerPolicy' | 'crossOriginOpenerPolicy' | 'crossOriginResourcePolicy',
  options: SecurityHeadersOptions,
): string {
  const value = options[option] ?? securityHeaderDefaults[option]
  if (!TOKEN.test(value))
    throw new OptionError(option, `a value of that header, such as '${securityHeaderDefaults[option]}'.`)
  return value
}
