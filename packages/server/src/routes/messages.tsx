import type { Context } from 'hono'
import type { Environment } from '../environment.ts'
import { MessagePage } from '../pages/message.tsx'
import { renderPage, textsFor } from '../pages/render.tsx'
import type { MessageTexts } from '../texts/shapes.ts'

const STATUSES = {
  forbidden: 403,
  notFound: 404,
  wrongMethod: 405,
  tooLarge: 413,
  unavailable: 503,
  signOutUnconfirmed: 503,
  failed: 500,
  foreign: 403,
} as const

export type MessageKind = keyof typeof STATUSES & keyof MessageTexts

/** Says one thing: as a page to people, as problem details (RFC 9457) to who asks for JSON. `reason`: as for `problem`. */
export async function answerMessage(c: Context<Environment>, kind: MessageKind, reason?: string): Promise<Response> {
  const status = STATUSES[kind]
  const [title, text] = textsFor(c).messages[kind]
  return wantsJson(c)
    ? problem(c, status, title, text, reason)
    : await renderPage(c, <MessagePage title={title} text={text} />, status)
}

/** `reason` is one of our codes, for programs; `more` are further members. */
export function problem(
  c: Context<Environment>,
  status: number,
  title: string,
  detail: string,
  reason?: string,
  more: object = {},
): Response {
  c.header('Cache-Control', 'no-store')
  const body = { type: 'about:blank', title, status, detail, ...(reason === undefined ? {} : { reason }), ...more }
  return c.body(JSON.stringify(body), status as 400, { 'Content-Type': 'application/problem+json; charset=utf-8' })
}

/** Whoever calls the API, or names JSON and does not name HTML. */
export function wantsJson(c: Context<Environment>): boolean {
  const accept = c.req.header('accept') ?? ''
  return c.req.path.startsWith('/api/') || (/[/+]json\b/i.test(accept) && !/text\/html/i.test(accept))
}
