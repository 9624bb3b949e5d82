import type { StoreCall, StoreMethod } from '../core/around-store.ts'

export { type Around, aroundStore, type StoreCall, type StoreMethod } from '../core/around-store.ts'

/** Which calls are meant. */
export interface CallMatch {
  /** Only calls about this session or this user. */
  readonly subject?: string | undefined
}

export function matches(call: StoreCall, method: StoreMethod, { subject }: CallMatch): boolean {
  return call.method === method && (subject === undefined || call.subject === subject)
}
