import type { Asked } from './asking.ts'

/** What clients saw of one contender during one fault. */
export interface Seen {
  readonly all: readonly Asked[]
  /** When the fault came, in milliseconds since the load began. */
  readonly broken: number
  /** When the engine was able again. */
  readonly able: number
}

const seconds = (milliseconds: number) => (milliseconds / 1_000).toFixed(1)
const longest = (all: readonly Asked[]) => Math.max(0, ...all.map(({ took }) => took)).toFixed(0)

function counted(all: readonly Asked[]): string {
  const counts = new Map<string, number>()
  for (const { outcome } of all) counts.set(String(outcome), (counts.get(String(outcome)) ?? 0) + 1)
  return [...counts]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([outcome, count]) => `${outcome}: ${count}`)
    .join(', ')
}

/** What counts as answered well has come within this, in milliseconds. */
const SOON = 1_200

/** When the first request was sent from which on each was answered well; null: that never came. */
function wellFrom(all: readonly Asked[]): number | null {
  const bad = all.findLastIndex(({ outcome, took }) => outcome !== 200 || took > SOON)
  return all[bad + 1]?.at ?? null
}

export const head = (fault: string): readonly string[] => [
  fault,
  'answers from then on',
  'longest, ms',
  'engine able after, s',
  'well again after that, s',
  'after the fault, s',
]

export function row(contender: string, { all, broken, able }: Seen): readonly string[] {
  const since = all.filter(({ at }) => at >= broken)
  const well = wellFrom(since)
  return [
    contender,
    counted(since),
    longest(since),
    seconds(able - broken),
    well === null ? 'not' : seconds(Math.max(0, well - able)),
    well === null ? 'not' : seconds(well - broken),
  ]
}

/** By seconds since the fault, from the one before it on: what was answered to the requests that were sent in each. */
export function bySeconds({ all, broken }: Seen): readonly string[] {
  const secondOf = ({ at }: Asked) => Math.floor((at - broken) / 1_000)
  const last = Math.max(...all.map(secondOf))
  return Array.from({ length: last + 2 }, (_, i) => {
    const asked = all.filter((one) => secondOf(one) === i - 1)
    return `${counted(asked)} (${longest(asked)} ms)`
  })
}
