import type { Awaitable, Runtime } from '../../runtime/index.ts'
import type { Serial } from '../base/keyed-mutex.ts'
import type { TouchGate } from '../base/touch-throttle.ts'
import type { Events } from '../events/events.ts'
import type { WarnOnce } from '../events/warnings.ts'
import type { CachingRules } from '../http/caching.ts'
import type { KeyRing } from '../keys/keys.ts'
import type { Claim } from '../kind.ts'
import type { FeedHub } from '../store/feed-hub.ts'
import type { Store } from '../store/store.ts'
import type { Kinds } from './kinds.ts'
import type { Settings } from './options.ts'
import type { SignOutRetries } from './pending-sign-outs.ts'

/** What all requests of one `createSessions` share. */
export interface Context {
  readonly settings: Settings
  readonly store: Store
  readonly runtime: Runtime
  readonly events: Events
  readonly feeds: FeedHub
  readonly ring: () => Awaitable<KeyRing>
  readonly kinds: Kinds
  readonly caching: CachingRules
  readonly touches: TouchGate
  readonly serial: Serial
  readonly signOutRetries: SignOutRetries<Claim>
  /** Says a thing once per process to the developer. */
  readonly warnOnce: WarnOnce
}
