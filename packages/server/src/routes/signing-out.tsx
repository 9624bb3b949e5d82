import type { Context } from 'hono'
import { leadTo } from '../base-path.ts'
import type { Environment } from '../environment.ts'
import { SignOutPage } from '../pages/message.tsx'
import { renderPage } from '../pages/render.tsx'

/** Fetch Metadata (W3C) of a person's click on a link of our own page; no other page, image or prefetch can make it. */
const CLICK: Readonly<Record<string, string>> = {
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-user': '?1',
}

/** Signs out where a person has clicked on our own page; any other GET only asks. */
export async function showSignOut(c: Context<Environment>) {
  const isClick = Object.entries(CLICK).every(([name, value]) => c.req.header(name) === value)
  const isAhead = ['sec-purpose', 'purpose', 'x-moz'].some((name) => c.req.header(name) !== undefined)
  if (isClick && !isAhead) return await postSignOut(c)
  const session = await c.get('openSession')()
  if (!session.signedIn) return leadTo(c, '/login')
  return await renderPage(c, <SignOutPage name={session.data.name ?? ''} />)
}

export async function postSignOut(c: Context<Environment>) {
  const session = await c.get('openSession')()
  await session.signOut()
  return leadTo(c, '/login?goodbye')
}
