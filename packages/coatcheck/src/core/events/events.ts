import type { ErrorCode } from '../../errors.ts'
import { OptionError } from '../../errors.ts'
import type { Runtime } from '../../runtime/index.ts'
import type { EndReason } from '../record/record.ts'
import type { CsrfReason, WithheldReason } from './reasons.ts'
import { type Severity, severityOf } from './severity.ts'

/** Why a token was refused: the ending of its session, or what the token itself was. */
export type RefusalReason = EndReason | 'malformed' | 'forged' | 'unknown-key' | 'unknown' | 'superseded' | 'ambiguous'

interface OfSession {
  /** The public id; null where the token named none that we issued. */
  readonly sessionId: string
  readonly userId: string | null
}

/** What happened, without the common fields. Holds no token, secret or data. */
export type EventBody =
  | ({ readonly type: 'created' } & OfSession)
  | ({ readonly type: 'signed-in'; readonly replaced: string | null } & OfSession)
  | ({ readonly type: 'reauthenticated'; readonly generation: number; readonly level: number } & OfSession)
  | ({ readonly type: 'renewed' | 'rotated'; readonly generation: number } & OfSession)
  | ({ readonly type: 'ended'; readonly reason: EndReason; readonly note: string | null } & OfSession)
  | {
      readonly type: 'refused'
      readonly reason: RefusalReason
      readonly sessionId: string | null
      readonly userId: string | null
    }
  | ({ readonly type: 'write-refused'; readonly reason: EndReason | 'unknown' } & OfSession)
  | { readonly type: 'user-ended'; readonly userId: string; readonly note: string | null; readonly count: number }
  | { readonly type: 'user-updated'; readonly userId: string; readonly count: number }
  | { readonly type: 'all-ended'; readonly note: string | null; readonly count: number }
  | { readonly type: 'swept'; readonly expired: number; readonly removed: number }
  /** A record in the store cannot be read, and counts as none; once for each in a process. */
  | { readonly type: 'record-damaged'; readonly sessionId: string }
  | { readonly type: 'store-failed'; readonly operation: string; readonly code: ErrorCode | null }
  /** The store does not answer: from now on calls are refused at once, until one that tries it is answered (`store-back`). */
  | { readonly type: 'store-out' | 'store-back'; readonly operation: string }
  /**
   * Somebody signed out while the store was out; the session may go on until it is told. `isWaiting`: this process tries
   * again until then (the event `ended` follows); false where too many wait already.
   */
  | ({ readonly type: 'sign-out-unconfirmed'; readonly isWaiting: boolean } & OfSession)
  /** A token that counts was tagged with a key that is not the newest; once an hour for each key. */
  | { readonly type: 'key-used'; readonly keyId: string }
  | { readonly type: 'cookie-withheld'; readonly reason: WithheldReason; readonly why: string }
  /**
   * An unsafe request was refused as not made by the visitor; where `enforced` is false it only would have been
   * (`csrf.reportOnly`). `site` is `Sec-Fetch-Site`; neither holds more than what browsers send there.
   */
  | {
      readonly type: 'csrf-blocked'
      readonly reason: CsrfReason
      readonly method: string
      readonly site: string | null
      readonly origin: string | null
      readonly enforced: boolean
    }
  /** A write failed after the headers of the answer had left: the answer was broken off. */
  | {
      readonly type: 'answer-broken'
      readonly sessionId: string | null
      readonly userId: string | null
      readonly code: ErrorCode | null
    }
  /** A session was first asked for after the head of its answer had left, and the head lets caches keep the answer. */
  | { readonly type: 'read-late'; readonly sessionId: string | null; readonly userId: string | null }

/** `seq` counts from 1 in each process without holes; `at` is epoch milliseconds. */
export type SessionEvent = EventBody & { readonly seq: number; readonly at: number; readonly severity: Severity }

export type EventListener = (event: SessionEvent) => void

export interface Events {
  readonly emit: (body: EventBody) => void
  /** Calls `listener` with every event from now on, in order; the answer stops that. */
  readonly on: (listener: EventListener) => () => void
}

/**
 * A listener that throws, or answers a promise that is rejected, is reported as a warning of the platform and disturbs
 * neither the session nor other listeners nor the process.
 */
export function makeEvents(runtime: Runtime): Events {
  const listeners = new Set<EventListener>()
  let seq = 0
  const warn = (type: EventBody['type'], error: unknown) => {
    const name = error instanceof Error ? error.name : typeof error
    runtime.warn(`A listener of session events threw on '${type}': ${name}`)
  }
  return {
    emit(body) {
      seq++
      if (listeners.size === 0) return
      const event: SessionEvent = { ...body, seq, at: runtime.now(), severity: severityOf(body) }
      for (const listener of [...listeners]) {
        try {
          const answer: unknown = listener(event)
          if (answer instanceof Promise) answer.catch((error: unknown) => warn(body.type, error))
        } catch (error) {
          warn(body.type, error)
        }
      }
    },
    on(listener) {
      if (typeof listener !== 'function') {
        throw new OptionError(
          'listener',
          'a function: `sessions.on((event) => …)`. Which event it is, `event.type` says.',
        )
      }
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}
