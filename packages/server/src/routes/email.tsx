import type { Context } from 'hono'
import { removeEmail, requestEmail, verificationOf, verifyEmail } from '../actions/changing-email.ts'
import { refused, wasRefused } from '../actions/refusals.ts'
import { mailUnset } from '../actions/resetting-password.ts'
import { leadTo } from '../base-path.ts'
import type { Environment } from '../environment.ts'
import { readFields } from '../forms.ts'
import { EmailPage, VerifyPage } from '../pages/email.tsx'
import type { NoticeText } from '../pages/layout.tsx'
import { MessagePage } from '../pages/message.tsx'
import { languageOf, renderPage, textsFor } from '../pages/render.tsx'
import { VoidLinkPage } from '../pages/reset.tsx'
import type { ServerSession } from '../session-data.ts'
import { arrivalOf, linkOriginOf } from '../sessions.ts'
import { signedIn } from './guard.ts'
import { noticeOf } from './refusing.ts'

export async function showEmail(c: Context<Environment>) {
  const session = await signedIn(c)
  if (session instanceof Response) return session
  const { removed } = textsFor(c).ownAccount.email
  const notice = c.req.query('removed') === undefined ? null : ({ kind: 'good', text: removed } as const)
  return await answerEmail(c, session, { notice })
}

export async function postEmail(c: Context<Environment>) {
  const session = await signedIn(c)
  if (session instanceof Response) return session
  const { email, password } = await readFields(c, ['email', 'password'])
  const given = { email, password, address: arrivalOf(c).address, origin: linkOriginOf(c), language: languageOf(c) }
  const outcome = await requestEmail(c.get('services'), session, given)
  if (wasRefused(outcome)) return await answerEmail(c, session, { ...noticeOf(c, outcome), email })
  const { sent } = textsFor(c).ownAccount.email
  return await answerEmail(c, session, { notice: { kind: 'good', text: sent(outcome.address) } })
}

export async function postRemoveEmail(c: Context<Environment>) {
  const session = await signedIn(c)
  if (session instanceof Response) return session
  const { password } = await readFields(c, ['password'])
  const given = { password, address: arrivalOf(c).address, language: languageOf(c) }
  const outcome = await removeEmail(c.get('services'), session, given)
  if (wasRefused(outcome)) return await answerEmail(c, session, noticeOf(c, outcome))
  return leadTo(c, '/account/email?removed')
}

interface EmailAnswer {
  readonly notice: NoticeText | null
  readonly status?: ReturnType<typeof noticeOf>['status']
  readonly email?: string
}

async function answerEmail(
  c: Context<Environment>,
  { userId }: ServerSession,
  { notice, status, email = '' }: EmailAnswer,
) {
  const services = c.get('services')
  const account = userId === null ? null : await services.accounts.read(userId)
  const unset = mailUnset(services, linkOriginOf(c))
  const address = account?.email?.isVerified === true ? account.email.address : null
  const why = unset === null ? null : noticeOf(c, unset).notice.text
  return await renderPage(c, <EmailPage notice={notice} address={address} email={email} unset={why} />, status)
}

/** Shows a button only: the link alone changes nothing. */
export async function showVerify(c: Context<Environment>) {
  await c.get('openSession')()
  const code = c.req.query('code') ?? ''
  const verification = await verificationOf(c.get('services'), code)
  if (verification === null) return await answerVoid(c)
  return await renderPage(c, <VerifyPage {...verification} code={code} />)
}

export async function postVerify(c: Context<Environment>) {
  await c.get('openSession')()
  const { code } = await readFields(c, ['code'])
  const outcome = await verifyEmail(c.get('services'), code, languageOf(c))
  const { email } = textsFor(c).ownAccount
  if (!wasRefused(outcome)) {
    return await renderPage(c, <MessagePage title={email.title} text={email.verified(outcome.address)} />)
  }
  if (outcome.refused === 'code-void') return await answerVoid(c)
  const { notice, status } = noticeOf(c, outcome)
  return await renderPage(c, <MessagePage title={email.title} text={notice.text} />, status)
}

async function answerVoid(c: Context<Environment>) {
  const { notice, status } = noticeOf(c, refused('code-void'))
  return await renderPage(c, <VoidLinkPage text={notice.text} again="/account/email" />, status)
}
