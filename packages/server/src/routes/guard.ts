import type { Context } from 'hono'
import { FRESH } from '../actions/windows.ts'
import { innerPath, leadTo, outerPath } from '../base-path.ts'
import type { Environment } from '../environment.ts'
import type { ServerSession } from '../session-data.ts'
import { problem, wantsJson } from './messages.tsx'
import { refusalText } from './refusing.ts'

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
    const detail = refusalText(c, { refused: reason })
    c.header('WWW-Authenticate', 'Session')
    return problem(c, 401, 'Unauthorized', detail, reason)
  }
  const back = pageOf(c)
  return leadTo(c, back === '/dashboard' ? page : `${page}?next=${encodeURIComponent(outerPath(c, back))}`)
}

const PAGES_OF_FORMS =
  /^\/(?:account\/(?:sessions|email)(?=\/)|admin\/sessions(?=\/end(?:-all)?$)|admin\/(?:users|sessions)\/[^/]+(?=\/))/

/** The page that was asked for, or on which the form stood: what it sent cannot be sent again by a redirect. */
function pageOf(c: Context<Environment>): string {
  const pathname = innerPath(c)
  if (c.req.method === 'GET') return pathname + new URL(c.req.url).search
  return pathname === '/admin/invite' ? '/admin/users' : (PAGES_OF_FORMS.exec(pathname)?.[0] ?? pathname)
}
