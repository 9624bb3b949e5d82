import type { Context } from 'hono'
import { isRefusal } from '../accounts/attempts.ts'
import { setUpAdministrator } from '../actions/administering.ts'
import { countedFrom, limitsOf } from '../actions/limits.ts'
import { refused, wasRefused } from '../actions/refusals.ts'
import { signIn } from '../actions/signing-in.ts'
import { leadTo } from '../base-path.ts'
import type { Environment } from '../environment.ts'
import { readFields } from '../forms.ts'
import { renderPage } from '../pages/render.tsx'
import { SetUpPage } from '../pages/set-up.tsx'
import type { ServerSession } from '../session-data.ts'
import { arrivalOf } from '../sessions.ts'
import { knownBrowserOf, rememberBrowser } from './known-browser.ts'
import { answerMessage } from './messages.tsx'
import { noticeOf } from './refusing.ts'
import { forgetForms, onceFor } from './sent-twice.ts'
import { withoutCookies } from './without-cookies.tsx'

/** As long as there is no administrator; afterwards there is no such page. Who is signed in sees as whom, in their language. */
export async function showSetUp(c: Context<Environment>) {
  const { accounts, config } = c.get('services')
  const unsafe = withoutCookies(c)
  if (unsafe !== null) return unsafe
  await c.get('openSession')()
  if (await accounts.hasAdministrator()) return await answerMessage(c, 'notFound')
  return await renderPage(
    c,
    <SetUpPage code={c.req.query('code') ?? ''} least={config.passwordLength} once={onceFor(c)} />,
  )
}

export async function postSetUp(c: Context<Environment>) {
  const services = c.get('services')
  const { accounts, attempts, config } = services
  const unsafe = withoutCookies(c)
  if (unsafe !== null) return unsafe
  const session = await c.get('openSession')()
  if (await accounts.hasAdministrator()) return await answerMessage(c, 'notFound')
  const { code, username, password } = await readFields(c, ['code', 'username', 'password'])
  const { address } = arrivalOf(c)
  const attempt = await attempts.take(countedFrom('set-up', address, limitsOf(config).setUps))
  const outcome = isRefusal(attempt)
    ? refused('too-many-attempts', attempt.retryAfter)
    : await setUpAdministrator(services, { code, username, password, address })
  if (!wasRefused(outcome)) return await welcome(c, session, { username: outcome.name, password })
  const { notice, status } = noticeOf(c, outcome)
  return await renderPage(
    c,
    <SetUpPage notice={notice} code={code} username={username} least={config.passwordLength} once={onceFor(c)} />,
    status,
  )
}

/** Whoever has made the account is signed in with it; where that cannot be, at the sign-in page like anybody. */
async function welcome(
  c: Context<Environment>,
  session: ServerSession,
  credentials: { readonly username: string; readonly password: string },
) {
  const given = { ...credentials, address: arrivalOf(c).address, knownBrowser: knownBrowserOf(c) }
  const outcome = await signIn(c.get('services'), session, given)
  if (wasRefused(outcome)) return leadTo(c, '/login?welcome')
  rememberBrowser(c, outcome)
  forgetForms(c)
  return leadTo(c, '/dashboard')
}
