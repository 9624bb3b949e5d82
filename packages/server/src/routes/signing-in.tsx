import type { Context } from 'hono'
import { wasRefused } from '../actions/refusals.ts'
import { signIn } from '../actions/signing-in.ts'
import { endingText } from '../ending-text.ts'
import type { Environment } from '../environment.ts'
import { readFields } from '../forms.ts'
import { SignInPage } from '../pages/credentials.tsx'
import type { NoticeText } from '../pages/layout.tsx'
import { renderPage, textsFor } from '../pages/render.tsx'
import { returnPath } from '../return-path.ts'
import type { ServerSession } from '../session-data.ts'
import { arrivalOf } from '../sessions.ts'
import { knownBrowserOf, rememberBrowser } from './known-browser.ts'
import { noticeOf } from './refusing.ts'
import { sendsLinks } from './resetting-password.tsx'
import { forgetForms, onceFor } from './sent-twice.ts'
import { withoutCookies } from './without-cookies.tsx'

/** Of a name or an address. */
const LONGEST_TYPED = 254

const isOpen = (c: Context<Environment>) => c.get('services').config.signup === 'open'

export async function showSignIn(c: Context<Environment>) {
  const problem = withoutCookies(c)
  if (problem !== null) return problem
  const session = await c.get('openSession')()
  const next = returnPath(c.req.query('next'), c.get('services').config.basePath)
  if (session.signedIn) return c.redirect(next, 303)
  const username = (c.req.query('username') ?? '').slice(0, LONGEST_TYPED)
  const shown = { next, username, notice: greeting(c, session), isOpen: isOpen(c), hasMail: sendsLinks(c) }
  return await renderPage(c, <SignInPage {...shown} once={onceFor(c)} />)
}

/** What led here, or why an earlier session ended. */
function greeting(c: Context<Environment>, { ended }: ServerSession): NoticeText | null {
  const { account, endings, ownAccount } = textsFor(c)
  const { welcome, goodbye } = account.signIn
  const texts = { welcome, goodbye, reset: ownAccount.reset.done, deleted: ownAccount.deletion.done }
  for (const [name, text] of Object.entries(texts)) {
    if (c.req.query(name) !== undefined) return { kind: 'good', text }
  }
  const text = ended === null ? null : endingText(endings, ended)
  return text === null ? null : { kind: 'plain', text }
}

export async function postSignIn(c: Context<Environment>) {
  const problem = withoutCookies(c)
  if (problem !== null) return problem
  const { username, password, next } = await readFields(c, ['username', 'password', 'next'])
  const session = await c.get('openSession')()
  const { address } = arrivalOf(c)
  const given = { username, password, address, knownBrowser: knownBrowserOf(c) }
  const outcome = await signIn(c.get('services'), session, given)
  if (!wasRefused(outcome)) {
    rememberBrowser(c, outcome)
    forgetForms(c)
    return c.redirect(returnPath(next, c.get('services').config.basePath), 303)
  }
  const { notice, status } = noticeOf(c, outcome)
  return await renderPage(
    c,
    <SignInPage
      notice={notice}
      username={username}
      next={returnPath(next, c.get('services').config.basePath)}
      isOpen={isOpen(c)}
      once={onceFor(c)}
      hasMail={sendsLinks(c)}
      isInvalid={outcome.refused === 'invalid-credentials'}
    />,
    status,
  )
}
