import type { Context } from 'hono'
import { LONGEST_PASSWORD } from '../accounts/passwords.ts'
import { REFUSALS, type Refused } from '../actions/refusals.ts'
import type { Environment } from '../environment.ts'
import type { NoticeText } from '../pages/layout.tsx'
import { textsFor } from '../pages/render.tsx'

/** What a page says of an action that was not done, and its status; the answer gets `Retry-After` where there is one. */
export function noticeOf(c: Context<Environment>, { refused, retryAfter }: Refused) {
  if (retryAfter !== undefined) c.header('Retry-After', String(retryAfter))
  const notice: NoticeText = { kind: 'bad', text: refusalText(c, { refused, ...(retryAfter && { retryAfter }) }) }
  return { notice, status: REFUSALS[refused] }
}

export function refusalText(c: Context<Environment>, { refused, retryAfter = 1 }: Refused): string {
  const { config } = c.get('services')
  const facts = { least: config.passwordLength, most: LONGEST_PASSWORD, minutes: Math.ceil(retryAfter / 60) }
  return textsFor(c).refusals[refused](facts)
}
