import { createHash, randomBytes } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import type { Environment } from '../environment.ts'
import { readFields } from '../forms.ts'
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

/** Calls a function when an answer is not to be kept any longer. */
type Later = (forget: () => void) => void

/**
 * A form that is sent twice, as by a double click, is done once: what comes while the first is under way gets its answer, and
 * so does what comes within a minute after one that was done. One that was refused may be sent again. Answers are kept in this
 * process. What was typed as a password is not looked at.
 */
export function answerOnce(later: Later = afterAMinute): MiddlewareHandler<Environment> {
  const answers = new Map<string, Promise<Answer | null>>()
  return async function answerForm(c, next) {
    const key = c.req.method === 'POST' && PATHS.has(c.req.path) ? await keyOf(c) : null
    if (key === null) return await next()
    const known = answers.get(key)
    if (known !== undefined) {
      const first = await known
      if (first !== null) return copyOf(first)
    }
    if (known !== undefined || answers.size >= MOST) return await next()
    const { promise, resolve } = Promise.withResolvers<Answer | null>()
    answers.set(key, promise)
    let answer: Answer | null = null
    try {
      await next()
      answer = { status: c.res.status, headers: [...c.res.headers], body: await c.res.clone().text() }
    } finally {
      resolve(answer)
      if (answer?.status === 303) later(() => answers.delete(key))
      else answers.delete(key)
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

/** Of one form in one browser, for one name; null where it has no one-time value. */
async function keyOf(c: Context<Environment>): Promise<string | null> {
  const browser = browserOf(c)
  const { once, username } = await readFields(c, ['once', 'username'])
  if (browser === null || !SHAPE.test(once)) return null
  return createHash('sha256')
    .update(JSON.stringify([c.req.path, browser, once, username]))
    .digest('base64url')
}
