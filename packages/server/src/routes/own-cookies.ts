import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { BesideName } from '../config/cookie-names.ts'
import type { Environment } from '../environment.ts'
import { arrivalOf, besideName } from '../sessions.ts'

/** By the same rule as the session's cookie. */
const isSecure = (c: Context<Environment>): boolean => arrivalOf(c).origin.startsWith('https:')

const nameOf = (c: Context<Environment>, usual: BesideName): string =>
  besideName(c.get('services').config.cookieName, usual)

/** The value of a cookie beside that of the session; empty where there is none. */
export function cookieOf(c: Context<Environment>, usual: BesideName): string {
  const name = nameOf(c, usual)
  return (isSecure(c) ? getCookie(c, name, 'host') : getCookie(c, name)) ?? ''
}

/** Sets a cookie beside that of the session, with the same attributes. `maxAge` in seconds; without it, it ends with the browser. */
export function setCookieOf(c: Context<Environment>, usual: BesideName, value: string, maxAge?: number): void {
  const shared = { path: '/', httpOnly: true, sameSite: 'Lax', ...(maxAge !== undefined && { maxAge }) } as const
  const name = nameOf(c, usual)
  if (isSecure(c)) setCookie(c, name, value, { ...shared, prefix: 'host', secure: true })
  else setCookie(c, name, value, shared)
}
