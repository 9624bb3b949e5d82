import { type KnownOf, refuseUnknown } from '../core/base/unknown-options.ts'
import { keepProtective, knownProblem, outageProblem } from '../core/http/fault-answer.ts'
import { ADAPTER_OPTIONS } from '../core/sessions/request-options.ts'
import type { Session } from '../core/sessions/session.ts'
import type { Sessions } from '../core/sessions/sessions.ts'
import { internalProblem } from '../errors/problem.ts'
import { telling } from '../web/error-listener.ts'
import { type GuardPages, guardAnswer, guardRefusal, type Requirement } from '../web/guard.ts'
import {
  isSecure,
  makeSecurityHeaders,
  type SecureOption,
  type SecurityHeadersOptions,
} from '../web/security-headers.ts'
import { accessOf, type FetchOptions, type RequestSession, responseTo } from './fetch/request-session.ts'

export type { FetchOptions, RequestSession } from './fetch/request-session.ts'

/** For frameworks that hand out a fetch-standard request and take a response: `open` for the handler, `finish` at the end. @throws OptionError */
export function requestSession<Data extends object, Stored extends object>(
  sessions: Sessions<Data, Stored>,
  request: Request,
  options: FetchOptions = {},
): RequestSession<Data> {
  refuseUnknown(options, ADAPTER_OPTIONS satisfies KnownOf<FetchOptions>, 'requestSession')
  return accessOf(sessions, request, options)
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
    const { check, open, finish, fail } = accessOf(sessions, request, opening)
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
