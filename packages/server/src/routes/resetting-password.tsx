import type { Context } from 'hono'
import { type Refused, wasRefused } from '../actions/refusals.ts'
import { accountOf, mailUnset, requestReset, resetPassword } from '../actions/resetting-password.ts'
import { leadTo } from '../base-path.ts'
import type { Environment } from '../environment.ts'
import { readFields } from '../forms.ts'
import { MessagePage } from '../pages/message.tsx'
import { languageOf, renderPage, textsFor } from '../pages/render.tsx'
import { ForgotPage, ResetPage, VoidLinkPage } from '../pages/reset.tsx'
import { arrivalOf, linkOriginOf } from '../sessions.ts'
import { knownBrowserOf, rememberBrowser } from './known-browser.ts'
import { noticeOf } from './refusing.ts'
import { onceFor } from './sent-twice.ts'

/** Whether mails with links can be sent to who asks here. */
export const sendsLinks = (c: Context<Environment>): boolean => mailUnset(c.get('services'), linkOriginOf(c)) === null

export async function showForgot(c: Context<Environment>) {
  await c.get('openSession')()
  const unset = mailUnset(c.get('services'), linkOriginOf(c))
  if (unset === null) return await renderPage(c, <ForgotPage notice={null} username="" />)
  return await answerUnset(c, unset)
}

export async function postForgot(c: Context<Environment>) {
  await c.get('openSession')()
  const { username } = await readFields(c, ['username'])
  const forgotten = {
    username,
    address: arrivalOf(c).address,
    knownBrowser: knownBrowserOf(c),
    origin: linkOriginOf(c),
    language: languageOf(c),
  }
  const outcome = await requestReset(c.get('services'), forgotten)
  const { title, sent } = textsFor(c).ownAccount.reset
  if (outcome === null) return await renderPage(c, <MessagePage title={title} text={sent} />)
  if (outcome.refused !== 'too-many-attempts') return await answerUnset(c, outcome)
  const { notice, status } = noticeOf(c, outcome)
  return await renderPage(c, <ForgotPage notice={notice} username={username} />, status)
}

/** The page where nobody can be sent a link: it says what an administrator can do. */
async function answerUnset(c: Context<Environment>, unset: Refused) {
  const { notice, status } = noticeOf(c, unset)
  return await renderPage(c, <MessagePage title={textsFor(c).ownAccount.reset.title} text={notice.text} />, status)
}

export async function showReset(c: Context<Environment>) {
  await c.get('openSession')()
  return await answerReset(c, c.req.query('code') ?? '', null)
}

export async function postReset(c: Context<Environment>) {
  await c.get('openSession')()
  const { code, password } = await readFields(c, ['code', 'password'])
  const given = { code, password, address: arrivalOf(c).address, language: languageOf(c) }
  const outcome = await resetPassword(c.get('services'), given)
  if (wasRefused(outcome)) return await answerReset(c, code, outcome)
  // Whoever has the mail is the owner, whom others may be keeping from signing in.
  rememberBrowser(c, outcome)
  return leadTo(c, '/login?reset')
}

/** The form, where the code still counts; with why it was not done. */
async function answerReset(c: Context<Environment>, code: string, why: Refused | null) {
  const services = c.get('services')
  const account = await accountOf(services, code)
  if (wasRefused(account)) {
    const { notice, status } = noticeOf(c, account)
    return await renderPage(c, <VoidLinkPage text={notice.text} again="/forgot" />, status)
  }
  const { notice, status } = why === null ? { notice: null, status: undefined } : noticeOf(c, why)
  const { passwordLength } = services.config
  return await renderPage(
    c,
    <ResetPage notice={notice} name={account.name} code={code} least={passwordLength} once={onceFor(c)} />,
    status,
  )
}
