import { createHmac, randomBytes } from 'node:crypto'
import type { Context, MiddlewareHandler, Next } from 'hono'
import type { FirstPost, FormSecrets } from '../accounts/sent-forms.ts'
import type { Environment } from '../environment.ts'
import { readEntries, readFields } from '../forms.ts'
import { noticeOutage } from '../log.ts'
import { cookieOf, setCookieOf } from './own-cookies.ts'

/** The cookie that ties forms to a browser: random, and it stands for nothing. */
const COOKIE = 'form'
const SHAPE = /^[\w-]{22}$/

/** The forms that have a one-time value. */
const PATHS: ReadonlySet<string> = new Set(['/login', '/signup', '/setup', '/reset'])

const newValue = () => randomBytes(16).toString('base64url')

/** The one-time value of a form that is about to be shown, tied to the visitor's browser by a cookie. */
export function onceFor(c: Context<Environment>): string {
  if (browserOf(c) === null) setCookieOf(c, COOKIE, newValue())
  return newValue()
}

/** What was shown to the browser before is worth nothing from this answer on: somebody has signed in. */
export function forgetForms(c: Context<Environment>): void {
  if (cookieOf(c, COOKIE) !== '') setCookieOf(c, COOKIE, '', 0)
}

function browserOf(c: Context<Environment>): string | null {
  const value = cookieOf(c, COOKIE)
  return SHAPE.test(value) ? value : null
}

interface Answer {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

/** What was typed into a form, and the answer to it: null where it failed. */
interface Sent {
  readonly typed: string
  readonly answer: Promise<Answer | null>
}

/**
 * A form that is sent twice, as by a double click, is done once: what comes while the first is under way gets its answer, and
 * so does what comes within a minute after one that was done. One that was refused may be sent again. Posts under way are known
 * in this process, and what was done in the database, so that all processes know of it. A post that differs in any field is done
 * by itself, and the form's earlier answer is forgotten: so one guess at most is told whether it was what had been typed. It
 * stands behind the check that refuses other sites' pages.
 */
export function answerOnce(): MiddlewareHandler<Environment> {
  const underWay = new Map<string, Sent>()
  // A hash without a key would let whoever reads the memory of the process try passwords.
  const secret = randomBytes(32)
  const macOf = (parts: unknown) => createHmac('sha256', secret).update(JSON.stringify(parts)).digest('base64url')
  return async function answerForm(c, next) {
    const form = c.req.method === 'POST' && PATHS.has(c.req.path) ? await formOf(c) : null
    if (form === null) return await next()
    const key = macOf(form)
    const fields = JSON.stringify(await readEntries(c))
    const typed = macOf(fields)
    const known = underWay.get(key)
    if (known?.typed === typed) {
      const first = await known.answer
      return first === null ? await next() : copyOf(first)
    }
    const { promise, resolve } = Promise.withResolvers<Answer | null>()
    const sent = { typed, answer: promise }
    underWay.set(key, sent)
    let answer: Answer | null = null
    try {
      answer = await onceOfAll(c, form, fields, next)
    } finally {
      resolve(answer)
      if (underWay.get(key) === sent) underWay.delete(key)
    }
    return c.finalized ? undefined : copyOf(answer)
  }
}

/** The answer that the same post had before, or in another process; else that of what is done now, which is kept where it was done. */
async function onceOfAll(c: Context<Environment>, form: FormSecrets, fields: string, next: Next): Promise<Answer> {
  const { sentForms } = c.get('services')
  const post = await sentForms.send(form, fields)
  // It waits also where the client is gone: who stops waiting would do the work a second time.
  const given = post.isFirst ? null : await post.answer()
  if (given !== null) return JSON.parse(given) as Answer
  let done: Answer | null = null
  try {
    await next()
    const answer = { status: c.res.status, headers: [...c.res.headers], body: await c.res.clone().text() }
    if (answer.status === 303) done = answer
    return answer
  } finally {
    if (post.isFirst) await keepFor(c, post, done)
  }
}

/** It is done by now, so where this cannot be written the answer is given all the same. */
async function keepFor(c: Context<Environment>, post: FirstPost, answer: Answer | null): Promise<void> {
  try {
    await post.keep(answer === null ? null : JSON.stringify(answer))
  } catch (error) {
    if (!noticeOutage(c.get('services').log, error)) throw error
  }
}

function copyOf({ status, headers, body }: Answer): Response {
  const copied = new Headers()
  for (const [name, value] of headers) copied.append(name, value)
  return new Response(body === '' ? null : body, { status, headers: copied })
}

/** What one form in one browser is known by; null where it has no one-time value. */
async function formOf(c: Context<Environment>): Promise<readonly string[] | null> {
  const browser = browserOf(c)
  const { once } = await readFields(c, ['once'])
  return browser === null || !SHAPE.test(once) ? null : [c.req.path, browser, once]
}
