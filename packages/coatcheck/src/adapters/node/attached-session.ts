import { type KnownOf, refuseUnknown } from '../../core/base/unknown-options.ts'
import type { WhenStoreIsOut } from '../../core/events/outage.ts'
import { knownProblem } from '../../core/http/fault-answer.ts'
import type { RequestLike } from '../../core/http/transport.ts'
import type { Client } from '../../core/record/record.ts'
import { ADAPTER_OPTIONS } from '../../core/sessions/request-options.ts'
import type { Committed } from '../../core/sessions/response.ts'
import type { Session } from '../../core/sessions/session.ts'
import type { Sessions } from '../../core/sessions/sessions.ts'
import type { CsrfError } from '../../errors.ts'
import { telling } from '../../web/error-listener.ts'
import { answerProblem } from './answering.ts'
import type { Commit } from './commit.ts'
import { holdAnswer } from './held-answer.ts'
import { headerOf, type NodeRequest, type NodeResponse, targetOf } from './messages.ts'

export interface NodeOptions {
  /** What is known of the client besides the request's headers. Default: the address of the socket's other end. */
  readonly client?: ((request: NodeRequest) => Partial<Client>) | undefined
  /**
   * Whether a request is no activity of its visitor's, as in `sessions.open`: for what an open page asks by itself. Default:
   * every request is activity.
   */
  readonly passive?: ((request: NodeRequest) => boolean) | undefined
  /** Whether the store itself is asked, past every cache, as for payments and administration. Default: it need not be. */
  readonly strict?: ((request: NodeRequest) => boolean) | undefined
  /** What the session of a request is while the store is out, as in `sessions.open`. Default: the outage is answered. */
  readonly whenStoreIsOut?: ((request: NodeRequest) => WhenStoreIsOut) | undefined
}

/** One request's access to its session. */
export interface NodeSession<Data extends object> {
  /**
   * To be asked before the handler: why the request is to be refused, because another site's page may have made it (CSRF;
   * `answerFault` says so), else null; at once for a safe method.
   */
  readonly check: () => Promise<CsrfError | null> | null
  /** The session, opened when first asked for; always the same one. A route that never asks costs nothing. */
  readonly open: () => Promise<Session<Data>>
  /** As `open`, and at once where the request has no cookie of ours. */
  readonly opening: () => Session<Data> | Promise<Session<Data>>
}

/**
 * Ties a session to one request and its answer, for frameworks on `node:http`. The answer is held back until the session
 * is committed, as soon as somebody has asked for it. `instead` answers where that failed; `isStreaming`: at once. Without it
 * the error's own answer is given, and a 5xx goes to `onError` or the console. @throws OptionError
 */
export function attachSession<
  Data extends object,
  Stored extends object,
  Request extends NodeRequest,
  Response extends NodeResponse,
>(
  sessions: Sessions<Data, Stored>,
  request: Request,
  response: Response,
  options: NodeOptions & {
    /** Is told why an answer could not be committed, where that is a 5xx. Default: it is written to the console. */
    readonly onError?: ((error: unknown, request: Request) => void) | undefined
  } = {},
  instead?: (error: unknown, isStreaming: boolean) => void,
): NodeSession<Data> {
  refuseUnknown(options, { ...(ADAPTER_OPTIONS satisfies KnownOf<NodeOptions>), onError: null }, 'attachSession')
  return attach(
    sessions,
    request,
    response,
    options,
    instead ?? answerAndTell(request, response, telling(options.onError)),
  )
}

/** Gives an error's own answer; a 5xx is told, since what another site's page tried is no fault of the application. */
export function answerAndTell<Request extends NodeRequest>(
  request: Request,
  response: NodeResponse,
  tell: (error: unknown, request: Request) => void,
): (error: unknown) => void {
  return function answer(error) {
    if ((knownProblem(error)?.status ?? 500) >= 500) tell(error, request)
    answerProblem(response, error)
  }
}

/** For the adapters: `misuse` answers before the head leaves what the handler did that cannot be meant, if anything. */
export function attach<Data extends object, Stored extends object>(
  sessions: Sessions<Data, Stored>,
  request: NodeRequest,
  response: NodeResponse,
  options: NodeOptions,
  instead: (error: unknown, isStreaming: boolean) => void,
  misuse: () => Error | null = () => null,
): NodeSession<Data> {
  return new AttachedSession(sessions, request, response, options, instead, misuse)
}

class AttachedSession<Data extends object, Stored extends object> implements NodeSession<Data>, Commit {
  readonly #sessions: Sessions<Data, Stored>
  readonly #request: NodeRequest
  readonly #options: NodeOptions
  readonly #instead: (error: unknown, isStreaming: boolean) => void
  readonly #misuse: () => Error | null
  #like: RequestLike | null = null
  #opening: Promise<Session<Data>> | null = null
  #opened: Session<Data> | null = null
  readonly #response: NodeResponse
  #stop: (() => void) | null = null
  #hasBegun = false

  constructor(
    sessions: Sessions<Data, Stored>,
    request: NodeRequest,
    response: NodeResponse,
    options: NodeOptions,
    instead: (error: unknown, isStreaming: boolean) => void,
    misuse: () => Error | null,
  ) {
    this.#sessions = sessions
    this.#request = request
    this.#response = response
    this.#options = options
    this.#instead = instead
    this.#misuse = misuse
    holdAnswer(response, this)
  }

  get #requestLike(): RequestLike {
    this.#like ??= requestLike(this.#request)
    return this.#like
  }

  /** The session itself where there is nothing to wait for. */
  readonly opening = (): Session<Data> | Promise<Session<Data>> => {
    if (this.#opened !== null) return this.#opened
    if (this.#opening !== null) return this.#opening
    const opening = this.#sessions.adapter.openNow(this.#requestLike, {
      client: clientFor(this.#request, this.#options),
      whenStoreIsOut: this.#options.whenStoreIsOut?.(this.#request),
      passive: this.#options.passive?.(this.#request),
      strict: this.#options.strict?.(this.#request),
    })
    if (!(opening instanceof Promise)) {
      return this.#keep(opening)
    }
    this.#opening = this.#await(opening)
    return this.#opening
  }

  readonly open = async (): Promise<Session<Data>> => await this.opening()

  async #await(opening: Promise<Session<Data>>): Promise<Session<Data>> {
    try {
      return this.#keep(await opening)
    } catch (error) {
      // What failed to open has nothing to commit, and may be tried again.
      this.#opening = null
      throw error
    }
  }

  /** The session of this request, which keeps it alive until the answer begins. */
  #keep(session: Session<Data>): Session<Data> {
    this.#opened = session
    const response = this.#response
    if (!this.#hasBegun) {
      this.#stop = this.#sessions.adapter.keepAlive(session, () => response.destroyed || response.writableEnded)
    }
    return session
  }

  begins(): void {
    this.#hasBegun = true
    this.#stop?.()
  }

  readonly check = (): Promise<CsrfError | null> | null => {
    return this.#sessions.adapter.csrfFault(this.#requestLike, {
      client: () => clientFor(this.#request, this.#options),
      open: this.open,
    })
  }

  isPossible(): boolean {
    return this.#opened !== null || this.#opening !== null
  }

  isNeeded(): boolean {
    if (this.#opened === null) return this.#opening !== null
    return this.#sessions.adapter.isUsed(this.#opened) || this.#misuse() !== null
  }

  beforeHead(status: number): Committed | Promise<Committed> {
    const misuse = this.#misuse()
    if (misuse !== null) throw misuse
    const opened = this.#opened
    if (opened !== null) return this.#sessions.adapter.saveNow(opened, status)
    return this.open().then((session) => this.#sessions.adapter.saveNow(session, status))
  }

  async reportLateRead(cacheControl: string | null): Promise<void> {
    this.#sessions.adapter.reportLateRead(await this.open(), cacheControl)
  }

  async beforeEnd(status: number): Promise<void> {
    await this.#sessions.adapter.saveLate(await this.open(), status)
  }

  cookiesAfterFailure(): readonly string[] {
    // Of a session that could not be opened nothing has happened.
    return this.#opened === null ? [] : this.#sessions.adapter.afterFailure(this.#opened).cookies
  }

  instead(error: unknown, isStreaming: boolean): void {
    this.#instead(error, isStreaming)
  }
}

function clientFor(request: NodeRequest, { client }: NodeOptions): Partial<Client> {
  return client === undefined ? { address: request.socket.remoteAddress ?? null } : client(request)
}

/**
 * The request as the core reads it, such as for `sessions.open` and `sessions.csrfFault` at the handshake of a WebSocket.
 * Nothing that a proxy forwarded is believed: behind one, set the option `origin`.
 */
export function requestLike(request: NodeRequest): RequestLike {
  const { method, headers, socket } = request
  const target = targetOf(request)
  const scheme = socket.encrypted === true ? 'https' : 'http'
  // HTTP/2 knows the host by another name.
  const host = target.host ?? headers['host'] ?? headers[':authority']
  return {
    method,
    url: `${scheme}://${isHost(host) ? host : NO_HOST}${target.path}`,
    headers: { get: (name) => headerOf(request, name) },
  }
}

/** What is no host would end the URL's authority early and put a path of the client's choice into it; this name is nobody's (RFC 6761 6.4). */
const NO_HOST = 'invalid'
const HOST = /^(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i

function isHost(text: string | readonly string[] | undefined): text is string {
  return typeof text === 'string' && HOST.test(text)
}
