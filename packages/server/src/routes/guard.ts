import type { Context } from 'hono'
import type { Environment } from '../environment.ts'

/** Leads to the sign-in page, which leads back to a page that was asked for. */
export function toSignIn(c: Context<Environment>): Response {
  const { pathname, search } = new URL(c.req.url)
  const back =
    c.req.method === 'GET' && pathname !== '/dashboard' ? `?next=${encodeURIComponent(pathname + search)}` : ''
  return c.redirect(`/login${back}`, 303)
}
