import { SessionEndedError, SessionLimitError, UserChangedError } from 'coatcheck'
import type { Context } from 'hono'
import type { Environment, Services } from '../environment.ts'
import { readCredentials } from '../forms.ts'
import { SignInPage } from '../pages/credentials.tsx'
import { endingSentence } from '../pages/endings.ts'
import { renderPage } from '../pages/render.tsx'
import { returnPath } from '../return-path.ts'
import { withoutCookies } from './without-cookies.tsx'

const NOBODY = 'nobody'
const ATTEMPTS = 2
const ENDED_MEANWHILE =
  'Your sessions were ended while you were signing in, on another device perhaps. Nobody was signed in: please try again.'
const TOO_MANY = 'You are signed in on as many devices as allowed. Sign out on one of them, then sign in here again.'

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
  const { username, password, next } = await readCredentials(c)
  const refuse = (error: string, status: 401 | 409) =>
    renderPage(c, <SignInPage error={error} username={username} next={returnPath(next)} />, status)
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const proven = await prove(c.get('services'), username, password)
    if (proven === null) return await refuse('Invalid credentials!', 401)
    try {
      const session = await c.get('openSession')()
      await session.signIn(proven.attempt, { data: { name: proven.name }, assurance: { level: 1, methods: ['pwd'] } })
      return c.redirect(returnPath(next), 303)
    } catch (error) {
      if (error instanceof SessionLimitError) return await refuse(TOO_MANY, 409)
      // Ended meanwhile, from another device say: what was proven before that does not count, so it is proven again.
      if (!(error instanceof UserChangedError || error instanceof SessionEndedError)) throw error
    }
  }
  return await refuse(ENDED_MEANWHILE, 409)
}

/** Checks name and password; null where they do not fit. Unknown names cost the same work. */
async function prove({ sessions, accounts, passwords }: Services, username: string, password: string) {
  const known = await accounts.find(username)
  // Begun before the password is read and checked, so that a change or an ending meanwhile wins.
  const attempt = await sessions.begin(known?.id ?? NOBODY)
  const account = await accounts.find(username)
  const fits = await passwords.verify(password, account?.passwordHash ?? null)
  return account !== null && account.id === known?.id && fits ? { attempt, name: account.name } : null
}
