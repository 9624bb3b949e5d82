const LONGEST = 1_024
const BASE = 'http://own.invalid'

export interface ReturnPathOptions {
  /** Where one goes when nothing better is known; default `/`. */
  readonly fallback?: string | undefined
  /** Paths to which one does not return, such as those of the sign-in itself; compared exactly, without their query. */
  readonly never?: readonly string[] | undefined
}

/**
 * The path of the application's own to which a visitor returns, with its query, or the fallback: never another site
 * (ASVS 3.7.2; CWE-601), whatever a browser makes of slashes, backslashes, dots and control characters. What is no text,
 * such as a missing or a repeated field of a query, is the fallback.
 */
export function returnPath(wanted: unknown, options: ReturnPathOptions = {}): string {
  const { fallback = '/', never = [] } = options
  if (typeof wanted !== 'string' || wanted.length > LONGEST) return fallback
  if (!/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(wanted) || !URL.canParse(wanted, BASE)) return fallback
  const url = new URL(wanted, BASE)
  // Dots may have left two slashes at the front.
  if (url.origin !== BASE || url.pathname.startsWith('//') || never.includes(url.pathname)) return fallback
  return url.pathname + url.search
}
