import type { Context } from 'hono'
import { wasRefused } from '../actions/refusals.ts'
import { maySignUp, signUp } from '../actions/signing-up.ts'
import { leadTo } from '../base-path.ts'
import type { Environment } from '../environment.ts'
import { readFields } from '../forms.ts'
import { SignUpPage } from '../pages/credentials.tsx'
import { MessagePage, SignedInPage } from '../pages/message.tsx'
import { renderPage, textsFor } from '../pages/render.tsx'
import { arrivalOf } from '../sessions.ts'
import { noticeOf } from './refusing.ts'
import { onceFor } from './sent-twice.ts'
import { withoutCookies } from './without-cookies.tsx'

export async function showSignUp(c: Context<Environment>) {
  const unsafe = withoutCookies(c)
  if (unsafe !== null) return unsafe
  const session = await c.get('openSession')()
  if (session.signedIn) return leadTo(c, '/dashboard')
  const services = c.get('services')
  const invitation = c.req.query('invitation') ?? ''
  if (await maySignUp(services, invitation)) {
    return await renderPage(
      c,
      <SignUpPage least={services.config.passwordLength} invitation={invitation} once={onceFor(c)} />,
    )
  }
  const { title, closed, byInvitation, void: used } = textsFor(c).account.signUp
  const open = invitation === '' ? byInvitation : used
  const text = services.config.signup === 'closed' ? closed : open
  return await renderPage(c, <MessagePage title={title} text={text} />, 403)
}

export async function postSignUp(c: Context<Environment>) {
  const unsafe = withoutCookies(c)
  if (unsafe !== null) return unsafe
  const session = await c.get('openSession')()
  if (session.signedIn) return await renderPage(c, <SignedInPage name={session.data.name ?? ''} />, 409)
  const { username, password, invitation } = await readFields(c, ['username', 'password', 'invitation'])
  const services = c.get('services')
  const outcome = await signUp(services, { username, password, invitation, address: arrivalOf(c).address })
  if (!wasRefused(outcome)) return leadTo(c, `/login?welcome&${new URLSearchParams({ username: outcome.name })}`)
  const { notice, status } = noticeOf(c, outcome)
  const least = services.config.passwordLength
  return await renderPage(
    c,
    <SignUpPage notice={notice} username={username} least={least} invitation={invitation} once={onceFor(c)} />,
    status,
  )
}
