import type { Context } from 'hono'
import { changePassword } from '../actions/changing-password.ts'
import { deleteAccount } from '../actions/deleting-account.ts'
import { wasRefused } from '../actions/refusals.ts'
import { leadTo } from '../base-path.ts'
import type { Environment } from '../environment.ts'
import { readFields } from '../forms.ts'
import { AccountPage, DeletionPage, PasswordPage } from '../pages/account.tsx'
import { languageOf, renderPage, textsFor } from '../pages/render.tsx'
import { arrivalOf } from '../sessions.ts'
import { signedIn } from './guard.ts'
import { rememberBrowser } from './known-browser.ts'
import { noticeOf } from './refusing.ts'
import { sendsLinks } from './resetting-password.tsx'

export async function showAccount(c: Context<Environment>) {
  const session = await signedIn(c)
  if (session instanceof Response) return session
  const text = c.req.query('changed') === 'password' ? textsFor(c).ownAccount.password.changed : null
  const account = await c.get('services').accounts.read(session.userId ?? '')
  const hasMail = sendsLinks(c) || account?.email?.isVerified === true
  return await renderPage(c, <AccountPage notice={text === null ? null : { kind: 'good', text }} hasMail={hasMail} />)
}

export async function showChangePassword(c: Context<Environment>) {
  const session = await signedIn(c)
  if (session instanceof Response) return session
  return await renderPage(c, <PasswordPage notice={null} least={c.get('services').config.passwordLength} />)
}

export async function postChangePassword(c: Context<Environment>) {
  const session = await signedIn(c)
  if (session instanceof Response) return session
  const { password, 'new-password': newPassword } = await readFields(c, ['password', 'new-password'])
  const services = c.get('services')
  const given = { password, newPassword, address: arrivalOf(c).address, language: languageOf(c) }
  const outcome = await changePassword(services, session, given)
  if (!wasRefused(outcome)) {
    rememberBrowser(c, outcome)
    return leadTo(c, '/account?changed=password')
  }
  const { notice, status } = noticeOf(c, outcome)
  return await renderPage(c, <PasswordPage notice={notice} least={services.config.passwordLength} />, status)
}

export async function showDelete(c: Context<Environment>) {
  const session = await signedIn(c)
  if (session instanceof Response) return session
  return await renderPage(c, <DeletionPage notice={null} />)
}

export async function postDelete(c: Context<Environment>) {
  const session = await signedIn(c)
  if (session instanceof Response) return session
  const proof = { ...(await readFields(c, ['password'])), address: arrivalOf(c).address }
  const outcome = await deleteAccount(c.get('services'), session, proof)
  if (!wasRefused(outcome)) return leadTo(c, '/login?deleted')
  const { notice, status } = noticeOf(c, outcome)
  return await renderPage(c, <DeletionPage notice={notice} />, status)
}
