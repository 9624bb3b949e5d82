import { type GuardPages, guardAnswer, guardRefusal, type Requirement } from '../core/guard.ts'
import { internalProblem, knownProblem } from '../core/problem.ts'
import type { Client } from '../core/record.ts'
import { makeSecurityHeaders, type SecurityHeadersOptions } from '../core/security-headers.ts'
import type { Session } from '../core/session.ts'
import type { Sessions } from '../core/sessions.ts'
import type { RequestLike } from '../core/transport.ts'
import { CsrfError } from '../errors.ts'
import { holdAnswer } from './node/held-answer.ts'
import type { NodeRequest, NodeResponse } from './node/messages.ts'

export type { NodeRequest, NodeResponse } from './node/messages.ts'

export interface NodeOptions {
  /** What is known of the client besides the request's headers. Default: the address of the socket's other end. */
  readonly client?: ((request: NodeRequest) => Partial<Client>) | undefined
}

/** One request's access to its session. */
export interface NodeSession<Data extends object> {
  /**
   * To be asked before the handler: why the request is to be refused, because another site's page may have made it (CSRF;
   * `answerFault` says so), else null.
   */
  readonly check: () => Promise<CsrfError | null>
  /** The session, opened when first asked for; always the same one. A route that never asks costs nothing. */
  readonly open: () => Promise<Session<Data>>
}

/**
 * Ties a session to one request and its answer, for frameworks on `node:http`. The answer is held back until the session
 * is committed, as soon as somebody has asked for it. `instead` answers where that failed; `isStreaming`: at once.
 */
export function attachSession<Data extends object, Stored extends object>(
  sessions: Sessions<Data, Stored>,
  request: NodeRequest,
  response: NodeResponse,
  options: NodeOptions = {},
  instead: (error: unknown, isStreaming: boolean) => void = (error) => answerProblem(response, error),
): NodeSession<Data> {
  let opening: Promise<Session<Data>> | null = null
  let opened: Session<Data> | null = null
  const session = async () => {
    if (opening === null) throw new TypeError('attachSession: there is no session to commit')
    return await opening
  }
  holdAnswer(response, {
    isPossible: () => opening !== null,
    isNeeded: () => opening !== null && (opened === null || sessions.concerns(opened)),
    beforeHead: async (status) => await sessions.save(await session(), status),
    beforeEnd: async (status) => await sessions.saveLate(await session(), status),
    cookiesAfterFailure: async () => (await sessions.save(await session(), 500)).cookies,
    instead,
  })
  async function open() {
    try {
      opened = await sessions.open(requestLike(request), { client: clientFor(request, options) })
      return opened
    } catch (error) {
      // What failed to open has nothing to commit, and may be tried again.
      opening = null
      throw error
    }
  }
  function openOnce(): Promise<Session<Data>> {
    opening ??= open()
    return opening
  }
  return {
    open: openOnce,
    async check() {
      return await sessions.csrfFault(requestLike(request), {
        client: () => clientFor(request, options),
        open: openOnce,
      })
    },
  }
}

/** A handler that may ask for the request's session. */
export type NodeSessionHandler<Request, Response, Data extends object> = (
  request: Request,
  response: Response,
  session: () => Promise<Session<Data>>,
) => unknown

/**
 * A listener for `node:http` with sessions: `createServer(nodeSessions(sessions, handler))`. A store that is out is
 * answered with 503 and `Retry-After`; an unsafe request that another site's page may have made with 403; what the handler
 * throws with 500, or by breaking off an answer that has begun.
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
    /** Is told what the handler threw, and why an answer could not be committed. Default: it is written to the console. */
    readonly onError?: ((error: unknown, request: Request) => void) | undefined
  } = {},
): (request: Request, response: Response) => void {
  const onError = options.onError ?? ((error: unknown) => console.error(error))
  return function listener(request, response) {
    const fail = (error: unknown) => {
      // What another site's page tried is an event, not a fault of the application.
      if (!(error instanceof CsrfError)) onError(error, request)
      answerProblem(response, error)
    }
    const { check, open } = attachSession(sessions, request, response, options, fail)
    const run = async () => {
      const fault = await check()
      if (fault === null) await handler(request, response, open)
      else answerFault(response, fault)
    }
    run().catch((error: unknown) => {
      if (!response.headersSent) return fail(error)
      onError(error, request)
      if (!response.writableEnded) response.destroy()
    })
  }
}

/** Answers 503 for an outage of the store, 403 for a `CsrfError`, else 500, in place of what the handler meant to say; its cookies stay. */
export function answerProblem(response: NodeResponse, error: unknown): void {
  const { status, headers, body } = knownProblem(error) ?? internalProblem
  for (const name of response.getHeaderNames()) if (name !== 'set-cookie') response.removeHeader(name)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.statusCode = status
  response.end(body)
}

/** Answers a request that is refused before its handler. Headers that are set already stay. */
export function answerFault(response: NodeResponse, fault: CsrfError): void {
  const { status, headers, body } = knownProblem(fault) ?? internalProblem
  const vary = response.getHeader('vary')
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  if (vary !== undefined) response.setHeader('vary', `${vary}, ${headers['vary']}`)
  response.statusCode = status
  response.end(body)
}

function clientFor(request: NodeRequest, { client }: NodeOptions): Partial<Client> {
  return client === undefined ? { address: request.socket.remoteAddress ?? null } : client(request)
}

/**
 * The request as the core reads it, such as for `sessions.open` and `sessions.csrfFault` at the handshake of a WebSocket.
 * Nothing that a proxy forwarded is believed: behind one, set the option `origin`.
 */
export function requestLike(request: NodeRequest): RequestLike {
  const { method, url, originalUrl, headers, socket } = request
  const scheme = socket.encrypted === true ? 'https' : 'http'
  return {
    method,
    url: `${scheme}://${headerText(headers['host'])}${originalUrl ?? url ?? '/'}`,
    headers: { get: (name) => headerOf(request, name) },
  }
}

function headerOf({ headers }: NodeRequest, name: string): string | null {
  return headers[name] === undefined ? null : headerText(headers[name])
}

function headerText(value: string | readonly string[] | undefined): string {
  return typeof value === 'object' ? value.join(', ') : (value ?? '')
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
    path: request.originalUrl ?? request.url ?? '/',
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
export function nodeSecurityHeaders(
  options: SecurityHeadersOptions = {},
): (request: NodeRequest, response: NodeResponse) => string {
  const make = makeSecurityHeaders(options)
  return function setHeaders({ socket }, response) {
    const { headers, nonce } = make(socket.encrypted === true)
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    return nonce
  }
}
