import { scaleBand, scaleLinear } from 'd3-scale'
import { stack } from 'd3-shape'
import type { Language } from '../../accounts/preferences.ts'
import { Axes, PLOT, stepName } from './axes.tsx'
import type { Series } from './series.ts'

interface ColumnsProps {
  /** Before the names of its patterns, which are the document's. */
  readonly id: string
  readonly at: readonly number[]
  readonly step: number
  readonly language: Language
  readonly series: readonly Series[]
  readonly format: (value: number) => string
}

/** Counts in each step, one series above the other. */
export function Columns({ id, at, step, language, series, format }: ColumnsProps) {
  const names = series.map((_, i) => String(i))
  const rows = at.map((_, place) => Object.fromEntries(series.map(({ values }, i) => [String(i), values[place] ?? 0])))
  const layers = stack<Record<string, number>>().keys(names)(rows)
  const highest = Math.max(1, ...layers.flatMap((layer) => layer.map(([, top]) => top)))
  const x = scaleBand(
    at.map((_, place) => place),
    [PLOT.left, PLOT.right],
  ).padding(0.2)
  const y = scaleLinear([0, highest], [PLOT.bottom, PLOT.top]).nice(4)
  return (
    <>
      <Axes
        at={at}
        step={step}
        language={language}
        x={(place) => (x(place) ?? 0) + x.bandwidth() / 2}
        y={y}
        ticks={y.ticks(4).filter(Number.isInteger)}
        format={format}
      />
      {layers.map((layer, i) => (
        <g fill={`url(#${id}-${i})`} class="layer">
          {layer.map(([from, to], place) =>
            to > from ? (
              <rect x={x(place)} width={x.bandwidth()} y={y(to)} height={y(from) - y(to)}>
                <title>{`${stepName(at[place] ?? 0, step, language)}, ${series[i]?.name}: ${format(to - from)}`}</title>
              </rect>
            ) : null,
          )}
        </g>
      ))}
    </>
  )
}
