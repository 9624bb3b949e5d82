import type { WhenStoreIsOut } from '../../core/events/outage.ts'
import { problemFor } from '../../core/http/fault-answer.ts'
import type { Client } from '../../core/record/record.ts'
import { applyTo } from '../../core/sessions/response.ts'
import type { Session } from '../../core/sessions/session.ts'
import type { Sessions } from '../../core/sessions/sessions.ts'
import type { Problem } from '../../errors/problem.ts'
import type { CsrfError } from '../../errors.ts'

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

/** The access of one request, for adapters that have looked at their options once. */
export function accessOf<Data extends object, Stored extends object>(
  sessions: Sessions<Data, Stored>,
  request: Request,
  options: FetchOptions,
): RequestSession<Data> {
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
      const checking = sessions.adapter.csrfFault(request, { client: () => options.client?.(request), open })
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

function refusal({ problem }: CsrfError, { headers }: Request): Response {
  return responseTo(problemFor(problem, { get: (name) => headers.get(name) }))
}

export function responseTo({ status, headers, body }: Problem): Response {
  return new Response(body, { status, headers })
}
