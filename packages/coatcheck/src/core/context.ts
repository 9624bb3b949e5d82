import type { Awaitable, Runtime } from '../runtime/index.ts'
import type { CachingRules } from './caching.ts'
import type { Events } from './events.ts'
import type { FeedHub } from './feed-hub.ts'
import type { KeyRing } from './keys.ts'
import type { Claim } from './kind.ts'
import type { Kinds } from './kinds.ts'
import type { Settings } from './options.ts'
import type { Serial } from './serial.ts'
import type { SignOutRetries } from './sign-out-retries.ts'
import type { Store } from './store.ts'
import type { TouchGate } from './touch-gate.ts'
import type { WarnOnce } from './warnings.ts'

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
