/**
 * Session management: parallel requests keep each other's changes, and nothing under way undoes a sign-out.
 *
 * `createSessions` is where everything begins; the stores are under `coatcheck/stores/…`.
 * @module
 */

import type { DataOptions, SessionsOptions } from './core/options.ts'
import { Sessions } from './core/sessions.ts'
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

export type { AdapterPort } from './core/adapter-port.ts'
export type { Committed, ResponseLike } from './core/answer.ts'
export type { ClientGiven } from './core/arriving.ts'
export type { Attempt, SignInOptions } from './core/authenticating.ts'
export type { CachingHeaders, CachingRule } from './core/caching.ts'
export * from './core/capabilities.ts'
export type { SameSite } from './core/cookies.ts'
export type { CsrfVerdict } from './core/csrf-check.ts'
export type { CsrfOptions } from './core/csrf-options.ts'
export type { Duration } from './core/duration.ts'
export type { Ended } from './core/ended.ts'
export type { EventListener, SessionEvent } from './core/events.ts'
export type { EndingWatch, EndingWatcher, WatchedEnding } from './core/feed-hub.ts'
export type { GuardPages, Requirement } from './core/guard.ts'
export { keyIds } from './core/keys.ts'
export type * from './core/kind.ts'
export type { SessionInfo, SessionStatus } from './core/listing.ts'
export { type DataOptions, defaults, type SessionsOptions, type StandardSchema } from './core/options.ts'
export type { OutageError, WhenStoreIsOut } from './core/outage.ts'
export { type PolicyOptions, type Preset, presets } from './core/policy.ts'
export type { ProxyOptions } from './core/proxies.ts'
export type { CsrfReason } from './core/reasons.ts'
export type { Assurance, ChangeReason, Client, EndReason, SessionRecord } from './core/record.ts'
export type { CsrfFaultOptions, OpenOptions, RequestArrival } from './core/request-options.ts'
export type { Freshness } from './core/required-freshness.ts'
export { type ReturnPathOptions, returnPath } from './core/return-path.ts'
export type { BeginOptions } from './core/saving.ts'
export type { SecurityHeadersOptions } from './core/security-headers.ts'
export type { Session } from './core/session.ts'
export type { Sessions } from './core/sessions.ts'
export type { Severity } from './core/severity.ts'
export type { SignOutOptions } from './core/signing-out.ts'
export type { SessionSlot, SetCookie } from './core/slots.ts'
export type * from './core/store.ts'
export * from './core/transfer.ts'
export type { CookieOptions, RequestLike } from './core/transport.ts'
export * from './errors.ts'
