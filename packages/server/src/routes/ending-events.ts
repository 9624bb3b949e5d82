import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import { siteKey } from '../audit/networks.ts'
import { endingText } from '../ending-text.ts'
import type { Environment } from '../environment.ts'
import { languageOf } from '../pages/render.tsx'
import { arrivalOf } from '../sessions.ts'
import { textsIn } from '../texts/index.ts'
import { answerMessage } from './messages.tsx'

/** So that proxies and balancers keep the connection. */
const KEEP_ALIVE = 15_000
/** When a browser asks again after the connection was lost. */
const RETRY = 5_000
/** And where as many pages listen as may, in seconds; each at another time. */
const LATER = { least: 30, most: 90 } as const

/**
 * A stream for open pages that says when their session is over, and why. It is no activity: a page that is left open
 * keeps no session alive. 204 where there is nothing to wait for, after which browsers ask no more; 503 where as many pages
 * listen as may, after which our own script asks again.
 */
export async function streamEnding(c: Context<Environment>) {
  const { sessions, endings } = c.get('services')
  c.header('Cache-Control', 'no-store')
  const session = await sessions.open(c.req.raw, { passive: true })
  const { id, userId } = session
  if (!session.signedIn || id === null || userId === null) return c.body(null, 204)
  const who = { sessionId: id, userId, site: siteKey(arrivalOf(c).address) }
  if (!endings.hasRoom(who)) return full(c)
  // The head of an answer is read by nobody to its end, so nothing would ever say that its listener has left.
  if (c.req.method === 'HEAD') return c.body(null, 200, { 'Content-Type': 'text/event-stream' })
  const texts = textsIn(languageOf(c, session))
  const ending = Promise.withResolvers<string | null>()
  const stop = endings.subscribe(who, (ended) => {
    ending.resolve(ended === null ? null : (endingText(texts.endings, ended) ?? texts.session.over.text))
  })
  if (stop === null) return full(c)
  // Nothing in between may wait for more before it passes on what there is.
  c.header('X-Accel-Buffering', 'no')
  const answer = streamSSE(c, async (stream) => {
    stream.onAbort(() => ending.resolve(null))
    const timer = setInterval(() => void stream.write(':\n\n').catch(() => ending.resolve(null)), KEEP_ALIVE)
    try {
      await stream.write(`retry: ${RETRY}\n\n`)
      const text = await ending.promise
      if (text !== null) await stream.writeSSE({ event: 'over', data: JSON.stringify({ text }) })
    } finally {
      clearInterval(timer)
      stop()
    }
  })
  // Hono's helper has said `no-cache`, which lets it be kept.
  answer.headers.set('Cache-Control', 'no-store')
  return answer
}

async function full(c: Context<Environment>): Promise<Response> {
  const seconds = LATER.least + Math.floor(Math.random() * (LATER.most - LATER.least))
  c.header('Retry-After', String(seconds))
  return await answerMessage(c, 'unavailable')
}
