import { CoatcheckError, type CsrfError } from '../../errors.ts'
import type { Awaitable, Cancel } from '../../runtime/index.ts'
import { closedUntilChecked, csrfFault } from '../csrf/guard.ts'
import { isNoStore, READ_LATE } from '../http/caching.ts'
import { newExchange } from '../http/exchange.ts'
import { arrivalOf, checkRequest } from '../http/forwarded-request.ts'
import type { RequestLike } from '../http/transport.ts'
import type { Context } from './context.ts'
import type { KeepAlive } from './keep-alive.ts'
import { resume } from './open.ts'
import type { CsrfFaultOptions, OpenOptions } from './request-options.ts'
import { type Committed, committed, committedAnew, concernsSession, withholdLateCookies } from './response.ts'
import { saveData } from './save.ts'
import { Session } from './session.ts'
import { newState, recordOf } from './state.ts'

/**
 * What only adapters need: the steps of `open` and `commit` apart, in the order in which a request meets them. Its options are
 * not looked at for misspelt names, which would cost each request; an adapter does that once for its own. An application has no
 * use for it.
 */
export interface AdapterPort<Data extends object> {
  /** As `sessions.open`, and at once where the request has no cookie of ours. */
  readonly openNow: (request: RequestLike, options?: OpenOptions) => Awaitable<Session<Data>>
  /** As `sessions.csrfFault`. */
  readonly csrfFault: (request: RequestLike, options: CsrfFaultOptions<Data>) => Promise<CsrfError | null> | null
  /**
   * The request of this session is under way, which counts as activity, until the answer is called; at the latest before the
   * head of the request's answer leaves. `isOver`: whether the client is gone. See `policy.longestRequest`.
   */
  readonly keepAlive: (session: Session<Data>, isOver: () => boolean) => Cancel
  /**
   * Whether the answer is about the session, because somebody looked at it or changed it, or because a cookie is to be sent.
   * Else there is nothing to commit, and caches may keep the answer.
   */
  readonly isUsed: (session: Session<Data>) => boolean
  /** As `sessions.save`, and at once where nothing has to be written, as for most requests. */
  readonly saveNow: (session: Session<Data>, status: number) => Awaitable<Committed>
  /**
   * For an answer that tells of a fault in the place of the handler's: writes nothing, and answers the cookies of what has
   * happened all the same. A token that was replaced before the fault is dead by now, so the new one goes with the bad news.
   */
  readonly afterFailure: (session: Session<Data>) => Committed
  /**
   * The session was first asked for after the head of the answer had left, with this `Cache-Control`. Where that lets caches
   * keep the answer, it is the event `read-late`, and a warning.
   */
  readonly reportLateRead: (session: Session<Data>, cacheControl: string | null) => void
  /**
   * Before an answer ends whose headers have left: writes what changed since `saveNow`, by the rules for that `status`. A
   * failure is the event `answer-broken`, and thrown, so that the adapter breaks the answer off.
   * @throws DataError, StoreUnavailableError, StoreTimeoutError
   */
  readonly saveLate: (session: Session<Data>, status: number) => Promise<void>
}

export function makeAdapterPort<Data extends object>(ctx: Context, alive: KeepAlive): AdapterPort<Data> {
  const { settings, events } = ctx
  const port: AdapterPort<Data> = {
    openNow(request, options) {
      const { url, client } = arrivalOf(settings, request, options?.client)
      const exchange = newExchange({ request, url, cookies: settings.transport.cookiesOf(url), client })
      const state = newState(exchange, { passive: options?.passive ?? false, readOnly: options?.readOnly ?? false })
      state.gate = closedUntilChecked(ctx, exchange)
      const session = new Session<Data>(ctx, state)
      const resuming = resume(ctx, state, options?.strict ?? false, options?.whenStoreIsOut)
      return resuming === null ? session : resuming.then(() => session)
    },
    csrfFault(request, { client, open, readsForms = true }) {
      checkRequest(request)
      return csrfFault(
        ctx,
        request,
        () => arrivalOf(settings, request, client).url,
        async () => Session.stateOf(await (open ?? (async () => await port.openNow(request, { client })))()),
        readsForms,
      )
    },
    keepAlive: (session, isOver) => alive.begin(Session.stateOf(session), isOver),
    isUsed: (session) => concernsSession(Session.stateOf(session)),
    saveNow(session, status) {
      const state = Session.stateOf(session)
      const saving = saveData(ctx, state, status)
      return saving === null ? committed(ctx, state.exchange) : saving.then(() => committed(ctx, state.exchange))
    },
    afterFailure: (session) => committedAnew(ctx, Session.stateOf(session).exchange),
    reportLateRead(session, cacheControl) {
      if (cacheControl !== null && isNoStore(cacheControl)) return
      const { id = null, userId = null } = recordOf(Session.stateOf(session)) ?? {}
      events.emit({ type: 'read-late', sessionId: id, userId })
      ctx.warnOnce(READ_LATE)
    },
    async saveLate(session, status) {
      const state = Session.stateOf(session)
      const { id = null, userId = null } = recordOf(state) ?? {}
      try {
        await saveData(ctx, state, status)
      } catch (error) {
        const code = error instanceof CoatcheckError ? error.code : null
        events.emit({ type: 'answer-broken', sessionId: id, userId, code })
        throw error
      }
      withholdLateCookies(ctx, state.exchange)
    },
  }
  return port
}
