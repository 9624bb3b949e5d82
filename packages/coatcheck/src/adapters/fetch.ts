import { applyTo } from '../core/answer.ts'
import { type GuardPages, guardAnswer, guardRefusal, type Requirement } from '../core/guard.ts'
import { knownProblem, outageProblem } from '../core/known-problem.ts'
import type { WhenStoreIsOut } from '../core/outage.ts'
import { problemFor } from '../core/page-wanted.ts'
import { internalProblem, type Problem } from '../core/problem.ts'
import { keepProtective } from '../core/protective-headers.ts'
import type { Client } from '../core/record.ts'
import { ADAPTER_OPTIONS } from '../core/request-options.ts'
import {
  isSecure,
  makeSecurityHeaders,
  type SecureOption,
  type SecurityHeadersOptions,
} from '../core/security-headers.ts'
import type { Session } from '../core/session.ts'
import type { Sessions } from '../core/sessions.ts'
import { telling } from '../core/telling.ts'
import { type KnownOf, refuseUnknown } from '../core/unknown-options.ts'
import type { CsrfError } from '../errors.ts'

export interface FetchOptions {
  /** What is known of the client besides the request's headers, such as its address from the server's socket. */
  readonly client?: ((request: Request) => Partial<Client>) | undefined
  /**
   * Whether a request is no activity of its visitor's, as in `sessions.open`: for what an open page asks by itself. Default:
   * every request is activity.
   */
  readonly passive?: ((request: Request) => boolean) | undefined
  /** Whether the store itself is asked, past every cache, as for payments and administration. Default: it need not be. */
  readonly strict?: ((request: Request) => boolean) | undefined
  /** What the session of a request is while the store is out, as in `sessions.open`. Default: the outage is answered. */
  readonly whenStoreIsOut?: ((request: Request) => WhenStoreIsOut) | undefined
}

/** One request's access to its session. */
export interface RequestSession<Data extends object> {
  /**
   * To be asked before the handler: the answer to give in its place where the request may come from another site's page
   * (CSRF), else null; at once for a safe method.
   */
  readonly check: () => Promise<Response | null> | null
  /** The session, opened when first asked for; always the same one. A route that never asks costs nothing. */
  readonly open: () => Promise<Session<Data>>
  /** As `open`, and at once where the request has no cookie of ours. */
  readonly opening: () => Session<Data> | Promise<Session<Data>>
  /** For who commits by itself: the handler has answered, and from now on the request is no activity. `finish` says so too. */
  readonly answered: () => void
  /** Commits what was opened and answers the response with its cookies; where nothing was opened, the response as it is. */
  readonly finish: (response: Response) => Promise<Response>
  /** In the place of `finish` where something failed: writes nothing, and answers the response with the cookies of what has happened. */
  readonly fail: (response: Response) => Promise<Response>
}

/** For frameworks that hand out a fetch-standard request and take a response: `open` for the handler, `finish` at the end. @throws OptionError */
export function requestSession<Data extends object, Stored extends object>(
  sessions: Sessions<Data, Stored>,
  request: Request,
  options: FetchOptions = {},
): RequestSession<Data> {
  refuseUnknown(options, ADAPTER_OPTIONS satisfies KnownOf<FetchOptions>, 'requestSession')
  let opened: Session<Data> | Promise<Session<Data>> | null = null
  let stop: (() => void) | null = null
  let hasAnswered = false
  function underway(session: Session<Data>): void {
    if (!hasAnswered) stop ??= sessions.adapter.keepAlive(session, () => request.signal.aborted)
  }
  function answered(): void {
    hasAnswered = true
    stop?.()
  }
  function opening(): Session<Data> | Promise<Session<Data>> {
    const { client, whenStoreIsOut, passive, strict } = options
    if (opened !== null) return opened
    opened = sessions.adapter.openNow(request, {
      client: client?.(request),
      whenStoreIsOut: whenStoreIsOut?.(request),
      passive: passive?.(request),
      strict: strict?.(request),
    })
    if (opened instanceof Promise) {
      // What failed to open has nothing to commit, and may be tried again.
      opened.then(underway, () => {
        opened = null
      })
    } else underway(opened)
    return opened
  }
  const open = async () => await opening()
  return {
    open,
    opening,
    check() {
      const checking = sessions.csrfFault(request, { client: () => options.client?.(request), open })
      if (checking === null) return null
      return checking.then((fault) => {
        if (fault === null) return null
        // A refusal is the answer, so nothing keeps the session alive any more, whether or not `finish` is called.
        answered()
        return refusal(fault, request)
      })
    },
    answered,
    async finish(response) {
      answered()
      return opened === null ? response : await sessions.commit(await opened, response)
    },
    async fail(response) {
      answered()
      // Of a session that could not be opened nothing has happened.
      const session = opened instanceof Promise ? await opened.catch(() => null) : opened
      return session === null ? response : applyTo(response, sessions.adapter.afterFailure(session))
    },
  }
}

/** A handler that may ask for the request's session. */
export type SessionHandler<Data extends object> = (
  request: Request,
  session: () => Promise<Session<Data>>,
) => Response | Promise<Response>

/**
 * A fetch-standard handler with sessions: `Deno.serve(withSession(sessions, handler))`, and likewise elsewhere. A store
 * that is out is answered with 503 and `Retry-After`, never by an anonymous visitor; an unsafe request that another site's
 * page may have made with 403; what else the handler throws with the status that the error of ours has, or with 500.
 * @throws OptionError
 */
export function withSession<Data extends object, Stored extends object>(
  sessions: Sessions<Data, Stored>,
  handler: SessionHandler<Data>,
  options: FetchOptions & {
    /** Is told what the handler threw, and why an answer could not be committed, where that is a 5xx. Default: it is written to the console. */
    readonly onError?: ((error: unknown, request: Request) => void) | undefined
  } = {},
): (request: Request) => Promise<Response> {
  refuseUnknown(options, { ...(ADAPTER_OPTIONS satisfies KnownOf<FetchOptions>), onError: null }, 'withSession')
  const { onError, ...opening } = options
  const tell = telling(onError)
  return async function handleWithSession(request) {
    const { check, open, finish, fail } = requestSession(sessions, request, opening)
    let answer: Response | null = null
    try {
      answer = (await check()) ?? (await handler(request, open))
      return await finish(answer)
    } catch (error) {
      const problem = responseTo(knownProblem(error) ?? internalProblem)
      if (answer !== null) keepProtective(answer, problem)
      if (problem.status >= 500) tell(error, request)
      return await fail(problem)
    }
  }
}

/** The answer to a failing store (RFC 9457 and RFC 9110 10.2.3); null where the error is of another kind. */
export function outageResponse(error: unknown): Response | null {
  const problem = outageProblem(error)
  return problem && responseTo(problem)
}

/** The answer to an error of ours that is no fault of the application (`CoatcheckError.problem`), else null. */
export function problemResponse(error: unknown): Response | null {
  const problem = knownProblem(error)
  return problem && responseTo(problem)
}

function refusal({ problem }: CsrfError, { headers }: Request): Response {
  return responseTo(problemFor(problem, { get: (name) => headers.get(name) }))
}

function responseTo({ status, headers, body }: Problem): Response {
  return new Response(body, { status, headers })
}

/**
 * Guards a handler: the answer to give where the session is not what is required, or null to go on. Pages are led to the
 * sign-in, everything else gets problem details. @throws OptionError where the requirement has a name that nobody knows
 */
export async function guardResponse<Data extends object>(
  session: Session<Data>,
  request: Request,
  requirement: Requirement<Data>,
  pages?: GuardPages,
): Promise<Response | null> {
  const refusal = await guardRefusal(session, requirement)
  if (refusal === null) return null
  const { pathname, search } = new URL(request.url)
  const guarded = {
    method: request.method,
    path: pathname + search,
    accept: request.headers.get('accept'),
    destination: request.headers.get('sec-fetch-dest'),
  }
  const { status, headers, body } = guardAnswer(refusal, guarded, requirement, pages)
  return new Response(body, { status, headers })
}

/** The security headers of one answer, for a server that hands out a `Request` and takes a `Response`. */
export interface AnswerHeaders {
  /** For `<script nonce>` and `<style nonce>`, where the policy has `'nonce'` among its sources. */
  readonly nonce: string
  /** Sets the headers that the answer has not set itself. An answer whose headers cannot be changed is copied. */
  readonly apply: (response: Response) => Response
}

/** Call the answer once for each request: it makes that answer's headers. @throws OptionError */
export function securityHeaders(
  options: SecurityHeadersOptions & SecureOption<Request> = {},
): (request: Request) => AnswerHeaders {
  const make = makeSecurityHeaders(options)
  return function headersFor(request) {
    const { headers, nonce } = make(isSecure(options, request, request.url.startsWith('https:')))
    return {
      nonce,
      apply(response) {
        // What `Response.error()` makes reaches nobody, and cannot be copied.
        if (response.type === 'error') return response
        const answer = new Response(response.body, response)
        for (const [name, value] of Object.entries(headers))
          if (!answer.headers.has(name)) answer.headers.set(name, value)
        return answer
      },
    }
  }
}
