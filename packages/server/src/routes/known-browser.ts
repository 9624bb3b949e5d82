import type { Context } from 'hono'
import type { Account } from '../accounts/accounts.ts'
import type { Environment } from '../environment.ts'
import { cookieOf, setCookieOf } from './own-cookies.ts'

const NAME = 'known'
const YEAR = 365 * 24 * 60 * 60

/** What the browser has of the accounts that it has signed in to before; empty where it has nothing. */
export const knownBrowserOf = (c: Context<Environment>): string => cookieOf(c, NAME)

/** The browser has proven to be the account's: it gets, or keeps, a counter of its own. */
export function rememberBrowser(c: Context<Environment>, account: Account): void {
  setCookieOf(c, NAME, c.get('services').knownBrowsers.remember(knownBrowserOf(c), account), YEAR)
}
