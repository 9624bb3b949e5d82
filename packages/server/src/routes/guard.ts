import type { Context } from 'hono'
import { FRESH } from '../actions/windows.ts'
import type { Environment, ServerSession } from '../environment.ts'
import { textsFor } from '../pages/render.tsx'
import { problem, wantsJson } from './messages.tsx'

/** The session of somebody who is signed in, or the answer that leads to the sign-in. */
export async function signedIn(c: Context<Environment>): Promise<ServerSession | Response> {
  const session = await c.get('openSession')()
  return session.signedIn ? session : refuse(c, 'not-signed-in', '/login')
}

/** As `signedIn`, and not long ago; else the answer that leads to where one enters one's password again. */
export async function freshlySignedIn(c: Context<Environment>): Promise<ServerSession | Response> {
  const session = await signedIn(c)
  if (session instanceof Response || session.isFresh(FRESH)) return session
  return refuse(c, 'not-fresh', '/reauth')
}

/** Pages lead on, and back to the page that was asked for; who asks for JSON is told. */
function refuse(c: Context<Environment>, reason: 'not-signed-in' | 'not-fresh', page: string): Response {
  if (wantsJson(c)) {
    const detail = textsFor(c).refusals[reason]({ least: 0, most: 0, minutes: 1 })
    c.header('WWW-Authenticate', 'Session')
    return problem(c, 401, 'Unauthorized', detail, reason)
  }
  const back = pageOf(c)
  return c.redirect(back === '/dashboard' ? page : `${page}?next=${encodeURIComponent(back)}`, 303)
}

const PAGES_OF_FORMS =
  /^\/(?:account\/(?:sessions|email)(?=\/)|admin\/sessions(?=\/end(?:-all)?$)|admin\/(?:users|sessions)\/[^/]+(?=\/))/

/** The page that was asked for, or on which the form stood: what it sent cannot be sent again by a redirect. */
function pageOf(c: Context<Environment>): string {
  const { pathname, search } = new URL(c.req.url)
  if (c.req.method === 'GET') return pathname + search
  return pathname === '/admin/invite' ? '/admin/users' : (PAGES_OF_FORMS.exec(pathname)?.[0] ?? pathname)
}
