import type { Context, Outgoing, SessionState } from './context.ts'
import { deleteCookie, writeCookie } from './cookies.ts'

/** What the core needs of an answer. A fetch-standard `Response` fits as it is. */
export interface ResponseLike {
  readonly status: number
  readonly headers: {
    get(name: string): string | null
    set(name: string, value: string): void
    append(name: string, value: string): void
  }
}

/** The `Set-Cookie` lines of the answer, each once: asking again answers only what is new. */
export function takeCookies(ctx: Context, state: SessionState): readonly string[] {
  const { name, anonymousName, withheld } = state.cookies
  const outgoing = [
    { name, value: state.signedInCookie },
    { name: anonymousName, value: state.anonymousCookie },
  ]
  state.signedInCookie = null
  state.anonymousCookie = null
  if (withheld !== null) return []
  return outgoing.flatMap((cookie) => (cookie.value === null ? [] : line(ctx, state, cookie.name, cookie.value)))
}

function line(ctx: Context, state: SessionState, name: string, value: Outgoing): string[] {
  const { attributes } = state.cookies
  if (value === 'delete') return [deleteCookie(name, attributes)]
  const maxAge = value.expiresAt === null ? null : Math.max(1, (value.expiresAt - ctx.runtime.now()) / 1000)
  const text = writeCookie(name, value.token, maxAge, attributes)
  if (text !== null) return [text]
  const why = `the cookie '${name}' is larger than browsers keep.`
  ctx.events.emit({ type: 'cookie-withheld', why })
  ctx.warnOnce(why)
  return []
}

/**
 * Puts the session's cookies into the answer and forbids caches to keep it (RFC 9111 5.2.2.5; ASVS 14.3.2). An answer
 * whose headers cannot be changed (a redirect made by `Response.redirect`, one that came from `fetch`) is copied.
 */
export function applyTo<R extends ResponseLike>(response: R, cookies: readonly string[]): R {
  const changeable = forbidCaching(response) ? response : copyOf(response)
  if (changeable !== response) forbidCaching(changeable)
  for (const cookie of cookies) changeable.headers.append('set-cookie', cookie)
  return changeable
}

/** False where the headers are immutable. */
function forbidCaching(response: ResponseLike): boolean {
  try {
    const present = response.headers.get('cache-control')
    response.headers.set(
      'cache-control',
      present !== null && /(?:^|[\s,])no-store(?:$|[\s,])/i.test(present) ? present : 'no-store',
    )
    return true
  } catch (error) {
    if (error instanceof TypeError) return false
    throw error
  }
}

function copyOf<R extends ResponseLike>(response: R): R {
  if (!(response instanceof Response)) throw new TypeError('commit: the headers of this response cannot be changed')
  return new Response(response.body, response) as typeof response
}
