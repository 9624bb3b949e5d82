/**
 * Session management: parallel requests keep each other's changes, and nothing under way undoes a sign-out.
 *
 * `createSessions` is where everything begins; the stores are under `coatcheck/stores/…`.
 * @module
 */

import type { DataOptions, SessionsOptions } from './core/sessions/options.ts'
import { Sessions } from './core/sessions/sessions.ts'
import { opaque } from './tokens/opaque.ts'

/**
 * Sessions for an application whose session data has the type `Data`. Without `data.initial` every key may be missing,
 * so that `session.data` is a `Partial<Data>`; with it, `session.data` is a `Data`.
 * Does no I/O, takes no randomness and starts no timer. @throws OptionError, KeyError
 */
export function createSessions<Data extends object>(
  options: SessionsOptions<Data> & { readonly data: DataOptions<Data> & { readonly initial: () => Data } },
): Sessions<Data, Data>
export function createSessions<Data extends object = Record<string, unknown>>(
  options: SessionsOptions<Data>,
): Sessions<Partial<Data>, Data>
export function createSessions<Data extends object>(options: SessionsOptions<Data>): Sessions<Partial<Data>, Data> {
  return new Sessions<Partial<Data>, Data>(options, opaque())
}

export type { CsrfVerdict } from './core/csrf/form-token.ts'
export type { CsrfOptions } from './core/csrf/options.ts'
export type { EventListener, SessionEvent } from './core/events/events.ts'
export type { OutageError, WhenStoreIsOut } from './core/events/outage.ts'
export type { CsrfReason } from './core/events/reasons.ts'
export type { Severity } from './core/events/severity.ts'
export type { CachingHeaders, CachingRule } from './core/http/caching.ts'
export type { SameSite } from './core/http/cookies.ts'
export type { ClientGiven } from './core/http/forwarded-request.ts'
export type { ProxyOptions } from './core/http/proxies.ts'
export type { SessionSlot, SetCookie } from './core/http/slots.ts'
export type { CookieOptions, RequestLike } from './core/http/transport.ts'
export { keyIds } from './core/keys/keys.ts'
export type * from './core/kind.ts'
export type { Duration } from './core/record/duration.ts'
export { type PolicyOptions, type Preset, presets } from './core/record/policy.ts'
export type { Assurance, ChangeReason, Client, EndReason, SessionRecord } from './core/record/record.ts'
export type { AdapterPort } from './core/sessions/adapter-port.ts'
export type { Ended } from './core/sessions/ended.ts'
export type { SessionInfo, SessionStatus } from './core/sessions/list.ts'
export { type DataOptions, defaults, type SessionsOptions, type StandardSchema } from './core/sessions/options.ts'
export type { CsrfFaultOptions, OpenOptions, RequestArrival } from './core/sessions/request-options.ts'
export type { Freshness } from './core/sessions/required-freshness.ts'
export type { Committed, ResponseLike } from './core/sessions/response.ts'
export type { BeginOptions } from './core/sessions/save.ts'
export type { Session } from './core/sessions/session.ts'
export type { Sessions } from './core/sessions/sessions.ts'
export type { Attempt, SignInOptions } from './core/sessions/sign-in.ts'
export type { SignOutOptions } from './core/sessions/sign-out.ts'
export * from './core/store/capabilities.ts'
export type { EndingWatch, EndingWatcher, WatchedEnding } from './core/store/feed-hub.ts'
export type * from './core/store/store.ts'
export * from './core/store/transfer.ts'
export * from './errors.ts'
export type { GuardPages, Requirement } from './web/guard.ts'
export { type ReturnPathOptions, returnPath } from './web/return-path.ts'
export type { SecurityHeadersOptions } from './web/security-headers.ts'
