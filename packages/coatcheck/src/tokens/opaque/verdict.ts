import { endedAs, predecessorCounts } from '../../core/record/lifecycle.ts'
import type { EndReason, SessionRecord } from '../../core/record/record.ts'

/** What of a token decides, once its tag has proven that we issued it. `equal` compares hashes in constant time. */
export interface Presented {
  readonly hash: string
  readonly generation: number
}

export type Verdict =
  | { readonly status: 'active'; readonly record: SessionRecord; readonly by: 'secret' | 'predecessor' }
  | { readonly status: 'ended'; readonly record: SessionRecord; readonly reason: EndReason }
  /** A generation that once was: replaced long ago, or by an authentication. */
  | { readonly status: 'superseded'; readonly record: SessionRecord }
  /** The store knows no such session, or not that generation yet (it was restored from a backup). */
  | { readonly status: 'unknown' }

/** Whether a token that we issued counts for this record at `now`. */
export function judge(
  record: SessionRecord | null,
  presented: Presented,
  now: number,
  grace: number,
  equal: (a: string, b: string) => boolean,
): Verdict {
  if (record === null) return { status: 'unknown' }
  const reason = endedAs(record, now)
  if (reason !== null) return { status: 'ended', record, reason }
  if (equal(presented.hash, record.secretHash)) return { status: 'active', record, by: 'secret' }
  if (
    record.predecessor !== null &&
    equal(presented.hash, record.predecessor.hash) &&
    predecessorCounts(record, now, grace)
  ) {
    return { status: 'active', record, by: 'predecessor' }
  }
  return presented.generation < record.generation ? { status: 'superseded', record } : { status: 'unknown' }
}
