/**
 * The path of our own to which a sign-in returns, or the dashboard: never another site (ASVS 3.7.2), nor one of the pages
 * through which one came.
 */
export function returnPath(wanted: string | undefined): string {
  const fallback = '/dashboard'
  if (wanted === undefined || wanted.length > 1024 || !/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(wanted))
    return fallback
  const base = 'http://own.invalid'
  if (!URL.canParse(wanted, base)) return fallback
  const url = new URL(wanted, base)
  if (url.origin !== base || ['/', '/login', '/signup', '/logout'].includes(url.pathname)) return fallback
  return url.pathname + url.search
}
