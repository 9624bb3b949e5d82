import { createHmac, randomBytes } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { putLast } from '../bounded-map.ts'
import type { Environment } from '../environment.ts'
import { readEntries, readFields } from '../forms.ts'
import { cookieOf, setCookieOf } from './own-cookies.ts'

/** The cookie that ties forms to a browser: random, and it stands for nothing. */
const COOKIE = 'form'
const SHAPE = /^[\w-]{22}$/

/** The forms that have a one-time value. */
const PATHS: ReadonlySet<string> = new Set(['/login', '/signup', '/setup', '/reset'])

/** How long an answer is given again, in milliseconds. */
const KEPT = 60_000
/** Of answers that are kept; beyond it those of longest ago are forgotten, and a form that is sent again is a new one. */
const MOST = 10_000

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

/** Calls a function when an answer is not to be kept any longer. */
type Later = (forget: () => void) => void

interface OnceOptions {
  readonly later?: Later
  readonly most?: number
}

/**
 * A form that is sent twice, as by a double click, is done once: what comes while the first is under way gets its answer, and
 * so does what comes within a minute after one that was done. One that was refused may be sent again. Answers are kept in this
 * process. A post that differs in any field is done by itself, and the form's earlier answer is forgotten: so one guess at most
 * is told whether it was what had been typed. It stands behind the check that refuses other sites' pages.
 */
export function answerOnce({ later = afterAMinute, most = MOST }: OnceOptions = {}): MiddlewareHandler<Environment> {
  const forms = new Map<string, Sent>()
  // A hash without a key would let whoever reads the memory of the process try passwords.
  const secret = randomBytes(32)
  const macOf = (parts: unknown) => createHmac('sha256', secret).update(JSON.stringify(parts)).digest('base64url')
  return async function answerForm(c, next) {
    const form = c.req.method === 'POST' && PATHS.has(c.req.path) ? await formOf(c) : null
    if (form === null) return await next()
    const key = macOf(form)
    const typed = macOf(await readEntries(c))
    const known = forms.get(key)
    if (known?.typed === typed) {
      const first = await known.answer
      return first === null ? await next() : copyOf(first)
    }
    const { promise, resolve } = Promise.withResolvers<Answer | null>()
    const sent = { typed, answer: promise }
    const forget = () => {
      if (forms.get(key) === sent) forms.delete(key)
    }
    putLast(forms, key, sent, most)
    let answer: Answer | null = null
    try {
      await next()
      answer = { status: c.res.status, headers: [...c.res.headers], body: await c.res.clone().text() }
    } finally {
      resolve(answer)
      if (answer?.status === 303) later(forget)
      else forget()
    }
    return undefined
  }
}

const afterAMinute: Later = (forget) => void setTimeout(forget, KEPT).unref()

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
