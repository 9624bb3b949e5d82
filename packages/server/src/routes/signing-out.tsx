import type { Context } from 'hono'
import type { Environment } from '../environment.ts'
import { SignOutPage } from '../pages/message.tsx'
import { renderPage } from '../pages/render.tsx'

/** A GET only asks: a link or an image on another page must not sign anybody out. */
export async function showSignOut(c: Context<Environment>) {
  const session = await c.get('openSession')()
  if (!session.signedIn) return c.redirect('/login', 303)
  return await renderPage(c, <SignOutPage name={session.data.name ?? ''} />)
}

export async function postSignOut(c: Context<Environment>) {
  const session = await c.get('openSession')()
  await session.signOut()
  return c.redirect('/login?goodbye', 303)
}
