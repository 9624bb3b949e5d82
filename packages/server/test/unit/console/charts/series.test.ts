import { expect, it } from 'vitest'
import {
  latencySeries,
  mostOf,
  seriesByLabel,
  seriesOf,
  sumSeries,
  totalOf,
} from '../../../../src/console/charts/series.ts'
import { bucketOf } from '../../../../src/measuring/buckets.ts'
import type { History } from '../../../../src/measuring/figures.ts'

const history = (values: Readonly<Record<string, Readonly<Record<string, readonly (number | null)[]>>>>): History => ({
  step: 1,
  at: [0, 1, 2],
  values: new Map(Object.entries(values).map(([name, labels]) => [name, new Map(Object.entries(labels))])),
})

it('adds up all labels of a figure, and knows what was never counted', () => {
  const counted = history({ refused: { a: [null, 1, 0], b: [null, 2, 0] } })
  const sum = sumSeries(counted, 'refused', 'x')
  expect([sum.values, totalOf(sum), mostOf(sum)]).toEqual([[null, 3, 0], 3, 3])
  const none = seriesOf(counted, 'refused', 'c', 'x')
  expect([none.values, totalOf(none), mostOf(none)]).toEqual([[null, null, null], 0, null])
})

it('shows the most frequent reasons, and the rest together, so that no number is left out', () => {
  const labels = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`r${i}`, [0, i, 1]]))
  const series = seriesByLabel(
    history({ ended: { ...labels, nothing: [0, 0, 0] } }),
    'ended',
    (label) => `<${label}>`,
    'others',
  )
  expect(series.map(({ name, values }) => [name, values[1]])).toEqual([
    ['<r7>', 7],
    ['<r6>', 6],
    ['<r5>', 5],
    ['<r4>', 4],
    ['<r3>', 3],
    ['others', 0 + 1 + 2],
  ])
  const six = seriesByLabel(history({ ended: { a: [1, 1, 1] } }), 'ended', String, 'others', [
    { name: 'more', values: [9, 9, 9] },
  ])
  expect(six.map(({ name }) => name)).toEqual(['more', 'a'])
})

it('reads how long calls took out of their counts, and leaves a gap where there were none', () => {
  const counted = history({ calls: { [bucketOf(0.001)]: [9, 0, null], [bucketOf(1)]: [1, 0, null] } })
  const [median, p99, longest] = latencySeries(counted, 'calls', { median: 'a', p99: 'b', longest: 'c' })
  expect(median?.values.map((value) => (value === null ? null : Math.floor(value)))).toEqual([1, null, null])
  expect(p99?.values[0]).toBeGreaterThanOrEqual(1_000)
  expect(p99?.values[0]).toBeLessThanOrEqual(1_250)
  expect(longest?.name).toBe('c')
})
