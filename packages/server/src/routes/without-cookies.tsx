import type { Context } from 'hono'
import type { Environment } from '../environment.ts'
import { MessagePage } from '../pages/message.tsx'
import { renderPage } from '../pages/render.tsx'

/** The page that says why nobody can sign in over this connection, and what to set; null where one can. */
export function withoutCookies(c: Context<Environment>) {
  if (c.get('services').sessions.withheld(c.req.raw) === null) return null
  const { host } = new URL(c.req.url)
  const text =
    `You reached this server at http://${host}, without encryption. Browsers keep no sign-in there, so signing in cannot work. ` +
    `On the server's own machine, open it as http://localhost. From elsewhere, put a proxy that speaks https before it, ` +
    `and start it with COATCHECK_ORIGIN=https://${host.replace(/:\d+$/, '')}.`
  return renderPage(c, <MessagePage title="Signing in needs https" text={text} />, 403)
}
