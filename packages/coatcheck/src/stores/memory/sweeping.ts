import type { SessionRecord } from '../../core/record/record.ts'
import type { SweepResult } from '../../core/store/store.ts'
import { expiryOf } from '../rules.ts'
import type { Holding } from './admission.ts'
import type { Shelf } from './shelf.ts'

/** One batch: ends what has expired, then forgets what need not be kept. */
export function sweep(
  { shelf, log, epochs }: Holding,
  now: number,
  { limit, keepFor }: { readonly limit: number; readonly keepFor: number },
): SweepResult {
  const expired = endExpired(shelf, now, limit, keepFor)
  const removed = dropKept(shelf, now, limit) + log.sweep(now, limit) + epochs.sweep(now, limit)
  const more =
    shelf.firstExpired(now, limit) !== null || shelf.firstKept(now) !== null || log.isDue(now) || epochs.isDue(now)
  return { expired, removed, more }
}

function endExpired(shelf: Shelf, now: number, limit: number, keepFor: number): readonly SessionRecord[] {
  const expired: SessionRecord[] = []
  while (expired.length < limit) {
    const entry = shelf.firstExpired(now, limit)
    if (entry === null || entry === 'unknown') break
    expired.push(shelf.end(entry, expiryOf(entry.record, keepFor)))
  }
  return expired
}

function dropKept(shelf: Shelf, now: number, limit: number): number {
  let removed = 0
  while (removed < limit) {
    const entry = shelf.firstKept(now)
    if (entry === null) break
    shelf.drop(entry)
    removed += 1
  }
  return removed
}
