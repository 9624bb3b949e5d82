import { OptionError } from '../../errors.ts'
import type { RequestLike } from '../http/transport.ts'
import { isOrigin, type ProvenanceRule } from './provenance.ts'

export interface CsrfOptions {
  /**
   * Origins of others, as `https://partner.example`, whose pages may send unsafe requests with the visitor's cookies; those of
   * apps in a WebView and of extensions too, as `capacitor://localhost`. For names that change, a function that answers whether
   * an origin is trusted. Default: none.
   */
  readonly trustedOrigins?: readonly string[] | ((origin: string) => boolean) | undefined
  /** Refuses nothing and tells the event `csrf-blocked` all the same, to try the rules out. Default false. */
  readonly reportOnly?: boolean | undefined
  /**
   * Paths that are not protected, exactly as requests name them, or a function that says so: for webhooks and for what
   * does not go by cookies. Default: none.
   */
  readonly exempt?: readonly string[] | ((request: RequestLike) => boolean) | undefined
  /**
   * Besides the check of where a request was made, asks for the token of `session.csrfToken()`: `true` of every unsafe
   * request, `'forms'` of those that a form can send. It comes in the header `X-CSRF-Token`, or the handler takes it from
   * the body and calls `session.checkCsrf`; until then the session cannot be changed. Default false.
   */
  readonly requireToken?: boolean | 'forms' | undefined
  /**
   * Refuses an unsafe request that has none of `Sec-Fetch-Site`, `Origin` and `Referer`, unless its header `X-CSRF-Token`
   * counts. Programs and browsers from before 2020 send such requests; by default they pass where `cookie.sameSite` is `lax` or
   * `strict`. Default false.
   */
  readonly requireOrigin?: boolean | undefined
  /** Believes `Referer` where a request has neither `Sec-Fetch-Site` nor `Origin`. Default false. */
  readonly refererFallback?: boolean | undefined
}

/** The options in effect. `own` is null where it is each request's own. */
export interface CsrfSettings extends ProvenanceRule {
  readonly reportOnly: boolean
  readonly requireToken: boolean | 'forms'
  readonly requireOrigin: boolean
  readonly isExempt: (request: RequestLike) => boolean
}

const TOKEN_RULES: readonly unknown[] = [true, false, 'forms']

/** `own`: the option `origin`. @throws OptionError for what is no origin or path */
export function makeCsrf(options: Required<CsrfOptions> | 'unprotected', own: string | null): CsrfSettings {
  if (options === 'unprotected') {
    const nothing = {
      trusted: new Set<string>(),
      refererFallback: false,
      reportOnly: false,
      requireToken: false,
      requireOrigin: false,
    }
    return { ...nothing, own, isExempt: () => true }
  }
  const {
    trustedOrigins = [],
    exempt = [],
    reportOnly = false,
    requireToken = false,
    requireOrigin = false,
    refererFallback = false,
  } = options
  if (!TOKEN_RULES.includes(requireToken)) throw new OptionError('csrf.requireToken', "true, false or 'forms'.")
  return {
    own,
    trusted: trustedBy(trustedOrigins),
    refererFallback,
    reportOnly,
    requireToken,
    requireOrigin,
    isExempt: typeof exempt === 'function' ? exempt : byPath(exempt),
  }
}

function trustedBy(given: NonNullable<CsrfOptions['trustedOrigins']>): ProvenanceRule['trusted'] {
  if (typeof given !== 'function') return new Set(given.map(checkTrusted))
  return { has: (origin) => isOrigin(origin) && given(origin) }
}

function checkTrusted(origin: string): string {
  if (typeof origin === 'string' && isOrigin(origin)) return origin
  const isPattern = typeof origin === 'string' && origin.includes('*')
  throw new OptionError(
    'csrf.trustedOrigins',
    isPattern
      ? `'${origin}' is a pattern. For names that change, write a function of the origin that answers true or false.`
      : `'${origin}' is none. Write each as a browser sends it, such as 'https://partner.example' or 'capacitor://localhost'.`,
  )
}

function byPath(paths: readonly string[]): CsrfSettings['isExempt'] {
  for (const path of paths) {
    if (typeof path !== 'string' || !/^\/[^?#]*$/.test(path)) {
      throw new OptionError(
        'csrf.exempt',
        "write paths with their slash and without a query, such as '/hooks/payment'.",
      )
    }
  }
  const exempt = new Set(paths)
  return (request) => exempt.size > 0 && exempt.has(pathOf(request.url))
}

/** The path as it was sent, which is what a router goes by. */
function pathOf(url: string | undefined): string {
  return /^[a-z]+:\/\/[^/?#]*([^?#]*)/i.exec(url ?? '')?.[1] ?? ''
}
