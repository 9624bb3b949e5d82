import { returnPath as ownPath } from 'coatcheck'

/** The path to which a sign-in returns, or the dashboard: never one of the pages through which one came. */
export function returnPath(wanted: string | undefined): string {
  return ownPath(wanted, {
    fallback: '/dashboard',
    never: ['/login', '/signup', '/logout', '/reauth', '/forgot', '/reset', '/verify'],
  })
}
