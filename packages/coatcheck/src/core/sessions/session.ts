import { NotFreshError, NotSignedInError } from '../../errors.ts'
import { refuseUnknown } from '../base/unknown-options.ts'
import { type CsrfVerdict, checkCsrfToken, makeCsrfToken } from '../csrf/form-token.ts'
import { withheldFrom } from '../csrf/withholding.ts'
import { refuseInOutage } from '../events/outage.ts'
import { milliseconds } from '../record/duration.ts'
import { deadlineOf } from '../record/lifecycle.ts'
import type { Assurance, Client, SessionRecord } from '../record/record.ts'
import type { Context } from './context.ts'
import { dataOf } from './data-view.ts'
import type { Ended } from './ended.ts'
import { refuseReadOnly } from './read-only.ts'
import { replaceToken } from './replace.ts'
import { type Freshness, refuseUnknownFreshness } from './required-freshness.ts'
import { takeToken, withholdLateCookies } from './response.ts'
import { type BeginOptions, beginSession, saveData, updateKey } from './save.ts'
import { type Attempt, reauthenticate, type SignInOptions, signIn } from './sign-in.ts'
import { type SignOutOptions, signOut } from './sign-out.ts'
import { recordOf, type SessionState } from './state.ts'
import { refuseCallback, refuseStrayWrites } from './stray-writes.ts'

/**
 * A request's session. There always is one: where nobody has a session yet it is empty, costs nothing, and begins when
 * data is stored in it. `Data` is the type of `data`; without `data.initial` any key of it may be missing.
 */
export class Session<Data extends object> {
  readonly #ctx: Context
  readonly #state: SessionState

  /** Made by `sessions.open`. */
  constructor(ctx: Context, state: SessionState) {
    this.#ctx = ctx
    this.#state = state
  }

  /** The public id: safe in lists, logs and URLs; authenticates nobody. Null while there is no session. */
  get id(): string | null {
    return this.#record?.id ?? null
  }

  /** The signed-in user, or null. */
  get userId(): string | null {
    return this.#record?.userId ?? null
  }

  get signedIn(): boolean {
    return this.userId !== null
  }

  /** Why an earlier session of this client no longer counts; null where there was none or it still does. */
  get ended(): Ended | null {
    return this.#asked.ended
  }

  /**
   * The store was out when the session was opened with `whenStoreIsOut: 'anonymous'`: the visitor may have a session all the
   * same, so nothing can be written, and whatever insists on one throws.
   */
  get storeIsOut(): boolean {
    return this.#asked.outage !== null
  }

  /**
   * Why no anonymous session can begin with this request, and what to do; null where one can, or one is there. What is
   * written is then dropped, or refused on an unsafe request that another site's page made (`CookieWithheldError`).
   */
  get withheld(): string | null {
    const state = this.#asked
    return state.held === null ? (withheldFrom(this.#ctx, state.exchange)?.why ?? null) : null
  }

  /** The application's data: a plain object, to be read and changed. What changed is written by `commit`. */
  get data(): Data {
    return dataOf(this.#ctx, this.#asked) as Data
  }

  /** When the session began, in epoch milliseconds; null while there is none. Likewise the times below. */
  get createdAt(): number | null {
    return this.#record?.createdAt ?? null
  }

  get authenticatedAt(): number | null {
    return this.#record?.authenticatedAt ?? null
  }

  /** The last recorded activity before this request. */
  get lastSeenAt(): number | null {
    return this.#record?.lastSeenAt ?? null
  }

  /** The absolute timeout. */
  get expiresAt(): number | null {
    return this.#record?.expiresAt ?? null
  }

  /** When the session ends if nothing more happens. */
  get endsAt(): number | null {
    const record = this.#record
    if (record === null) return null
    const { idleFor, expiresAt } = record
    const lastSeenAt = this.#state.passive ? record.lastSeenAt : this.#ctx.runtime.now()
    return deadlineOf({ idleFor, expiresAt, lastSeenAt }).at
  }

  get persistent(): boolean {
    return this.#record?.persistent ?? false
  }

  get assurance(): Assurance | null {
    return this.#record?.assurance ?? null
  }

  get client(): Client | null {
    return this.#record?.client ?? null
  }

  /**
   * Begins an anonymous session at once, with what was written to `data` so far, also where that is nothing. Without a call it
   * begins when data is written. Does nothing where there is a session already, or where browsers keep no cookie (`withheld`).
   * @throws CookieWithheldError where another site's page made the request, unless `crossSite` is set; OptionError, DataError,
   * StoreFullError, StoreUnavailableError, StoreTimeoutError
   */
  async begin(options: BeginOptions = {}): Promise<void> {
    refuseUnknown(options, { crossSite: null }, 'begin')
    await beginSession(this.#ctx, this.#changing, options)
  }

  /**
   * Signs the user of `attempt` in: a new session with a new id and token (ASVS 7.2.4); the one before ends as
   * `replaced`. Where the same user is signed in already, as `reauthenticate`.
   * @throws UserChangedError (sign in again), SessionLimitError, DataError, OptionError, and what the store throws
   */
  async signIn(attempt: Attempt, options: SignInOptions<Data> = {}): Promise<void> {
    await signIn(this.#ctx, this.#changing, attempt, options)
  }

  /**
   * Records that the signed-in user was authenticated again: a new token, the old one dead at once, both timeouts anew.
   * @throws NotSignedInError, SessionEndedError, UserChangedError, DataError, OptionError, and what the store throws
   */
  async reauthenticate(attempt: Attempt, options: SignInOptions<Data> = {}): Promise<void> {
    await reauthenticate(this.#ctx, this.#changing, attempt, options)
  }

  /**
   * Ends the session for ever; the answer deletes its cookie. Does no harm where there is none. While the store is out the
   * cookie is deleted too, and the ending is tried again by this process. @throws OptionError, SignOutUnconfirmedError
   */
  async signOut(options: SignOutOptions = {}): Promise<void> {
    await signOut(this.#ctx, this.#opened('changing'), options)
  }

  /**
   * A new token after a change of privilege; the old one is dead at once (ASVS 7.2.4, OWASP).
   * @throws SessionEndedError where there is no session, and what the store throws
   */
  async rotate(): Promise<void> {
    const { id, userId, generation } = await replaceToken(this.#ctx, this.#changing, {})
    this.#ctx.events.emit({ type: 'rotated', sessionId: id, userId, generation })
  }

  /**
   * Changes one key by a function of its present value, at once and atomically: of parallel calls none is lost. `change`
   * may be called more than once; answering undefined removes the key. It must not call `update` on the same key.
   * @throws SessionEndedError, DataError, ContentionError, and what the store or `change` throws
   */
  async update<Key extends keyof Data & string>(
    key: Key,
    change: (value: Data[Key] | undefined) => Data[Key] | undefined | Promise<Data[Key] | undefined>,
  ): Promise<Data[Key] | undefined> {
    const untyped = change as (value: unknown) => unknown
    return (await updateKey(this.#ctx, this.#changing, key, untyped)) as Data[Key] | undefined
  }

  /** Whether the last authentication is recent and strong enough. @throws OptionError where neither is asked for */
  isFresh(need: Freshness): boolean {
    refuseUnknownFreshness(need)
    const { maxAge, level } = need
    const { authenticatedAt, assurance } = this
    if (authenticatedAt === null || assurance === null) return false
    if (level !== undefined && assurance.level < level) return false
    return maxAge === undefined || this.#ctx.runtime.now() - authenticatedAt < milliseconds(maxAge, 'maxAge')
  }

  /** Insists on a recent or strong enough authentication (ASVS 7.5.1). @throws OptionError, NotSignedInError, NotFreshError, StoreUnavailableError */
  requireFresh(need: Freshness): void {
    refuseUnknownFreshness(need)
    refuseInOutage(this.#asked, 'session.requireFresh')
    if (!this.signedIn) throw new NotSignedInError()
    if (this.isFresh(need)) return
    const maxAge = need.maxAge === undefined ? null : milliseconds(need.maxAge, 'maxAge')
    throw new NotFreshError({ maxAge, level: need.level ?? null })
  }

  /**
   * Writes what changed in the data now, for those who answer early or stream for long. Where the answer's headers have
   * left, a session can no longer begin (event `cookie-withheld`).
   * @throws DataError, StoreFullError, StoreUnavailableError, StoreTimeoutError
   */
  save(): Promise<void>
  save(...given: readonly unknown[]): Promise<void> {
    refuseCallback('save', given)
    return this.#save()
  }

  async #save(): Promise<void> {
    await saveData(this.#ctx, this.#asked, 200)
    withholdLateCookies(this.#ctx, this.#state.exchange)
  }

  /**
   * The token that this request was given by `signIn`, `reauthenticate`, `rotate` or a new anonymous session that was saved,
   * for clients that send it as `Authorization: Bearer` (option `bearer`). Null where it was given none. Answered once; its
   * cookie is then not sent. Hand it out in a body that no cache keeps, never in a URL.
   */
  takeToken(): string | null {
    return takeToken(this.#asked.exchange)
  }

  /**
   * Lets caches keep this answer as its own `Cache-Control` says, although it read the session; `Vary: Cookie` is added, so
   * that they keep it for each visitor apart. An answer that carries a cookie or a token stays `no-store` all the same.
   */
  allowCaching(): void {
    const { exchange } = this.#state
    if (exchange.caching === 'default') exchange.caching = 'allowed'
  }

  /**
   * A token for a form of the page that is being answered, as its hidden field `_csrf`; another text each time. It is bound
   * to this session and its last authentication. A visitor without a session gets a cookie for it, which holds nothing else.
   */
  async csrfToken(): Promise<string> {
    this.#state.asked = true
    if (this.#state.held === null) refuseReadOnly(this.#state)
    this.#state.exchange.caching = 'forbidden'
    refuseInOutage(this.#state, 'session.csrfToken')
    return await makeCsrfToken(this.#ctx, this.#state)
  }

  /**
   * Whether the token from the field `_csrf` of a form counts. `stale-token`: the form is older than the sign-in, or than
   * its visitor's cookie; show it again, with what was typed. Where a token does not count, whatever would change the
   * session throws `CsrfError` for the rest of the request. Costs no store call.
   */
  async checkCsrf(token: unknown): Promise<CsrfVerdict> {
    this.#state.asked = true
    return await checkCsrfToken(this.#ctx, this.#state, token)
  }

  get #record(): SessionRecord | null {
    return recordOf(this.#asked)
  }

  get #asked(): SessionState {
    return this.#opened('reading')
  }

  get #changing(): SessionState {
    const state = this.#opened('changing')
    refuseInOutage(state, 'session')
    return state
  }

  #opened(to: 'reading' | 'changing'): SessionState {
    this.#state.asked = true
    this.#state.gate?.check(to)
    if (to === 'changing') refuseReadOnly(this.#state)
    return this.#state
  }

  /** For the core alone: what the application cannot reach. */
  static stateOf<Any extends object>(session: Session<Any>): SessionState {
    return session.#state
  }

  static {
    refuseStrayWrites(Session.prototype)
  }
}
