import type { Awaitable, Runtime } from '../../runtime/index.ts'
import type { Events } from '../events/events.ts'
import type { OutageError } from '../events/outage.ts'
import type { WarnOnce } from '../events/warnings.ts'
import type { Exchange } from '../http/exchange.ts'
import type { CookieSet, RequestLike, Transport } from '../http/transport.ts'
import type { KeyRing } from '../keys/keys.ts'
import type { CsrfSettings } from './options.ts'

/** What the defence against cross-site requests needs of what all requests share. */
export interface CsrfContext {
  readonly settings: { readonly csrf: CsrfSettings; readonly bearer: boolean; readonly transport: Transport }
  readonly events: Events
  readonly runtime: Runtime
  readonly ring: () => Awaitable<KeyRing>
  readonly warnOnce: WarnOnce
  readonly kinds: {
    /** Null where the request carries no token of ours in the open. */
    readonly bearer: (request: RequestLike) => object | null
    readonly hasCookie: (header: string, cookies: CookieSet) => boolean
  }
}

/** What it sees of a request's session, and the gate that it closes. */
export interface GuardedSession {
  readonly exchange: Exchange
  readonly held: {
    readonly record: {
      readonly id: string
      readonly userId: string | null
      readonly authenticatedAt: number | null
    }
  } | null
  readonly outage: OutageError | null
  gate: Gate | null
}

/** Refuses to let a session be read or changed until something is proven, such as that the visitor made the request. */
export interface Gate {
  readonly toReading: boolean
  /** @throws what the one who closed the gate says */
  readonly check: (to: 'reading' | 'changing') => void
}
