import { readCookie } from '../http/cookies.ts'
import { type Exchange, put } from '../http/exchange.ts'

export const PRE_SESSION_BYTES = 16

const SHAPE = /^[A-Za-z0-9_-]{22}$/

/**
 * The value of the cookie that ties the forms of a visitor without a session to their browser (login CSRF): 128 random bits
 * that stand for nothing, set only when a form asks for a token. The one that the request brought, or that its answer brings;
 * null where there is none, or more than one.
 */
export function preSessionOf({ outgoing, cookies, request }: Exchange): string | null {
  const coming = outgoing.get('pre-session')
  if (coming !== undefined) return coming === 'delete' ? null : coming.text
  if (cookies.withheld !== null) return null
  const [value = '', ...others] = readCookie(request.headers.get('cookie'), cookies.slots['pre-session'].name)
  return others.length === 0 && SHAPE.test(value) ? value : null
}

/** At a sign-in: what was bound to the visitor before is worth nothing from then on. */
export function forgetPreSession(exchange: Exchange): void {
  if (preSessionOf(exchange) !== null) put(exchange, 'pre-session', 'delete')
}
