import type { Context } from 'hono'
import { reauthenticate } from '../actions/reauthenticating.ts'
import { wasRefused } from '../actions/refusals.ts'
import type { Environment } from '../environment.ts'
import { readFields } from '../forms.ts'
import { ReauthenticatePage } from '../pages/reauthenticate.tsx'
import { renderPage } from '../pages/render.tsx'
import { returnPath } from '../return-path.ts'
import { arrivalOf } from '../sessions.ts'
import { signedIn } from './guard.ts'
import { noticeOf } from './refusing.ts'

export async function showReauthenticate(c: Context<Environment>) {
  const session = await signedIn(c)
  if (session instanceof Response) return session
  return await renderPage(
    c,
    <ReauthenticatePage next={returnPath(c.req.query('next'), c.get('services').config.basePath)} />,
  )
}

export async function postReauthenticate(c: Context<Environment>) {
  const session = await signedIn(c)
  if (session instanceof Response) return session
  const { password, next } = await readFields(c, ['password', 'next'])
  const outcome = await reauthenticate(c.get('services'), session, { password, address: arrivalOf(c).address })
  if (!wasRefused(outcome)) return c.redirect(returnPath(next, c.get('services').config.basePath), 303)
  const { notice, status } = noticeOf(c, outcome)
  return await renderPage(
    c,
    <ReauthenticatePage notice={notice} next={returnPath(next, c.get('services').config.basePath)} />,
    status,
  )
}
