import type { Refused } from '../kind.ts'
import { deadlineOf } from '../record/lifecycle.ts'
import type { EndReason } from '../record/record.ts'

/** Why an earlier session no longer counts: the endings, or that the token was none that we know or can read. */
export interface Ended {
  readonly reason: EndReason | 'unknown' | 'malformed'
  /** Epoch milliseconds, where known. */
  readonly at: number | null
  /** The application's word for it, as given to `revoke`. */
  readonly note: string | null
}

export const REPLACED: Ended & { readonly reason: EndReason } = Object.freeze({
  reason: 'replaced',
  at: null,
  note: null,
})

/** What the application is told of a text that opened nothing. */
export function endedOf({ reason, record }: Refused): Ended & { readonly reason: EndReason | 'unknown' | 'malformed' } {
  switch (reason) {
    case 'malformed':
      return { reason, at: null, note: null }
    case 'forged':
    case 'unknown-key':
    case 'unknown':
    case 'ambiguous':
      return { reason: 'unknown', at: null, note: null }
    case 'superseded':
      return REPLACED
    default: {
      const at = record === null ? null : (record.ended?.at ?? deadlineOf(record).at)
      return { reason, at, note: record?.ended?.note ?? null }
    }
  }
}
