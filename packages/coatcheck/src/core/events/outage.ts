import { CoatcheckError, StoreTimeoutError, StoreUnavailableError } from '../../errors.ts'
import type { Events } from './events.ts'

/** The store failed, or did not answer. That it is full is no outage. */
export type OutageError = StoreTimeoutError | StoreUnavailableError

/** What `open` does where the store cannot be asked about the request's token. */
export type WhenStoreIsOut = 'throw' | 'anonymous'

export function isOutage(error: unknown): error is OutageError {
  return error instanceof StoreTimeoutError || error instanceof StoreUnavailableError
}

/** Refuses what needs a store, on a session that was opened without one. @throws StoreUnavailableError */
export function refuseInOutage({ outage }: { readonly outage: OutageError | null }, what: string): void {
  if (outage === null) return
  const why = 'the store was out when the session was opened, so that nobody knows whose it is.'
  throw new StoreUnavailableError(outage.operation, `${what}: ${why}`, { cause: outage })
}

/** Tells of a store that failed in something that nobody waits for. */
export function reportStoreFailure({ events }: { readonly events: Events }, operation: string, error: unknown): void {
  events.emit({ type: 'store-failed', operation, code: error instanceof CoatcheckError ? error.code : null })
}
