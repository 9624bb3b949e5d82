import type { KnownOf } from '../base/unknown-options.ts'
import type { WhenStoreIsOut } from '../events/outage.ts'
import type { ClientGiven } from '../http/forwarded-request.ts'
import type { Session } from './session.ts'

export interface OpenOptions {
  /** Ask the store itself, past every cache. Default false. */
  readonly strict?: boolean | undefined
  /**
   * Records no activity and renews nothing: for what an open page asks by itself, so that it keeps no session alive. Default
   * false.
   */
  readonly passive?: boolean | undefined
  /**
   * For places that can set no cookie, such as a server component of Next.js: renews nothing, and whatever would change the
   * session throws `ReadOnlyError`. Activity counts all the same. Default false.
   */
  readonly readOnly?: boolean | undefined
  /**
   * What happens where the store is out and the request has a token of ours. `throw` (the default): the outage is thrown.
   * `anonymous`: an empty session (`session.storeIsOut`), for pages that are the same for everybody and for signing out; it
   * refuses every write. Never the way to decide what somebody may see.
   */
  readonly whenStoreIsOut?: WhenStoreIsOut | undefined
  /** What the application or adapter knows of the client, or a function that answers it; the user agent is else read from the request. */
  readonly client?: ClientGiven
}

/** The names of the options by which a request's session is opened, which adapters take too, each in the words of its framework. */
export const ADAPTER_OPTIONS = {
  strict: null,
  passive: null,
  whenStoreIsOut: null,
  client: null,
} as const satisfies KnownOf<Omit<OpenOptions, 'readOnly'>>

export const OPEN_OPTIONS = { ...ADAPTER_OPTIONS, readOnly: null } as const satisfies KnownOf<OpenOptions>

/** What is known of a request beyond its headers. */
export interface RequestArrival {
  /** Scheme, host and port as the client used them, or the option `origin`; null where they are not known. */
  readonly origin: string | null
  /** The client's address, or null. */
  readonly address: string | null
}

/** What `sessions.csrfFault` is told. */
export interface CsrfFaultOptions<Data extends object> {
  /** The application's knowledge of the client, as for `open`; a function is called for unsafe methods only. */
  readonly client?: ClientGiven
  /** Answers the session that the handler gets; asked only where a token in the header `X-CSRF-Token` decides. */
  readonly open?: (() => Promise<Session<Data>>) | undefined
  /**
   * Whether the handler can take a token from a form and check it. Default true: a form with `Origin: null` then goes on,
   * with its session closed until `session.checkCsrf`. False where nobody reads the body, as in a gate before other servers.
   */
  readonly readsForms?: boolean | undefined
}

export const CSRF_FAULT_OPTIONS = {
  client: null,
  open: null,
  readsForms: null,
} as const satisfies KnownOf<CsrfFaultOptions<object>>
