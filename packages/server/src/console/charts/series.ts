import { latencyOf } from '../../measuring/buckets.ts'
import type { History } from '../../measuring/figures.ts'

/** One of the lines or colours of a chart, with a value for each step; null where there is none. */
export interface Series {
  readonly name: string
  readonly values: readonly (number | null)[]
}

/** So many can be told apart by colour and pattern. */
const MOST = 6

const sumOf = (values: readonly (number | null)[]) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0)

/** In all, over all steps. */
export const totalOf = ({ values }: Series): number => sumOf(values)

/** The highest value; null where there is none at all. */
export function mostOf({ values }: Series): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : Math.max(...known)
}

/** All labels of one figure added up. */
export function sumSeries({ at, values }: History, figure: string, name: string): Series {
  const lists = [...(values.get(figure)?.values() ?? [])]
  return {
    name,
    values: at.map((_, i) =>
      lists.some((list) => list[i] !== null) ? sumOf(lists.map((list) => list[i] ?? null)) : null,
    ),
  }
}

/** One label of a figure. */
export function seriesOf({ at, values }: History, figure: string, label: string, name: string): Series {
  return { name, values: values.get(figure)?.get(label) ?? at.map(() => null) }
}

/** The labels of a figure, the most frequent first; those beyond what can be told apart are put together. */
export function seriesByLabel(
  { at, values }: History,
  figure: string,
  naming: (label: string) => string,
  others: string,
  more: readonly Series[] = [],
): readonly Series[] {
  const all = [...(values.get(figure) ?? [])].map(([label, list]): Series => ({ name: naming(label), values: list }))
  const ordered = [...all, ...more].filter((one) => totalOf(one) > 0).toSorted((a, b) => totalOf(b) - totalOf(a))
  if (ordered.length <= MOST) return ordered
  const rest = ordered.slice(MOST - 1)
  const together = at.map((_, i) => sumOf(rest.map((one) => one.values[i] ?? null)))
  return [...ordered.slice(0, MOST - 1), { name: others, values: together }]
}

interface LatencyNames {
  readonly median: string
  readonly p99: string
  readonly longest: string
}

/** How long calls took, in milliseconds, out of their counts by bucket. */
export function latencySeries({ at, values }: History, figure: string, names: LatencyNames): readonly Series[] {
  const buckets = [...(values.get(figure) ?? [])]
  const steps = at.map((_, i) => latencyOf(new Map(buckets.map(([label, list]) => [label, list[i] ?? 0]))))
  return (['median', 'p99', 'longest'] as const).map((which) => ({
    name: names[which],
    values: steps.map((step) => step?.[which] ?? null),
  }))
}
