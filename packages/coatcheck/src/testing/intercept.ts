import type { StoreCall, StoreMethod } from '../core/store/intercept.ts'

export { type Around, intercept, type StoreCall, type StoreMethod } from '../core/store/intercept.ts'

/** Which calls are meant. */
export interface CallMatch {
  /** Only calls about this session or this user. */
  readonly subject?: string | undefined
}

export function matches(call: StoreCall, method: StoreMethod, { subject }: CallMatch): boolean {
  return call.method === method && (subject === undefined || call.subject === subject)
}
