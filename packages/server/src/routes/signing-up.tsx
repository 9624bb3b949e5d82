import type { Context } from 'hono'
import { wasRefused } from '../actions/refusals.ts'
import { signUp } from '../actions/signing-up.ts'
import type { Environment } from '../environment.ts'
import { readFields } from '../forms.ts'
import { SignUpPage } from '../pages/credentials.tsx'
import { MessagePage, SignedInPage } from '../pages/message.tsx'
import { renderPage, textsFor } from '../pages/render.tsx'
import { arrivalOf } from '../sessions.ts'
import { noticeOf } from './refusing.ts'

export async function showSignUp(c: Context<Environment>) {
  const session = await c.get('openSession')()
  if (session.signedIn) return c.redirect('/dashboard', 303)
  const { config } = c.get('services')
  if (config.signup === 'open') return await renderPage(c, <SignUpPage least={config.passwordLength} />)
  const { title, closed } = textsFor(c).account.signUp
  return await renderPage(c, <MessagePage title={title} text={closed} />, 403)
}

export async function postSignUp(c: Context<Environment>) {
  const session = await c.get('openSession')()
  if (session.signedIn) return await renderPage(c, <SignedInPage name={session.data.name ?? ''} />, 409)
  const { username, password } = await readFields(c, ['username', 'password'])
  const services = c.get('services')
  const outcome = await signUp(services, { username, password, address: arrivalOf(c).address })
  if (!wasRefused(outcome)) return c.redirect('/login?welcome', 303)
  const { notice, status } = noticeOf(c, outcome)
  return await renderPage(
    c,
    <SignUpPage notice={notice} username={username} least={services.config.passwordLength} />,
    status,
  )
}
