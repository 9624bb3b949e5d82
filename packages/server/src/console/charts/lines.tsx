import { scaleLinear, scaleLog } from 'd3-scale'
import { line } from 'd3-shape'
import type { Language } from '../../accounts/preferences.ts'
import { Axes, PLOT, stepName } from './axes.tsx'
import { mostOf, type Series } from './series.ts'

interface LinesProps {
  readonly at: readonly number[]
  readonly step: number
  readonly language: Language
  readonly series: readonly Series[]
  readonly format: (value: number) => string
  /** `log` for values that differ by powers of ten; they have to be above zero. */
  readonly scale: 'linear' | 'log'
}

/** Values over time, a line for each series; with a gap where there are none. */
export function Lines({ at, step, language, series, format, scale }: LinesProps) {
  const known = series.flatMap(({ values }) => values.filter((value) => value !== null))
  const x = scaleLinear([-0.5, at.length - 0.5], [PLOT.left, PLOT.right])
  const range = [PLOT.bottom, PLOT.top]
  const y =
    scale === 'log'
      ? scaleLog([Math.min(...known), Math.max(...known)], range).nice()
      : scaleLinear([0, Math.max(1, ...series.map((one) => mostOf(one) ?? 0))], range).nice(4)
  const ticks = scale === 'log' ? y.ticks(4).filter(isPowerOfTen) : y.ticks(4).filter(Number.isInteger)
  const path = line<number | null>(
    (_, place) => x(place),
    (value) => y(value ?? 0),
  ).defined((value) => value !== null)
  return (
    <>
      <Axes at={at} step={step} language={language} x={x} y={y} ticks={ticks} format={format} />
      {series.map(({ name, values }, i) => (
        <g class={`line line-${i}`}>
          <path d={path(values)} />
          {values.map((value, place) =>
            value === null ? null : (
              <circle cx={x(place)} cy={y(value)} r={isAlone(values, place) ? 2.5 : 1.2}>
                <title>{`${stepName(at[place] ?? 0, step, language)}, ${name}: ${format(value)}`}</title>
              </circle>
            ),
          )}
        </g>
      ))}
    </>
  )
}

const isPowerOfTen = (value: number) => Number.isInteger(Math.round(Math.log10(value) * 1e6) / 1e6)

/** No line goes to it or from it. */
const isAlone = (values: Series['values'], place: number) =>
  (values[place - 1] ?? null) === null && (values[place + 1] ?? null) === null
