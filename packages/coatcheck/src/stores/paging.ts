import type { SessionRecord } from '../core/record.ts'
import type { Page } from '../core/store.ts'

/** Where a record stands in its user's list: newest first, and by id among those of one millisecond. */
export type Place = Pick<SessionRecord, 'createdAt' | 'id'>

/** How many a list answers where the caller names no limit. */
export const PAGE_SIZE = 100
export const LOG_PAGE_SIZE = 1_000

/** What follows the cursor in a list given in any order. */
export function pageOf(open: readonly SessionRecord[], cursor: string | null | undefined, size = PAGE_SIZE) {
  const sorted = open.toSorted(newestFirst)
  const after = placeOf(cursor)
  return pageFrom(after === null ? sorted : sorted.filter((record) => newestFirst(after, record) < 0), size)
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

function newestFirst(a: Place, b: Place): number {
  if (a.createdAt !== b.createdAt) return b.createdAt - a.createdAt
  if (a.id === b.id) return 0
  return a.id < b.id ? 1 : -1
}
