import { type KnownOf, refuseUnknown } from '../core/base/unknown-options.ts'
import { knownProblem } from '../core/http/fault-answer.ts'
import { ADAPTER_OPTIONS } from '../core/sessions/request-options.ts'
import { Session } from '../core/sessions/session.ts'
import type { Sessions } from '../core/sessions/sessions.ts'
import { OptionError } from '../errors.ts'
import { type GuardPages, type Requirement, refuseUnknownRequirement } from '../web/guard.ts'
import type { SecureOption, SecurityHeadersOptions } from '../web/security-headers.ts'
import { attach } from './node/attached-session.ts'
import {
  answerFault,
  answerProblem,
  guardNode,
  type NodeOptions,
  type NodeRequest,
  type NodeResponse,
  nodeSecurityHeaders,
} from './node.ts'

const FOREIGN =
  'request.session is there already, from another middleware such as express-session. Take that out, or mount each on paths of its own.'

const REPLACED =
  'request.session cannot be replaced: to sign out write `await request.session.signOut()`, to keep something write to `request.session.data`.'
const DELETED = 'request.session was deleted, which signs nobody out: write `await request.session.signOut()`.'

/** Lays the session over the request, so that a habit of other libraries throws instead of being ignored. */
function layOver(request: object, session: object): void {
  Object.defineProperty(request, 'session', {
    configurable: true,
    enumerable: true,
    get: () => session,
    set() {
      throw new TypeError(REPLACED)
    },
  })
}

/** Goes on to the next handler, or to the error handlers. */
export type Next = (error?: unknown) => void

/** What the middleware adds to a request. */
export interface WithSession<Data extends object> {
  readonly session: Session<Data>
}

/** Middleware for Express 4 and 5, and for what speaks like it. */
export interface ExpressSessions<Data extends object> {
  /** `app.use(…)`: opens the session, so that `request.session` is there for every handler after it. */
  (request: NodeRequest, response: NodeResponse, next: Next): void
  /**
   * A handler whose `request.session` is typed, without declaration merging: `web.handler<Request, Response>(…)` with
   * the two types of `express`, which TypeScript cannot find by itself here. What an async handler throws goes to the
   * error handlers, in Express 4 too.
   */
  readonly handler: <Request, Response>(
    handle: (request: Request & WithSession<Data>, response: Response, next: Next) => unknown,
  ) => (request: Request, response: Response, next: Next) => unknown
  /** Middleware that lets through whose session is what is required: `app.use('/admin', web.guard({ role: 'admin' }))`. */
  readonly guard: (
    requirement: Requirement<Data>,
    pages?: GuardPages,
  ) => (request: NodeRequest, response: NodeResponse, next: Next) => void
  /** The session of a request that came through the middleware. @throws TypeError for another */
  readonly of: (request: object) => Session<Data>
}

/**
 * Sessions for Express: `const web = expressSessions(sessions); app.use(web)`. The cookie leaves with the headers, and the
 * answer ends when the write is acknowledged. An outage of the store is answered with 503 and `Retry-After`; what else
 * keeps a session from being saved goes to the error handlers. A route that does not look at its session is left alone.
 */
export function expressSessions<Data extends object, Stored extends object>(
  sessions: Sessions<Data, Stored>,
  options: NodeOptions = {},
): ExpressSessions<Data> {
  refuseUnknown(options, ADAPTER_OPTIONS satisfies KnownOf<NodeOptions>, 'expressSessions')
  // For each use of its own: two applications in one process may mount two.
  const own = Symbol('coatcheck.session')

  function middleware(request: NodeRequest, response: NodeResponse, next: Next): void {
    // Another's middleware would go on using it as its own, at the end of the answer at the latest.
    const present: unknown = Reflect.get(request, 'session')
    if (present !== undefined && !(present instanceof Session)) {
      next(new OptionError('expressSessions', FOREIGN))
      return
    }
    const fail = (error: unknown, isStreaming = false) => {
      if (isStreaming || knownProblem(error) !== null) answerProblem(response, error)
      else next(error)
    }
    let isLaidOver = false
    const misuse = () => (isLaidOver && !('session' in request) ? new TypeError(DELETED) : null)
    const { check, opening } = attach(sessions, request, response, options, fail, misuse)
    function goOn(session: Session<Data>): void {
      Reflect.set(request, own, session)
      layOver(request, session)
      isLaidOver = true
      next()
    }
    function open(): void {
      const session = opening()
      if (session instanceof Promise) session.then(goOn, fail)
      else goOn(session)
    }
    const checking = check()
    if (checking === null) open()
    else checking.then((fault) => (fault === null ? open() : answerFault(response, fault, request)), fail)
  }

  function of(request: object): Session<Data> {
    // Whoever else writes to `request.session`, this one is ours.
    const session: Session<Data> | undefined = Reflect.get(request, own)
    if (session === undefined) throw new TypeError('expressSessions: app.use() the middleware before this handler.')
    return session
  }

  return Object.assign(middleware, {
    of,
    guard: (requirement: Requirement<Data>, pages?: GuardPages) => {
      refuseUnknownRequirement(requirement, pages)
      return (request: NodeRequest, response: NodeResponse, next: Next) => {
        const guarding = async () => await guardNode(of(request), request, response, requirement, pages)
        guarding().then((passes) => {
          if (passes) next()
        }, next)
      }
    },
    handler: <Request, Response>(
      handle: (request: Request & WithSession<Data>, response: Response, next: Next) => unknown,
    ) => {
      return (request: Request, response: Response, next: Next) => {
        const handled = handle(request as Request & WithSession<Data>, response, next)
        // Express 4 looks at no promise, and a rejection that nobody handles ends the process.
        return handled instanceof Promise ? handled.catch(next) : handled
      }
    },
  })
}

/** Middleware that sets the security headers; the nonce is `response.locals.nonce`. @throws OptionError */
export function expressSecurityHeaders<Request extends NodeRequest>(
  options: SecurityHeadersOptions & SecureOption<Request> = {},
): (request: Request, response: NodeResponse & { readonly locals: Record<string, unknown> }, next: Next) => void {
  const set = nodeSecurityHeaders(options)
  return function securityHeadersMiddleware(request, response, next) {
    response.locals['nonce'] = set(request, response)
    next()
  }
}
