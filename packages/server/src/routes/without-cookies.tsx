import type { Context } from 'hono'
import type { Environment } from '../environment.ts'
import { MessagePage } from '../pages/message.tsx'
import { renderPage, textsFor } from '../pages/render.tsx'

/** The page that says why nobody can sign in over this connection, and what to set; null where one can. */
export function withoutCookies(c: Context<Environment>) {
  if (c.get('services').sessions.withheld(c.req.raw) === null) return null
  const [title, text] = textsFor(c).messages.needsHttps
  return renderPage(c, <MessagePage title={title} text={text(new URL(c.req.url).host)} />, 403)
}
