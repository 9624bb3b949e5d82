import type { Kept } from './kept.ts'

/**
 * What somebody can cause again and again, the owner or who guesses: of each of these an hour has one line, or they would
 * push off the page what matters more, such as a stranger's sign-in.
 */
const FOLDED: ReadonlySet<string> = new Set(['preferences-changed', 'reauthenticated', 'refused', 'sign-in-failed'])
const HOUR = 3_600_000

/** One line of the page of recent activity. */
export interface ActivityLine {
  /** The newest of those that it stands for. */
  readonly kept: Kept
  /** What happened; of a sum, that which was summed up. */
  readonly type: string
  readonly count: number
  /** Whether all of them have the same device and network, by what they say themselves. */
  readonly isOnePlace: boolean
}

export interface FoldedPage {
  readonly lines: readonly ActivityLine[]
  /** The number of the last entry that was used, from which the next page goes on; null where all were. */
  readonly next: number | null
}

/** Folds entries, the newest first, into at most `most` lines. */
export function foldActivity(entries: readonly Kept[], most: number): FoldedPage {
  const lines = new Map<string, ActivityLine>()
  let last: number | null = null
  for (const kept of entries) {
    const { type, count } = summedUp(kept)
    const key = FOLDED.has(type) ? `${type} ${Math.floor(kept.at / HOUR)}` : String(kept.id)
    const line = lines.get(key)
    if (line === undefined && lines.size === most) return { lines: [...lines.values()], next: last }
    const isOnePlace = line === undefined ? kept.type === type : line.isOnePlace && isSamePlace(line.kept, kept)
    lines.set(key, { kept: line?.kept ?? kept, type, count: (line?.count ?? 0) + count, isOnePlace })
    last = kept.id
  }
  return { lines: [...lines.values()], next: null }
}

function summedUp({ type, detail }: Kept): { readonly type: string; readonly count: number } {
  if (type !== 'not-kept') return { type, count: 1 }
  return { type: String(detail['of'] ?? type), count: Number(detail['count'] ?? 1) }
}

const isSamePlace = (one: Kept, other: Kept) =>
  one.type === other.type &&
  one.sessionId === other.sessionId &&
  ['device', 'network'].every((name) => one.detail[name] === other.detail[name])
