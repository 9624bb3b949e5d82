import type { CsrfError } from '../../errors.ts'
import type { Cancel } from '../../runtime/index.ts'
import { makeSerial } from '../base/keyed-mutex.ts'
import { makeTouchGate } from '../base/touch-throttle.ts'
import { refuseUnknown } from '../base/unknown-options.ts'
import { originOf } from '../csrf/provenance.ts'
import { type EventListener, makeEvents } from '../events/events.ts'
import { makeWarnOnce } from '../events/warnings.ts'
import { cachingRules } from '../http/caching.ts'
import { arrivalOf, type ClientGiven } from '../http/forwarded-request.ts'
import type { RequestLike } from '../http/transport.ts'
import { type Keys, makeKeys, makeKeyUse, parseKeys } from '../keys/keys.ts'
import type { KindFactory } from '../kind.ts'
import type { Duration } from '../record/duration.ts'
import { hasDamage } from '../store/capabilities.ts'
import { breakingStore } from '../store/circuit-breaker.ts'
import { type EndingWatch, type EndingWatcher, makeFeedHub, watchEndings } from '../store/feed-hub.ts'
import { boundedStore } from '../store/time-limit.ts'
import { type AdapterPort, makeAdapterPort } from './adapter-port.ts'
import type { Context } from './context.ts'
import { endAllSessions, endById, endSessionsOf } from './end.ts'
import { type KeepAlive, makeKeepAlive } from './keep-alive.ts'
import { makeKinds } from './kinds.ts'
import { findSession, listSessions, type SessionInfo, type SessionStatus } from './list.ts'
import { makeSettings, type SessionsOptions } from './options.ts'
import { makeSignOutRetries } from './pending-sign-outs.ts'
import {
  CSRF_FAULT_OPTIONS,
  type CsrfFaultOptions,
  OPEN_OPTIONS,
  type OpenOptions,
  type RequestArrival,
} from './request-options.ts'
import { applyTo, type Committed, type ResponseLike } from './response.ts'
import type { Session } from './session.ts'
import { type Attempt, beginAttempt, checkUserId } from './sign-in.ts'
import { endUnconfirmed } from './sign-out.ts'
import { type Sweeping, startSweeping, sweepAll } from './sweep.ts'
import { updateUserData } from './update-user.ts'

/** How many times the limit of one store call a change of a key waits for its turn behind others of that key. */
const TURN = 10

/** Sessions of one application: opens, ends, lists and sweeps them. Made by `createSessions`. */
export class Sessions<Data extends object, Stored extends object = Data> {
  /** For adapters alone. */
  readonly adapter: AdapterPort<Data>
  readonly #ctx: Context
  readonly #keys: Keys
  readonly #keepAlive: KeepAlive
  readonly #sweepers = new Set<Sweeping>()

  /** Checks the options; does no I/O. @throws OptionError, KeyError */
  constructor(options: SessionsOptions<Stored>, defaultKind: KindFactory) {
    const factories = [options?.kind ?? defaultKind, ...(options?.also ?? [])]
    const settings = makeSettings(
      options,
      factories.some(({ needsStore }) => needsStore),
    )
    const { runtime } = settings
    const events = makeEvents(runtime)
    this.#keys = makeKeys(settings.keys, runtime)
    const store = breakingStore(boundedStore(settings.store, settings.storeTimeout, runtime), settings, events)
    const { ring } = this.#keys
    const port = { store, runtime, policy: settings.policy, ring, keyUse: makeKeyUse(events, runtime) }
    const warnOnce = makeWarnOnce((text) => runtime.warn(text))
    const ctx: Context = {
      settings,
      runtime,
      store,
      events,
      kinds: makeKinds(factories.map(({ make }) => make(port))),
      feeds: makeFeedHub(settings.store, runtime),
      ring,
      caching: cachingRules(settings.bearer ? 'Cookie, Authorization' : 'Cookie', warnOnce),
      touches: makeTouchGate(settings.policy.touch),
      serial: makeSerial(runtime, TURN * settings.storeTimeout),
      signOutRetries: makeSignOutRetries(runtime, settings.storeTimeout, (token) => endUnconfirmed(ctx, token)),
      warnOnce,
    }
    this.#ctx = ctx
    if (hasDamage(settings.store)) {
      settings.store.onDamaged((sessionId) => events.emit({ type: 'record-damaged', sessionId }))
    }
    this.#keepAlive = makeKeepAlive(ctx)
    this.adapter = makeAdapterPort(ctx, this.#keepAlive)
  }

  /**
   * The session of a request. Always answers: without a cookie of ours, or with one that does not count, an empty session
   * (`session.ended` says why an earlier one no longer counts). A visitor without a cookie costs no store call.
   * @throws OptionError; StoreUnavailableError, StoreTimeoutError: never an anonymous visitor because of an outage, unless
   * `whenStoreIsOut` says so
   */
  async open(request: RequestLike, options?: OpenOptions): Promise<Session<Data>> {
    if (options !== undefined) refuseUnknown(options, OPEN_OPTIONS, 'open')
    return await this.adapter.openNow(request, options)
  }

  /**
   * Why browsers would keep no cookie of ours on the answer to this request, and what to set; null where they do. An
   * application can say so on its sign-in page, where signing in would lead nowhere.
   */
  withheld(request: RequestLike, client: ClientGiven = null): string | null {
    const { settings } = this.#ctx
    return settings.transport.cookiesOf(arrivalOf(settings, request, client).url).withheld?.why ?? null
  }

  /**
   * Where a request was meant to go and whose it is, as far as the option `trustProxy` lets proxies say so: for an
   * application's own limits, logs and links. `client.address` is that of the socket's other end.
   */
  arrival(request: RequestLike, client: ClientGiven = null): RequestArrival {
    const arrival = arrivalOf(this.#ctx.settings, request, client)
    const { csrf } = this.#ctx.settings
    return { origin: csrf.own ?? originOf(arrival.url), address: arrival.client?.address ?? null }
  }

  /**
   * Before the handler: why the request is to be refused as not made by the visitor (CSRF), and the event
   * `csrf-blocked`; null where it is not, at once for a safe method. Also for the handshake of a WebSocket. `open` answers
   * the session that the handler gets; it is asked only where a token in the header `X-CSRF-Token` decides. @throws OptionError
   */
  csrfFault(request: RequestLike, options: CsrfFaultOptions<Data> = {}): Promise<CsrfError | null> | null {
    refuseUnknown(options, CSRF_FAULT_OPTIONS, 'csrfFault')
    return this.adapter.csrfFault(request, options)
  }

  /**
   * Writes what changed in the session's data, then puts its cookies into the answer and forbids caching it (see `session.allowCaching`). On a status of
   * 500 or above changes of data are dropped; rotations and endings that have happened stand, and their cookies are sent.
   * Where the session ended meanwhile nothing is written and `session.ended` says why.
   * @throws DataError, StoreFullError, StoreUnavailableError, StoreTimeoutError
   */
  async commit<R extends ResponseLike>(session: Session<Data>, response: R): Promise<R> {
    return applyTo(response, await this.save(session, response.status))
  }

  /** As `commit` for an answer that is not fetch-standard: writes, and answers what it is to carry. `status`: default 200. */
  async save(session: Session<Data>, status = 200): Promise<Committed> {
    return await this.adapter.saveNow(session, status)
  }

  /**
   * Begins a sign-in: call it before the password is checked. An ending or change of the user's sessions between this and
   * `session.signIn` makes the sign-in void. @throws OptionError, and what the store throws
   */
  async begin(userId: string): Promise<Attempt> {
    return await beginAttempt(this.#ctx, userId)
  }

  /** The user's live sessions, newest first; without anything that signs in. */
  async list(userId: string): Promise<SessionInfo[]> {
    return await listSessions(this.#ctx, checkUserId(userId))
  }

  /**
   * Answers how a user's session lives, or why it ended, by its public id; null where nothing is known (any more), or
   * it is nobody's. Records no activity. @throws what the store throws
   */
  async find(id: string): Promise<SessionStatus | null> {
    return await findSession(this.#ctx, id)
  }

  /**
   * Ends a session for ever, in every process, by its public id. `note` is the application's word for why; its first 200
   * characters are kept. With `userId` only where the session is that user's; one that is given and no user id is refused,
   * since without it anybody's session would end. Answers `ended`, `already`, or `missing` (not there, or of another user).
   * @throws OptionError, and what the store throws
   */
  async revoke(
    id: string,
    note: string | null = null,
    only: { readonly userId?: string } = {},
  ): Promise<'ended' | 'already' | 'missing'> {
    refuseUnknown(only, { userId: null }, 'revoke')
    if ('userId' in only) {
      checkUserId(only.userId)
      const record = await this.#ctx.store.read(id, { strict: true })
      if (record === null || record.userId !== only.userId) return 'missing'
    }
    return await endById(this.#ctx, id, note)
  }

  /** Ends all sessions of a user, but `except`; sign-ins under way do not count. Answers how many were ended. */
  async revokeUser(
    userId: string,
    options: { readonly except?: string | null | undefined; readonly note?: string | null | undefined } = {},
  ): Promise<number> {
    return await endSessionsOf(this.#ctx, checkUserId(userId), options)
  }

  /**
   * Ends all sessions of a user whose account is erased. What the store keeps of the user id is removed by sweeps: ended
   * records after `policy.keepEnded`, the rest when nothing can live any more that it would have to refuse, after 30 days or
   * the longest absolute timeout (in Redis a week later). Answers how many were ended. @throws OptionError, and what the store throws
   */
  async forgetUser(userId: string): Promise<number> {
    return await endSessionsOf(this.#ctx, checkUserId(userId), { note: null })
  }

  /** Ends every session there is. Answers how many were ended. */
  async revokeAll(note: string | null = null): Promise<number> {
    return await endAllSessions(this.#ctx, note)
  }

  /**
   * Changes data in all sessions of a user, in force at the next request of every device; sign-ins under way with the old
   * values do not count. Sessions of an earlier schema are migrated first, so that no migration undoes the change. Answers
   * how many sessions were changed. Where the change would make one larger than allowed, or does not fit the schema, none is
   * changed; one that did not fit before does not stand in the way. @throws DataError, and what the store throws
   */
  async updateUser(
    userId: string,
    change: {
      readonly set?: Partial<Stored> | undefined
      readonly unset?: readonly (keyof Stored & string)[] | undefined
    },
  ): Promise<number> {
    return await updateUserData(this.#ctx, userId, change)
  }

  /** Removes what is expired, in small batches with pauses between, until nothing is left or `signal` is aborted. */
  async sweep(
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<{ expired: number; removed: number }> {
    refuseUnknown(options, { signal: null }, 'sweep')
    return await sweepAll(this.#ctx, options.signal)
  }

  /**
   * Sweeps about every `every` (with jitter) until the answer is called or `close`. Of several processes of a store one does;
   * where that one is gone, another one within a few intervals. A store without marks is swept by each.
   */
  startSweeping(every: Duration = '1m'): Cancel {
    const sweeping = startSweeping(this.#ctx, every)
    this.#sweepers.add(sweeping)
    return () => {
      this.#sweepers.delete(sweeping)
      void sweeping.stop()
    }
  }

  /**
   * Tells of endings by any process that shares the store, by one feed for all watchers (`on` tells what this process did).
   * Sessions that expire are not told: `session.endsAt` says when. A store without a feed tells nothing, and `age` says so.
   */
  watchEndings(watcher: EndingWatcher): EndingWatch {
    refuseUnknown(watcher, { ended: null, gone: null, missed: null }, 'watchEndings')
    return watchEndings(this.#ctx.feeds, watcher)
  }

  /** Calls `listener` with every event of this process from now on; the answer stops that. */
  on(listener: EventListener): () => void {
    return this.#ctx.events.on(listener)
  }

  /**
   * Exchanges the signing keys without a restart: takes what the option `keys` takes. From the answer on the first one
   * makes tags, and a token of a key that is not listed any more is refused. @throws KeyError, and the keys stay as they were
   */
  async setKeys(keys: SessionsOptions<Stored>['keys']): Promise<void> {
    await this.#keys.set(parseKeys(keys))
  }

  /** Stops sweeping, tries once more to confirm what was signed out while the store was out, and closes the store. */
  async close(): Promise<void> {
    this.#keepAlive.close()
    await Promise.all([...this.#sweepers].map((sweeping) => sweeping.stop()))
    this.#sweepers.clear()
    await this.#ctx.signOutRetries.close()
    await this.#ctx.feeds.close()
    await this.#ctx.store.close()
  }
}
