import { TOO_LATE, withhold } from '../csrf/withholding.ts'
import type { CachingRule } from '../http/caching.ts'
import { type Exchange, type Outgoing, put, takeOutgoing } from '../http/exchange.ts'
import { type SetCookie, SLOTS, type SlotWrite, writeSlot } from '../http/slots.ts'
import type { Context } from './context.ts'
import type { SessionState } from './state.ts'

/** What the core needs of an answer. A fetch-standard `Response` fits as it is. */
export interface ResponseLike {
  readonly status: number
  readonly headers: {
    get(name: string): string | null
    set(name: string, value: string): void
    append(name: string, value: string): void
  }
}

/** What the answer is to carry when the framework has no fetch-standard one. */
export interface Committed {
  /** `Set-Cookie` lines, to be appended one by one. */
  readonly cookies: readonly string[]
  /** The same cookies in parts, for frameworks that write the lines themselves. */
  readonly parts: readonly SetCookie[]
  /** What `Cache-Control` and `Vary` are to be, from what the application has set. */
  readonly caching: CachingRule
  /** Further headers, which are to be set. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

const NO_COOKIES: readonly SetCookie[] = []
const NO_LINES: readonly string[] = []
const NO_HEADERS: Committed['headers'] = []

/** What the answer is to carry. Each cookie once: asking again answers only what is new. */
export function committed(ctx: Context, exchange: Exchange): Committed {
  const parts = takeCookies(ctx, exchange)
  const { caching, clearSiteData } = exchange
  return {
    cookies: parts.length === 0 ? NO_LINES : parts.map(({ line }) => line),
    parts,
    caching: caching === 'allowed' ? ctx.caching.varying : ctx.caching.noStore,
    headers: clearSiteData === null ? NO_HEADERS : [['clear-site-data', clearSiteData]],
  }
}

function takeCookies(ctx: Context, exchange: Exchange): readonly SetCookie[] {
  exchange.answered = true
  if (exchange.outgoing.size === 0) return NO_COOKIES
  const outgoing = takeOutgoing(exchange)
  const { cookies, request } = exchange
  if (cookies.withheld !== null || exchange.sends === 'token') return NO_COOKIES
  exchange.caching = 'forbidden'
  const header = request.headers.get('cookie')
  const parts = SLOTS.flatMap((slot) => {
    const one = outgoing.get(slot)
    if (one === undefined) return NO_COOKIES
    const chunks = slot === 'pre-session' ? 1 : ctx.kinds.chunksOf(slot)
    return writeSlot(header, cookies.slots[slot], { ...writeOf(one, ctx.runtime.now()), chunks })
  })
  exchange.handedOver = [...exchange.handedOver, ...parts]
  return parts
}

/** What an answer carries that takes the place of one which failed, though its cookies were handed over. */
export function committedAnew(ctx: Context, exchange: Exchange): Committed {
  const rest = committed(ctx, exchange)
  const parts = exchange.handedOver
  return { ...rest, parts, cookies: parts.map(({ line }) => line) }
}

function writeOf(outgoing: Outgoing, now: number): Omit<SlotWrite, 'chunks'> {
  if (outgoing === 'delete') return { text: null, maxAge: null }
  const { text, expiresAt } = outgoing
  return { text, maxAge: expiresAt === null ? null : Math.max(1, (expiresAt - now) / 1000) }
}

/** Whether the answer is about somebody: then it carries cookies of ours, or nobody else may see it. */
export function concernsSession({ asked, exchange }: SessionState): boolean {
  return asked || exchange.outgoing.size > 0
}

/**
 * The token that this request was given, for a client that keeps no cookies; null where it was given none. Answered once:
 * from then on the answer sends no cookie.
 */
export function takeToken(exchange: Exchange): string | null {
  for (const slot of ['signed-in', 'anonymous'] as const) {
    const outgoing = exchange.outgoing.get(slot)
    if (outgoing === undefined || outgoing === 'delete') continue
    put(exchange, slot, null)
    exchange.caching = 'forbidden'
    exchange.sends = 'token'
    return outgoing.text
  }
  return null
}

/** Says that a cookie came too late for the answer, whose headers have left. */
export function withholdLateCookies(ctx: Context, exchange: Exchange): void {
  if (!exchange.answered || exchange.outgoing.size === 0) return
  takeOutgoing(exchange)
  withhold(ctx, TOO_LATE)
}

/**
 * Puts the session's cookies into the answer and says what caches may do with it. An answer whose headers cannot be changed
 * (a redirect made by `Response.redirect`, one that came from `fetch`) is copied.
 */
export function applyTo<R extends ResponseLike>(response: R, { cookies, caching, headers: more }: Committed): R {
  const { headers } = response
  const { cacheControl, vary } = caching({ cacheControl: headers.get('cache-control'), vary: headers.get('vary') })
  const changeable = set(response, 'cache-control', cacheControl) ? response : copyOf(response)
  if (changeable !== response) set(changeable, 'cache-control', cacheControl)
  if (vary !== null) changeable.headers.set('vary', vary)
  for (const [name, value] of more) changeable.headers.set(name, value)
  for (const cookie of cookies) changeable.headers.append('set-cookie', cookie)
  return changeable
}

/** False where the headers are immutable. */
function set(response: ResponseLike, name: string, value: string): boolean {
  try {
    response.headers.set(name, value)
    return true
  } catch (error) {
    if (error instanceof TypeError) return false
    throw error
  }
}

function copyOf<R extends ResponseLike>(response: R): R {
  if (!isResponse(response)) throw new TypeError('commit: the headers of this response cannot be changed')
  // Not every server's class of responses refuses this by itself.
  if (response.bodyUsed) throw new TypeError('commit: the body of this response was read, so that it cannot be copied')
  return new Response(response.body, response) as R & Response
}

/** By what it says of itself: servers put a class of their own in the place of the platform's, and `fetch` answers the latter. */
function isResponse(response: object): response is Response {
  return Object.prototype.toString.call(response) === '[object Response]'
}
