/**
 * The port of kinds: all in which sessions differ by what the client holds. `opaque` holds a random token, and each request
 * reads the store. Common to all, in the core: slots and cookies, cookie tossing, CSRF, data with its limits, policy and
 * lifecycle, events, and the session that the application sees. What a kind decides it answers as values; it emits no
 * event, and touches neither request nor answer.
 */
import type { Awaitable, Runtime } from '../runtime/index.ts'
import type { RefusalReason } from './events/events.ts'
import type { SessionSlot } from './http/slots.ts'
import type { KeyRing, KeyUse } from './keys/keys.ts'
import type { Policy } from './record/policy.ts'
import type { SessionRecord } from './record/record.ts'
import type {
  Authentication,
  CreateConditions,
  CreateResult,
  EndRequest,
  EndResult,
  Store,
  TouchResult,
  Update,
  UpdateConditions,
  UpdateResult,
} from './store/store.ts'

/** One of a kind's slots. */
export interface SlotRule {
  readonly slot: SessionSlot
  /** Into how many cookies a text may be split, from 1 to 3: browsers and servers bound the whole header. */
  readonly chunks: number
}

/** What a request presents of one session. */
export interface Presented {
  /** Null where the carrier does not say it: a bearer token may be of either sort. */
  readonly slot: 'signed-in' | 'anonymous' | null
  readonly text: string
  /** The texts of the slots that go beside this one; more than one where somebody tossed a cookie. */
  readonly access: readonly string[]
}

/** A live session, as one request holds it. Immutable: each step answers what is held afterwards. */
export interface Held<Proof = unknown> {
  readonly kind: Kind<Proof>
  readonly record: SessionRecord
  /** `predecessor`: the client has not seen its new token yet, because an answer was lost or is under way. */
  readonly by: 'current' | 'predecessor'
  /** The token after a renewal is presented for the first time, which is to be recorded. */
  readonly isUnseen: boolean
  /**
   * Whether the client is to be issued a text: on any answer (`now`), or only on that of a top-level navigation, since the
   * answers to a page's many other requests can arrive late and would put an old text over a newer one.
   */
  readonly due: 'now' | 'navigation' | null
  /** The kind's own; nobody else looks into it. */
  readonly proof: Proof
}

/** Why a text opens nothing. `record` where the session is known: then the text was once issued for it. */
export interface Refused {
  readonly reason: RefusalReason
  readonly record: SessionRecord | null
}

/** A text that was issued here, proven without the store. */
export interface Claim {
  readonly kind: Kind
  readonly id: string
  readonly generation: number
  /** Whether it still counts for the record that the store has. */
  readonly counts: (record: SessionRecord | null) => boolean
}

/** A record that begins, without what the kind adds. */
export type NewRecord = Omit<SessionRecord, 'kind' | 'generation' | 'minGeneration' | 'secretHash' | 'predecessor'>

/** What a replacement of the token changes besides it. */
export interface Replacement {
  readonly authentication?: Authentication | undefined
  readonly ifUserEpoch?: number | undefined
}

export type Created<Proof> =
  | { readonly outcome: 'created'; readonly held: Held<Proof>; readonly ended: readonly SessionRecord[] }
  | Exclude<CreateResult, { readonly outcome: 'created' }>

export type Updated<Proof> =
  | { readonly outcome: 'updated'; readonly version: number; readonly held: Held<Proof> }
  | Exclude<UpdateResult, { readonly outcome: 'updated' }>

export type Renewed<Proof> =
  /** `renewed` by this request, `kept` where another one was first: both have the client's new token to issue. */
  | { readonly outcome: 'renewed' | 'kept'; readonly held: Held<Proof> }
  /** The session changed meanwhile: it has to be opened again. */
  | { readonly outcome: 'lost' }

export type Replaced<Proof> =
  | { readonly outcome: 'replaced'; readonly held: Held<Proof> }
  | { readonly outcome: 'user-changed' }
  /** Something else was written meanwhile; to be tried again from what is held now. */
  | { readonly outcome: 'again'; readonly held: Held<Proof> }
  | { readonly outcome: 'refused'; readonly refused: Refused }

/** What a request gets to carry on with, and the texts for the answer. */
export interface Issued<Proof> {
  readonly held: Held<Proof>
  readonly texts: readonly { readonly slot: SessionSlot; readonly text: string }[]
}

/**
 * Why texts are issued: the session began, its token was renewed or replaced, its data changed, or a text is due: one that
 * any answer may carry (`due`), or also one that only the answer to a navigation may (`due-on-navigation`).
 */
export type IssueReason = 'begun' | 'rotated' | 'changed' | 'due' | 'due-on-navigation'

export interface Kind<Proof = unknown> {
  readonly name: SessionRecord['kind']
  readonly slots: readonly SlotRule[]

  /** Whether a text looks like one of this kind, by its prefix: so several kinds live side by side. */
  owns(text: string): boolean

  /** Opens what a request presents. `strict`: past every cache. @throws what the store throws */
  open(presented: Presented, strict: boolean): Awaitable<Held<Proof> | Refused>

  /** Opens the same token again, strictly, after the session changed under the request. */
  reopen(held: Held<Proof>): Promise<Held<Proof> | Refused>

  /** Answers the session as it is now, strictly, where the request may still write to it. */
  load(held: Held<Proof>): Promise<Held<Proof> | Refused>

  /** Proves without the store that a text was issued here; null where it was not. */
  prove(text: string): Promise<Claim | null>

  /** As `prove`, for what is held already. */
  claim(held: Held<Proof>): Claim

  create(record: NewRecord, conditions?: CreateConditions): Promise<Created<Proof>>

  /**
   * Changes data or fields of the session. Held to the token: one that was replaced writes nothing. Answers what it was given
   * where the client's texts stay as they are; else they are issued anew (`changed`).
   */
  update(
    held: Held<Proof>,
    change: Update,
    conditions?: Omit<UpdateConditions, 'ifGeneration'>,
  ): Promise<Updated<Proof>>

  /** The periodic rotation. The token before it counts until the new one has been presented, and for the grace. */
  renew(held: Held<Proof>): Promise<Renewed<Proof>>

  /** A random new token; all older ones are dead at once. */
  replace(held: Held<Proof>, replacement: Replacement): Promise<Replaced<Proof>>

  /** Records activity, where the last one is `interval` milliseconds back or the token is presented for the first time. */
  touch(held: Held<Proof>, at: number, interval: number): Promise<TouchResult>

  /** Ends a session for ever, by its id. `forgotten`: nothing can be revoked, and the client's copy lives on. */
  end(id: string, request: EndRequest): Promise<EndResult | { readonly outcome: 'forgotten' }>

  /** The user's number, which has to hold still from before the password is checked; 0 where there is none. */
  epoch(userId: string): Promise<number>

  /** Makes the texts that the answer carries. */
  issue(held: Held<Proof>, why: IssueReason): Awaitable<Issued<Proof>>
}

/** What a kind is given: the store within its time limit and breaker, and what else all requests share. */
export interface KindPort {
  readonly store: Store
  readonly runtime: Runtime
  readonly policy: Policy
  readonly ring: () => Awaitable<KeyRing>
  readonly keyUse: KeyUse
}

/** Makes a kind for one `createSessions`. Does no I/O. */
export interface KindFactory {
  /** Without a store there is nothing to list and nothing to revoke. */
  readonly needsStore: boolean
  readonly make: (port: KindPort) => Kind
}

export function isRefused<Proof>(opened: Held<Proof> | Refused): opened is Refused {
  return 'reason' in opened
}
