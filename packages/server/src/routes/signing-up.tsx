import type { Context } from 'hono'
import { normalizeName } from '../accounts/names.ts'
import { LONGEST_PASSWORD, passwordLength, SHORTEST_PASSWORD } from '../accounts/passwords.ts'
import type { Environment } from '../environment.ts'
import { readCredentials } from '../forms.ts'
import { SignUpPage } from '../pages/credentials.tsx'
import { SignedInPage } from '../pages/message.tsx'
import { renderPage } from '../pages/render.tsx'

export async function showSignUp(c: Context<Environment>) {
  const session = await c.get('openSession')()
  return session.signedIn ? c.redirect('/dashboard', 303) : await renderPage(c, <SignUpPage />)
}

/** Why these cannot be an account's name and password, or null. */
function complaint(name: string | null, password: string): string | null {
  if (name === null) return 'Choose a name of 1 to 64 visible characters.'
  const length = passwordLength(password)
  if (length < SHORTEST_PASSWORD) return `The password needs at least ${SHORTEST_PASSWORD} characters.`
  if (length > LONGEST_PASSWORD) return `The password can have at most ${LONGEST_PASSWORD} characters.`
  return null
}

export async function signUp(c: Context<Environment>) {
  const session = await c.get('openSession')()
  if (session.signedIn) return await renderPage(c, <SignedInPage name={session.data.name ?? ''} />, 409)
  const { username, password } = await readCredentials(c)
  const name = normalizeName(username)
  const refuse = (error: string, status: 400 | 409) =>
    renderPage(c, <SignUpPage error={error} username={username} />, status)
  const error = complaint(name, password)
  if (name === null || error !== null) return await refuse(error ?? '', 400)
  const account = await c.get('services').accounts.create(name, password)
  if (account === null) return await refuse('User already exists!', 409)
  return c.redirect('/login?welcome', 303)
}
