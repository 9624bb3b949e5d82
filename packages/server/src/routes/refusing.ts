import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { jsx } from 'hono/jsx'
import { LONGEST_PASSWORD } from '../accounts/passwords.ts'
import { REFUSALS, type Refused } from '../actions/refusals.ts'
import type { Environment } from '../environment.ts'
import type { FieldKind, NoticeText } from '../pages/layout.tsx'
import { MessagePage } from '../pages/message.tsx'
import { renderPage, textsFor } from '../pages/render.tsx'
import { ADMINISTRATOR } from '../roles.ts'
import { problem, wantsJson } from './messages.tsx'

/**
 * What a page says of an action that was not done, and its status; the answer gets `Retry-After` where there is one. Who
 * asks for JSON gets problem details in the page's place. @throws HTTPException, which is that answer
 */
export function noticeOf(c: Context<Environment>, why: Refused) {
  const status = REFUSALS[why.refused]
  if (wantsJson(c)) throw new HTTPException(status, { res: refusalProblem(c, why) })
  if (why.retryAfter !== undefined) c.header('Retry-After', String(why.retryAfter))
  const notice: NoticeText = { kind: 'bad', text: refusalText(c, why), fields: FIELDS[why.refused] ?? [] }
  return { notice, status }
}

/** A page that says of an action alone why it was not done. */
export async function answerRefusal(c: Context<Environment>, why: Refused): Promise<Response> {
  const { notice, status } = noticeOf(c, why)
  const [title] = textsFor(c).messages.unavailable
  return await renderPage(c, jsx(MessagePage, { title, text: notice.text }), status)
}

/** An action that was not done, as problem details (RFC 9457) with its code as the reason. */
export function refusalProblem(c: Context<Environment>, why: Refused): Response {
  if (why.retryAfter !== undefined) c.header('Retry-After', String(why.retryAfter))
  const status = REFUSALS[why.refused]
  if (status === 401) c.header('WWW-Authenticate', 'Session')
  const { faults } = why
  return problem(c, status, TITLES[status], refusalText(c, why), why.refused, faults === undefined ? {} : { faults })
}

/** The fields of a form that a refusal is about; of others there is none to mark. */
const FIELDS: Readonly<Partial<Record<Refused['refused'], readonly FieldKind[]>>> = {
  'invalid-credentials': ['username', 'current-password'],
  'name-unfit': ['username'],
  'name-reserved': ['username'],
  'name-taken': ['username'],
  'password-short': ['new-password'],
  'password-long': ['new-password'],
  'password-forbidden': ['new-password'],
  'password-wrong': ['current-password'],
  'setup-code-wrong': ['code'],
  'setup-code-void': ['code'],
  'email-unfit': ['email'],
  'email-taken': ['email'],
}

const TITLES: Readonly<Record<(typeof REFUSALS)[keyof typeof REFUSALS], string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  410: 'Gone',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
}

export function refusalText(c: Context<Environment>, { refused, retryAfter = 1, faults = [] }: Refused): string {
  const { config } = c.get('services')
  const session = c.get('session')
  const facts = {
    least: config.passwordLength,
    most: LONGEST_PASSWORD,
    minutes: Math.ceil(retryAfter / 60),
    isAdministrator: session?.signedIn === true && session.data.role === ADMINISTRATOR,
    faults,
  }
  return textsFor(c).refusals[refused](facts)
}
