import type { Context } from 'hono'
import type { Environment } from '../environment.ts'
import { readCredentials } from '../forms.ts'
import { SignInPage } from '../pages/credentials.tsx'
import { endingSentence } from '../pages/endings.ts'
import { renderPage } from '../pages/render.tsx'
import { returnPath } from '../return-path.ts'
import { withoutCookies } from './without-cookies.tsx'

const NOBODY = 'nobody'

export async function showSignIn(c: Context<Environment>) {
  const problem = withoutCookies(c)
  if (problem !== null) return problem
  const session = await c.get('openSession')()
  const next = returnPath(c.req.query('next'))
  if (session.signedIn) return c.redirect(next, 303)
  return await renderPage(c, <SignInPage next={next} notice={noticeOf(c, endingSentence(session.ended))} />)
}

function noticeOf(c: Context<Environment>, ending: string | null) {
  if (c.req.query('welcome') !== undefined) {
    return { kind: 'good', text: 'Welcome! Your account is ready: sign in with it.' } as const
  }
  if (c.req.query('goodbye') !== undefined) return { kind: 'good', text: 'You have signed out.' } as const
  return ending === null ? null : ({ kind: 'plain', text: ending } as const)
}

export async function signIn(c: Context<Environment>) {
  const problem = withoutCookies(c)
  if (problem !== null) return problem
  const { sessions, accounts, passwords } = c.get('services')
  const { username, password, next } = await readCredentials(c)
  const account = await accounts.find(username)
  // Begun before the password is checked, so that an ending meanwhile wins; for unknown names the same work.
  const attempt = await sessions.begin(account?.id ?? NOBODY)
  const fits = await passwords.verify(password, account?.passwordHash ?? null)
  if (account === null || !fits) {
    const page = <SignInPage error="Invalid credentials!" username={username} next={returnPath(next)} />
    return await renderPage(c, page, 401)
  }
  const session = await c.get('openSession')()
  await session.signIn(attempt, { data: { name: account.name }, assurance: { level: 1, methods: ['pwd'] } })
  return c.redirect(returnPath(next), 303)
}
