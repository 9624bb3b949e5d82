import { returnPath as ownPath } from 'coatcheck'

/** The pages through which one came. */
const NEVER = ['/login', '/signup', '/logout', '/reauth', '/forgot', '/reset', '/verify']

/**
 * The path to which a sign-in returns, as browsers know it, or the dashboard: never one of the pages through which one came.
 * It may be a page of another application on this host, before which the gate stands.
 */
export function returnPath(wanted: string | undefined, base: string): string {
  return ownPath(wanted, { fallback: `${base}/dashboard`, never: NEVER.map((path) => base + path) })
}
