import type { Runtime } from '../../runtime/index.ts'
import type { Events } from '../events/events.ts'
import type { KeyRing } from './keys.ts'

/** How often an older key that is still in use says so. */
const INTERVAL = 3_600_000

/** Tells that a token of `keyId` was accepted. */
export type KeyUse = (ring: KeyRing, keyId: string) => void

/** Says of each key but the newest that tokens in use still need it: once an hour, so that nobody takes it away too soon. */
export function makeKeyUse(events: Events, runtime: Runtime): KeyUse {
  const saidAt = new Map<string, number>()
  return function note(ring, keyId) {
    if (keyId === ring.newest.id) return
    const now = runtime.now()
    if (now - (saidAt.get(keyId) ?? Number.NEGATIVE_INFINITY) < INTERVAL) return
    saidAt.set(keyId, now)
    events.emit({ type: 'key-used', keyId })
  }
}
