import { refuseUnknown } from '../core/base/unknown-options.ts'

const LONGEST = 1_024
const BASE = 'http://own.invalid'

export interface ReturnPathOptions {
  /** Where one goes when nothing better is known; default `/`. */
  readonly fallback?: string | undefined
  /**
   * Paths to which one does not return, such as those of the sign-in itself. They are compared as a router may read them:
   * decoded, without regard to case and to a slash at the end, without their query.
   */
  readonly never?: readonly string[] | undefined
}

/**
 * The path of the application's own to which a visitor returns, with its query, or the fallback: never another site
 * (ASVS 3.7.2; CWE-601), whatever a browser makes of slashes, backslashes, dots and control characters. What is no text,
 * such as a missing or a repeated field of a query, is the fallback, and so is a path that its decoding leads elsewhere. @throws OptionError
 */
export function returnPath(wanted: unknown, options: ReturnPathOptions = {}): string {
  refuseUnknown(options, { fallback: null, never: null }, 'returnPath')
  const { fallback = '/', never = [] } = options
  if (typeof wanted !== 'string' || wanted.length > LONGEST) return fallback
  if (!/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(wanted) || !URL.canParse(wanted, BASE)) return fallback
  const url = new URL(wanted, BASE)
  // Dots may have left two slashes at the front.
  if (url.origin !== BASE || url.pathname.startsWith('//')) return fallback
  const readings = readingsOf(url.pathname)
  const unwanted = new Set(never.map(keyOf))
  if (readings === null || readings.some((path) => unwanted.has(keyOf(path)))) return fallback
  return url.pathname + url.search
}

/** How routers compare paths that they do not compare exactly. */
const keyOf = (path: string): string => path.toLowerCase().replace(/(?<=.)\/+$/, '')

/**
 * The path and what comes of decoding it, also more than once, as routers and proxies behind one another do. Null where it
 * cannot be decoded, or where dots, backslashes or control characters come out, because it is another path then.
 */
function readingsOf(path: string): readonly string[] | null {
  const readings = [path]
  for (let last = path; ; ) {
    const decoded = decode(last)
    // What comes of a decoding may be any text, such as a percent sign alone.
    if (decoded === null) return readings.length === 1 ? null : readings
    if (decoded === last) return readings
    if (/[\p{Cc}\\]|^\/\/|(?:^|\/)\.{1,2}(?:\/|$)/u.test(decoded)) return null
    readings.push(decoded)
    last = decoded
  }
}

function decode(path: string): string | null {
  try {
    return decodeURIComponent(path)
  } catch {
    return null
  }
}
