import type { Store, StoreMarks } from 'coatcheck'

/** A store of sessions that was opened. */
export interface OpenStore {
  readonly store: Store & StoreMarks
  /** What OpenTelemetry calls the engine. */
  readonly system: 'sqlite' | 'redis'
  /** Call it when the store is closed. */
  readonly disconnect: () => void
}
