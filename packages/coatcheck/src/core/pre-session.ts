import type { SessionState } from './context.ts'
import { type CookieAttributes, readCookie } from './cookies.ts'
import { PRE_SESSION_NAME } from './csrf-options.ts'
import type { CookieSet } from './transport.ts'

export const PRE_SESSION_BYTES = 16

const SHAPE = /^[A-Za-z0-9_-]{22}$/

/**
 * The cookie that ties the forms of a visitor without a session to their browser (login CSRF): 128 random bits that stand
 * for nothing. Set only when a form asks for a token; always host-only, since no other host has a use for it.
 */
export function preSessionCookie({ attributes }: CookieSet): { name: string; attributes: CookieAttributes } {
  const name = attributes.secure ? `__Host-${PRE_SESSION_NAME}` : PRE_SESSION_NAME
  return { name, attributes: { ...attributes, domain: null } }
}

/** The value that the request brought, or that its answer brings; null where there is none, or more than one. */
export function preSessionOf(state: SessionState): string | null {
  const { preCookie, cookies, request } = state
  if (preCookie === 'delete') return null
  if (preCookie !== null) return preCookie.token
  if (cookies.withheld !== null) return null
  const [value = '', ...others] = readCookie(request.headers.get('cookie'), preSessionCookie(cookies).name)
  return others.length === 0 && SHAPE.test(value) ? value : null
}

/** At a sign-in: what was bound to the visitor before is worth nothing from then on. */
export function forgetPreSession(state: SessionState): void {
  if (preSessionOf(state) !== null) state.preCookie = 'delete'
}
