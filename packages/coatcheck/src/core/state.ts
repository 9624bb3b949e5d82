import type { DataError } from '../errors.ts'
import type { Ended } from './ended.ts'
import type { Held } from './kind.ts'
import type { OutageError } from './outage.ts'
import type { Client, SessionRecord } from './record.ts'
import type { Slot } from './slots.ts'
import type { CookieSet, RequestLike } from './transport.ts'

/** What the answer says of one slot: a new text, with the time of its end in epoch milliseconds, or that it is to go. */
export type Outgoing = { readonly text: string; readonly expiresAt: number | null } | 'delete'

/** The request, and what its answer is to carry. Knows nothing of what a session is. */
export interface Exchange {
  readonly request: RequestLike
  /** Where the request was meant to go, as far as that is believed. */
  readonly url: string | undefined
  readonly cookies: CookieSet
  readonly client: Partial<Client> | null
  outgoing: ReadonlyMap<Slot, Outgoing>
  /** How the client carries its token, and so gets a new one: `token` where it came as `Authorization: Bearer`, or was taken. */
  sends: 'cookie' | 'token'
  /** Whether caches may keep the answer: not by default; `allowed` by the application; `forbidden` because of what it carries. */
  caching: 'default' | 'allowed' | 'forbidden'
  /** The value of `Clear-Site-Data` that the answer is to carry, or null. */
  clearSiteData: string | null
  /** Whether the answer's cookies were handed over: what comes later cannot leave with it. */
  answered: boolean
}

/** The application's view of the data, and what it is compared with to find what the request changed. */
export interface DataView {
  /** The application's object, once asked for. */
  object: Record<string, unknown> | null
  /** The texts that `object` was made from: what differs from them is what this request changed. */
  base: ReadonlyMap<string, string>
  /** Texts of initial values that fill keys which the record lacks. */
  initial: ReadonlyMap<string, string> | null
  /** The data's version after this request's own last write; null where it has written none. */
  written: number | null
  /** Why the record's data cannot be brought to the present schema: whoever asks for it, or changes it, is told. */
  unreadable: DataError | null
}

/** Refuses to let a session be read or changed until something is proven, such as that the visitor made the request. */
export interface Gate {
  readonly toReading: boolean
  /** @throws what the one who closed the gate says */
  readonly check: (to: 'reading' | 'changing') => void
}

/** One request's session, as the modules of the core pass it around. The application sees it as `Session`. */
export interface SessionState {
  readonly exchange: Exchange
  /** Null where there is no live session (any more). */
  held: Held | null
  ended: Ended | null
  /** Why the store could not be asked, where the application opens all the same (`whenStoreIsOut`): nothing can be written. */
  outage: OutageError | null
  view: DataView
  /** Null where the session is open to everything. */
  gate: Gate | null
  /** The request is no activity of the visitor's: nothing is recorded or renewed. */
  readonly passive: boolean
  /** The answer can set no cookie: nothing is renewed, and whatever would change the session throws. */
  readonly readOnly: boolean
  /** Whether the application has looked at the session or changed it: only then is the answer about somebody. */
  asked: boolean
}

const NO_TEXTS: ReadonlyMap<string, string> = new Map()
const NOTHING_OUTGOING: ReadonlyMap<Slot, Outgoing> = new Map()

export function newExchange(given: Pick<Exchange, 'request' | 'url' | 'cookies' | 'client'>): Exchange {
  return {
    request: given.request,
    url: given.url,
    cookies: given.cookies,
    client: given.client,
    outgoing: NOTHING_OUTGOING,
    sends: 'cookie',
    caching: 'default',
    clearSiteData: null,
    answered: false,
  }
}

export function newState(
  exchange: Exchange,
  { passive, readOnly }: Pick<SessionState, 'passive' | 'readOnly'>,
): SessionState {
  return {
    exchange,
    held: null,
    ended: null,
    outage: null,
    view: newView(),
    gate: null,
    passive,
    readOnly,
    asked: false,
  }
}

function newView(): DataView {
  return { object: null, base: NO_TEXTS, initial: null, written: null, unreadable: null }
}

/** Says what the answer is to carry in a slot; null takes back what was said. */
export function put(exchange: Exchange, slot: Slot, outgoing: Outgoing | null): void {
  if (outgoing === null && !exchange.outgoing.has(slot)) return
  const all = new Map(exchange.outgoing)
  if (outgoing === null) all.delete(slot)
  else all.set(slot, outgoing)
  exchange.outgoing = all
}

/** Answers what is to be sent, and leaves nothing to be sent. */
export function takeOutgoing(exchange: Exchange): ReadonlyMap<Slot, Outgoing> {
  const { outgoing } = exchange
  exchange.outgoing = NOTHING_OUTGOING
  return outgoing
}

/** What the application sees from here on is made anew, from the record as it is then. */
export function forgetData(state: SessionState): void {
  state.view = newView()
}

/** Makes the state one without a session, for the reason given. */
export function dropSession(state: SessionState, ended: Ended): void {
  state.held = null
  state.ended = ended
  forgetData(state)
}

/** The record of the session that the request holds, or null. */
export function recordOf({ held }: Pick<SessionState, 'held'>): SessionRecord | null {
  return held === null ? null : held.record
}
