import type { SessionRecord } from '../core/record/record.ts'
import type { Page } from '../core/store/store.ts'

/** Where a record stands in its user's list: newest first, and by id among those of one millisecond. */
export type Place = Pick<SessionRecord, 'createdAt' | 'id'>

/** What holds a record in a list. */
interface Placed {
  readonly record: SessionRecord
}

/** How many a list answers where the caller names no limit. */
export const PAGE_SIZE = 100
export const LOG_PAGE_SIZE = 1_000
/** How many a walk through everything looks at in one step. */
export const SCAN_SIZE = 500

/** What follows the cursor in a list that is in order (`newestFirst`). */
export function pageOf(sorted: readonly Placed[], cursor: string | null | undefined, size = PAGE_SIZE) {
  const after = placeOf(cursor)
  const start = after === null ? 0 : firstAfter(sorted, after)
  const records = sorted.slice(start, start + size + 1).map(({ record }) => record)
  return pageFrom(records, size)
}

/** By halving, since a list is read page by page. */
function firstAfter(sorted: readonly Placed[], place: Place): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const one = sorted[middle]
    if (one !== undefined && newestFirst(place, one.record) < 0) high = middle
    else low = middle + 1
  }
  return low
}

/** A page of a list that is in order, of which the caller has at least one record more than the page holds, if any. */
export function pageFrom(sorted: readonly SessionRecord[], size: number): Page<SessionRecord> {
  const items = sorted.slice(0, size)
  const last = items.at(-1)
  return { items, cursor: last !== undefined && sorted.length > items.length ? cursorOf(last) : null }
}

/** The place that a cursor names, null for the start. One that is none of ours names a place after all. */
export function placeOf(cursor: string | null | undefined): Place | null {
  if (cursor === null || cursor === undefined) return null
  const [, createdAt, id] = /^(\d{1,16})\.(.*)$/s.exec(cursor) ?? ['', '-1', '']
  return { createdAt: Number(createdAt), id: id ?? '' }
}

function cursorOf({ createdAt, id }: Place): string {
  return `${createdAt}.${id}`
}

export function newestFirst(a: Place, b: Place): number {
  if (a.createdAt !== b.createdAt) return b.createdAt - a.createdAt
  if (a.id === b.id) return 0
  return a.id < b.id ? 1 : -1
}
