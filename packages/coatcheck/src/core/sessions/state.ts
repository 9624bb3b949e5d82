import type { DataError } from '../../errors.ts'
import type { Gate } from '../csrf/context.ts'
import type { OutageError } from '../events/outage.ts'
import type { Exchange } from '../http/exchange.ts'
import type { Held } from '../kind.ts'
import type { SessionRecord } from '../record/record.ts'
import type { Ended } from './ended.ts'

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

/**
 * Whether the request still holds the session with which a step began. Meanwhile it may have signed out, or somebody else in:
 * then what the step answers must bring nothing back.
 */
export function isStillHeld({ held }: Pick<SessionState, 'held'>, before: Held): boolean {
  return held !== null && held.record.id === before.record.id
}
