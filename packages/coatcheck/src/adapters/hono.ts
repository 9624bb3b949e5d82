import { type KnownOf, refuseUnknown } from '../core/base/unknown-options.ts'
import type { WhenStoreIsOut } from '../core/events/outage.ts'
import { keepProtective } from '../core/http/fault-answer.ts'
import type { Client } from '../core/record/record.ts'
import { ADAPTER_OPTIONS } from '../core/sessions/request-options.ts'
import { applyTo } from '../core/sessions/response.ts'
import type { Session } from '../core/sessions/session.ts'
import type { Sessions } from '../core/sessions/sessions.ts'
import { type GuardPages, type Requirement, refuseUnknownRequirement } from '../web/guard.ts'
import type { SecureOption, SecurityHeadersOptions } from '../web/security-headers.ts'
import { accessOf } from './fetch/request-session.ts'
import { guardResponse, problemResponse, securityHeaders } from './fetch.ts'

/** What the adapter needs of Hono's context. */
export interface HonoContext<Data extends object> {
  readonly req: { readonly raw: Request }
  get res(): Response
  set res(response: Response | undefined)
  set(key: 'session', session: Session<Data>): void
}

/** What a guard needs of Hono's context. */
export interface GuardedContext<Data extends object> {
  readonly req: { readonly raw: Request }
  get(key: 'session'): Session<Data>
}

/** For `new Hono<{ Variables: SessionVariables<MyData> }>()`: types `c.get('session')` and `c.var.session`. */
export interface SessionVariables<Data extends object> {
  session: Session<Data>
}

export interface HonoOptions<Data extends object> {
  /** What is known of the client besides the request's headers, such as its address from `getConnInfo(c)`. */
  readonly client?: ((context: HonoContext<Data>) => Partial<Client>) | undefined
  /**
   * Whether a request is no activity of its visitor's, as in `sessions.open`: for what an open page asks by itself. Default:
   * every request is activity.
   */
  readonly passive?: ((context: HonoContext<Data>) => boolean) | undefined
  /** Whether the store itself is asked, past every cache, as for payments and administration. Default: it need not be. */
  readonly strict?: ((context: HonoContext<Data>) => boolean) | undefined
  /** What the session of a request is while the store is out, as in `sessions.open`. Default: the outage is answered. */
  readonly whenStoreIsOut?: ((context: HonoContext<Data>) => WhenStoreIsOut) | undefined
}

/**
 * Sessions for Hono: `app.use(honoSessions(sessions))`, then `c.get('session')`. The session is committed when the answer
 * is there; what changes later, while a body streams, is written by `session.save()`. An outage of the store is answered
 * with 503 and `Retry-After`, an unsafe request that another site's page may have made with 403. A route that does not look at its session is left alone.
 */
export function honoSessions<Data extends object, Stored extends object>(
  sessions: Sessions<Data, Stored>,
  options: HonoOptions<Data> = {},
): (context: HonoContext<Data>, next: () => Promise<void>) => Promise<Response | undefined> {
  refuseUnknown(options, ADAPTER_OPTIONS satisfies KnownOf<HonoOptions<Data>>, 'honoSessions')
  return async function sessionMiddleware(c, next) {
    const { check, opening, answered } = accessOf(sessions, c.req.raw, {
      client: () => options.client?.(c) ?? {},
      whenStoreIsOut: () => options.whenStoreIsOut?.(c) ?? 'throw',
      passive: () => options.passive?.(c) ?? false,
      strict: () => options.strict?.(c) ?? false,
    })
    let session: Session<Data>
    try {
      const checking = check()
      const refused = checking === null ? null : await checking
      if (refused !== null) return refused
      const opened = opening()
      session = opened instanceof Promise ? await opened : opened
    } catch (error) {
      const problem = problemResponse(error)
      if (problem === null) throw error
      return problem
    }
    c.set('session', session)
    try {
      await next()
    } finally {
      answered()
    }
    if (sessions.adapter.isUsed(session)) await finish(sessions, session, c)
    return undefined
  }
}

async function finish<Data extends object, Stored extends object>(
  sessions: Sessions<Data, Stored>,
  session: Session<Data>,
  c: HonoContext<Data>,
): Promise<void> {
  try {
    replace(c, await sessions.commit(session, c.res))
  } catch (error) {
    // What has happened stands, so its cookies go with the bad news; of the handler's answer nothing does.
    const problem = problemResponse(error)
    const committed = sessions.adapter.afterFailure(session)
    const answer = problem ?? new Response(null, { status: 500 })
    keepProtective(c.res, answer)
    replace(c, applyTo(answer, committed))
    if (problem === null) throw error
  }
}

/** Hono puts the headers of an answer into the one that takes its place, unless there is none in between. */
function replace(c: { res: Response | undefined }, answer: Response): void {
  if (answer === c.res) return
  c.res = undefined
  c.res = answer
}

/** Middleware that lets through whose session is what is required: `app.use('/admin/*', honoGuard({ role: 'admin' }))`. @throws OptionError */
export function honoGuard<Data extends object>(
  requirement: Requirement<Data>,
  pages?: GuardPages,
): (context: GuardedContext<Data>, next: () => Promise<void>) => Promise<Response | undefined> {
  refuseUnknownRequirement(requirement, pages)
  return async function guardMiddleware(c, next) {
    const refused = await guardResponse(c.get('session'), c.req.raw, requirement, pages)
    if (refused !== null) return refused
    await next()
    return undefined
  }
}

/** Middleware that sets the security headers an answer has not set itself; the nonce is `c.get('nonce')`. @throws OptionError */
export function honoSecurityHeaders(options: SecurityHeadersOptions & SecureOption<Request> = {}): (
  context: {
    readonly req: { readonly raw: Request }
    get res(): Response
    set res(response: Response | undefined)
    set(key: 'nonce', nonce: string): void
  },
  next: () => Promise<void>,
) => Promise<void> {
  const make = securityHeaders(options)
  return async function securityHeadersMiddleware(c, next) {
    const { nonce, apply } = make(c.req.raw)
    c.set('nonce', nonce)
    await next()
    replace(c, apply(c.res))
  }
}
