import { type KnownOf, refuseUnknown } from '../core/base/unknown-options.ts'
import { ADAPTER_OPTIONS } from '../core/sessions/request-options.ts'
import type { Session } from '../core/sessions/session.ts'
import type { Sessions } from '../core/sessions/sessions.ts'
import { telling } from '../web/error-listener.ts'
import { type GuardPages, guardAnswer, guardRefusal, type Requirement } from '../web/guard.ts'
import {
  isSecure,
  makeSecurityHeaders,
  type SecureOption,
  type SecurityHeadersOptions,
} from '../web/security-headers.ts'
import { answerFault } from './node/answering.ts'
import { answerAndTell, attach, type NodeOptions } from './node/attached-session.ts'
import { headerOf, type NodeRequest, type NodeResponse, targetOf } from './node/messages.ts'

export { answerFault, answerProblem } from './node/answering.ts'
export { attachSession, type NodeOptions, type NodeSession, requestLike } from './node/attached-session.ts'
export type { NodeRequest, NodeResponse } from './node/messages.ts'

/** A handler that may ask for the request's session. */
export type NodeSessionHandler<Request, Response, Data extends object> = (
  request: Request,
  response: Response,
  session: () => Promise<Session<Data>>,
) => unknown

/**
 * A listener for `node:http` with sessions: `createServer(nodeSessions(sessions, handler))`. A store that is out is
 * answered with 503 and `Retry-After`; an unsafe request that another site's page may have made with 403; what else the
 * handler throws with the status that the error of ours has, or with 500, or by breaking off an answer that has begun.
 */
export function nodeSessions<
  Data extends object,
  Stored extends object,
  Request extends NodeRequest,
  Response extends NodeResponse,
>(
  sessions: Sessions<Data, Stored>,
  handler: NodeSessionHandler<Request, Response, Data>,
  options: NodeOptions & {
    /** Is told what the handler threw, and why an answer could not be committed, where that is a 5xx. Default: it is written to the console. */
    readonly onError?: ((error: unknown, request: Request) => void) | undefined
  } = {},
): (request: Request, response: Response) => void {
  refuseUnknown(options, { ...(ADAPTER_OPTIONS satisfies KnownOf<NodeOptions>), onError: null }, 'nodeSessions')
  const tell = telling(options.onError)
  return function listener(request, response) {
    const fail = answerAndTell(request, response, tell)
    const { check, open } = attach(sessions, request, response, options, fail)
    const run = async () => {
      const checking = check()
      const fault = checking === null ? null : await checking
      if (fault === null) await handler(request, response, open)
      else answerFault(response, fault, request)
    }
    run().catch((error: unknown) => {
      if (!response.headersSent) return fail(error)
      tell(error, request)
      if (!response.writableEnded) response.destroy()
    })
  }
}

/**
 * Guards a handler: true where the session is what is required; else the request is answered (pages are led to the
 * sign-in, everything else gets problem details), and the handler has nothing more to say.
 */
export async function guardNode<Data extends object>(
  session: Session<Data>,
  request: NodeRequest,
  response: NodeResponse,
  requirement: Requirement<Data>,
  pages?: GuardPages,
): Promise<boolean> {
  const refusal = await guardRefusal(session, requirement)
  if (refusal === null) return true
  const guarded = {
    method: request.method ?? 'GET',
    path: targetOf(request).path,
    accept: headerOf(request, 'accept'),
    destination: headerOf(request, 'sec-fetch-dest'),
  }
  const { status, headers, body } = guardAnswer(refusal, guarded, requirement, pages)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.statusCode = status
  response.end(body)
  return false
}

/** Call the answer for each request, before its handler: it sets the headers and answers the nonce. @throws OptionError */
export function nodeSecurityHeaders<Request extends NodeRequest>(
  options: SecurityHeadersOptions & SecureOption<Request> = {},
): (request: Request, response: NodeResponse) => string {
  const make = makeSecurityHeaders(options)
  return function setHeaders(request, response) {
    const { headers, nonce } = make(isSecure(options, request, request.socket.encrypted === true))
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    return nonce
  }
}
