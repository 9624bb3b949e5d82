import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { Account } from '../accounts/accounts.ts'
import type { Environment } from '../environment.ts'
import { arrivalOf, besideName } from '../sessions.ts'

const YEAR = 365 * 24 * 60 * 60

/** What the browser has of the accounts that it has signed in to before; empty where it has nothing. */
export function knownBrowserOf(c: Context<Environment>): string {
  return (isSecure(c) ? getCookie(c, nameOf(c), 'host') : getCookie(c, nameOf(c))) ?? ''
}

/** The browser has proven to be the account's: it gets, or keeps, a counter of its own. */
export function rememberBrowser(c: Context<Environment>, account: Account): void {
  const value = c.get('services').knownBrowsers.remember(knownBrowserOf(c), account)
  const shared = { path: '/', httpOnly: true, sameSite: 'Lax', maxAge: YEAR } as const
  if (isSecure(c)) setCookie(c, nameOf(c), value, { ...shared, prefix: 'host', secure: true })
  else setCookie(c, nameOf(c), value, shared)
}

const nameOf = (c: Context<Environment>): string => besideName(c.get('services').config.cookieName, 'known')

/** By the same rule as the session's cookie. */
const isSecure = (c: Context<Environment>): boolean => arrivalOf(c).origin.startsWith('https:')
