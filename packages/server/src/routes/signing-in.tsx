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
import { arrivalOf } from '../sessions.ts'
import { noticeOf } from './refusing.ts'
import { withoutCookies } from './without-cookies.tsx'

const isOpen = (c: Context<Environment>) => c.get('services').config.signup === 'open'

export async function showSignIn(c: Context<Environment>) {
  const problem = withoutCookies(c)
  if (problem !== null) return problem
  const session = await c.get('openSession')()
  const next = returnPath(c.req.query('next'))
  if (session.signedIn) return c.redirect(next, 303)
  const { account, endings } = textsFor(c)
  const ending = session.ended === null ? null : endingText(endings, session.ended)
  return await renderPage(c, <SignInPage next={next} notice={greeting(c, account, ending)} isOpen={isOpen(c)} />)
}

function greeting(
  c: Context<Environment>,
  { signIn: { welcome, goodbye } }: ReturnType<typeof textsFor>['account'],
  ending: string | null,
): NoticeText | null {
  if (c.req.query('welcome') !== undefined) return { kind: 'good', text: welcome }
  if (c.req.query('goodbye') !== undefined) return { kind: 'good', text: goodbye }
  return ending === null ? null : { kind: 'plain', text: ending }
}

export async function postSignIn(c: Context<Environment>) {
  const problem = withoutCookies(c)
  if (problem !== null) return problem
  const { username, password, next } = await readFields(c, ['username', 'password', 'next'])
  const session = await c.get('openSession')()
  const outcome = await signIn(c.get('services'), session, { username, password, address: arrivalOf(c).address })
  if (!wasRefused(outcome)) return c.redirect(returnPath(next), 303)
  const { notice, status } = noticeOf(c, outcome)
  return await renderPage(
    c,
    <SignInPage notice={notice} username={username} next={returnPath(next)} isOpen={isOpen(c)} />,
    status,
  )
}
