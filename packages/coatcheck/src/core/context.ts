import type { DataError } from '../errors.ts'
import type { Awaitable, Runtime } from '../runtime/index.ts'
import type { TokenFault } from './csrf.ts'
import type { Events } from './events.ts'
import type { FeedHub } from './feed-hub.ts'
import type { KeyUse } from './key-use.ts'
import type { KeyRing } from './keys.ts'
import { deadlineOf, endedAs } from './lifecycle.ts'
import type { Settings } from './options.ts'
import type { OutageError } from './outage.ts'
import type { Client, EndReason, SessionRecord } from './record.ts'
import type { Serial } from './serial.ts'
import type { SignOutRetries } from './sign-out-retries.ts'
import type { Store } from './store.ts'
import type { TouchGate } from './touch-gate.ts'
import type { CookieSet, RequestLike } from './transport.ts'
import type { VerifiedTags } from './verified-tags.ts'
import type { WarnOnce } from './warnings.ts'

/** What all requests of one `createSessions` share. */
export interface Context {
  readonly settings: Settings
  readonly store: Store
  readonly runtime: Runtime
  readonly events: Events
  readonly feeds: FeedHub
  readonly ring: () => Awaitable<KeyRing>
  readonly keyUse: KeyUse
  readonly verified: VerifiedTags
  readonly touches: TouchGate
  readonly serial: Serial
  readonly signOutRetries: SignOutRetries
  /** Says a thing once per process to the developer. */
  readonly warnOnce: WarnOnce
}

/** Why an earlier session no longer counts: the endings, or that the token was none that we know or can read. */
export interface Ended {
  readonly reason: EndReason | 'unknown' | 'malformed'
  /** Epoch milliseconds, where known. */
  readonly at: number | null
  /** The application's word for it, as given to `revoke`. */
  readonly note: string | null
}

/** Why a record that was live when it was read does not count any more, or is not there. */
export function endedMeanwhile(
  record: SessionRecord | null,
  now: number,
): Ended & { readonly reason: EndReason | 'unknown' } {
  const reason = record === null ? null : endedAs(record, now)
  if (record === null || reason === null) return { reason: 'unknown', at: null, note: null }
  return { reason, at: record.ended?.at ?? deadlineOf(record).at, note: record.ended?.note ?? null }
}

/** The token that the request presented, or that it was given since. */
export interface Holding {
  readonly secret: string
  readonly hash: string
  readonly generation: number
}

/** What the answer says of one cookie: a new token, or that it is to go. */
export type Outgoing = { readonly token: string; readonly expiresAt: number | null } | 'delete'

/** One request's session, as the modules of the core pass it around. The application sees it as `Session`. */
export interface SessionState {
  readonly request: RequestLike
  /** Where the request was meant to go, as far as that is believed. */
  readonly url: string | undefined
  readonly cookies: CookieSet
  readonly client: Partial<Client> | null
  /** The session's record while it is live for this request; null where there is none (any more). */
  record: SessionRecord | null
  holding: Holding | null
  ended: Ended | null
  /** Why the store could not be asked, where the application opens all the same (`whenStoreIsOut`): nothing can be written. */
  outage: OutageError | null
  /** The application's object, once asked for. */
  data: Record<string, unknown> | null
  /** Why the record's data cannot be brought to the present schema: whoever asks for it, or changes it, is told. */
  unreadable: DataError | null
  /** The texts that `data` was made from: what differs from them is what this request changed. */
  base: ReadonlyMap<string, string>
  /** The data's version after this request's own last write; null where it has written none. */
  written: number | null
  /** Texts of initial values that fill keys which the record lacks. */
  initial: ReadonlyMap<string, string> | null
  signedInCookie: Outgoing | null
  anonymousCookie: Outgoing | null
  /** What ties the forms of a visitor without a session to their browser. */
  preCookie: Outgoing | null
  /** Why the session cannot be changed, or not even be read, until a token of this request was found to count. */
  closed: {
    readonly reason: TokenFault | 'opaque-origin'
    readonly toReading: boolean
    readonly isTold: boolean
  } | null
  /** Whether the token came as `Authorization: Bearer`, or was taken to go that way: then no cookie is sent. */
  bearer: boolean
  /** The request is no activity of the visitor's: nothing is recorded or renewed. */
  passive: boolean
  /** Whether the application has looked at the session or changed it: only then is the answer about somebody. */
  asked: boolean
  /** Whether caches may keep the answer: not by default; `allowed` by the application; `forbidden` because of what it carries. */
  caching: 'default' | 'allowed' | 'forbidden'
  /** The value of `Clear-Site-Data` that the answer is to carry, or null. */
  clearSiteData: string | null
  /** Whether the answer's cookies were handed over: what comes later cannot leave with it. */
  answered: boolean
}

const NO_TEXTS: ReadonlyMap<string, string> = new Map()

export function newState(
  { request, url, cookies }: Pick<SessionState, 'request' | 'url' | 'cookies'>,
  client: Partial<Client> | null,
): SessionState {
  return {
    request,
    url,
    cookies,
    client,
    record: null,
    holding: null,
    ended: null,
    outage: null,
    data: null,
    unreadable: null,
    base: NO_TEXTS,
    written: null,
    initial: null,
    signedInCookie: null,
    anonymousCookie: null,
    preCookie: null,
    closed: null,
    bearer: false,
    passive: false,
    asked: false,
    caching: 'default',
    clearSiteData: null,
    answered: false,
  }
}

/** What the application sees from here on is made anew, from the record as it is then. */
export function forgetData(state: SessionState): void {
  state.data = null
  state.unreadable = null
  state.base = NO_TEXTS
  state.written = null
  state.initial = null
}

/** Makes the state one without a session, for the reason given. */
export function dropSession(state: SessionState, ended: Ended): void {
  state.record = null
  state.holding = null
  state.ended = ended
  forgetData(state)
}
