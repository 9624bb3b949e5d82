import type { History } from '../../measuring/figures.ts'
import { useFrame, useTexts } from '../../pages/frame.tsx'
import { Table } from '../frame.tsx'
import { HEIGHT, stepName, WIDTH } from './axes.tsx'
import { Columns } from './columns.tsx'
import { Lines } from './lines.tsx'
import { mostOf, type Series, totalOf } from './series.ts'

export interface ChartProps {
  readonly id: string
  readonly title: string
  /** What is said where there is nothing to draw. */
  readonly none: string
  readonly history: History
  readonly series: readonly Series[]
  /** `columns` are counts, which add up; of `lines` the highest value matters. */
  readonly kind: 'columns' | 'lines' | 'log lines'
  readonly format: (value: number) => string
}

/** A chart, what its colours and patterns mean, and its numbers as a table. */
export function Chart({ id, title, none, history, series, kind, format }: ChartProps) {
  const { language } = useFrame()
  const { consoleCharts: texts } = useTexts()
  const { at, step } = history
  const isEmpty = series.every((one) => (kind === 'columns' ? totalOf(one) === 0 : mostOf(one) === null))
  if (isEmpty) {
    return (
      <section class="card chart">
        <h2>{title}</h2>
        <p class="lead">{none}</p>
      </section>
    )
  }
  const summaryOf = (one: Series) =>
    kind === 'columns' ? `${format(totalOf(one))} ${texts.total}` : `${texts.most} ${format(mostOf(one) ?? 0)}`
  const spoken = series.map((one) => `${one.name}: ${summaryOf(one)}`).join('; ')
  const shared = { at, step, language, series, format }
  return (
    <section class="card chart">
      <h2>{title}</h2>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${title}. ${spoken}`}>
        {kind === 'columns' ? (
          <>
            <Patterns id={id} count={series.length} />
            <Columns id={id} {...shared} />
          </>
        ) : (
          <Lines {...shared} scale={kind === 'lines' ? 'linear' : 'log'} />
        )}
      </svg>
      <ul class="legend">
        {series.map((one, i) => (
          <li>
            <Swatch id={id} place={i} kind={kind} />
            {one.name} <span class="hint">{summaryOf(one)}</span>
          </li>
        ))}
      </ul>
      <details>
        <summary>{texts.numbers(title)}</summary>
        <Table
          caption={title}
          isOnly
          head={[texts.time, ...series.map(({ name }) => name)]}
          rows={at.flatMap((time, place) => {
            const values = series.map((one) => one.values[place] ?? null)
            // The server did not run then.
            if (values.every((value) => value === null)) return []
            const cells = values.map((value) =>
              value === null ? <span class="hint">{texts.notYet}</span> : format(value),
            )
            return [[stepName(time, step, language), ...cells]]
          })}
        />
      </details>
    </section>
  )
}

function Swatch({
  id,
  place,
  kind,
}: {
  readonly id: string
  readonly place: number
  readonly kind: ChartProps['kind']
}) {
  return (
    <svg class="swatch" viewBox="0 0 24 14" width="24" height="14" aria-hidden="true">
      {kind === 'columns' ? (
        <g class="layer" fill={`url(#${id}-${place})`}>
          <rect x="0" y="0" width="24" height="14" />
        </g>
      ) : (
        <g class={`line line-${place}`}>
          <path d="M0 7H24" />
        </g>
      )}
    </svg>
  )
}

/** What lies over each colour, so that who cannot tell the colours apart tells the patterns apart. */
const STROKES = ['', 'M0 6L6 0', 'M3 3h.01', 'M0 3H6', 'M0 0L6 6M0 6L6 0', 'M3 0V6'] as const

function Patterns({ id, count }: { readonly id: string; readonly count: number }) {
  return (
    <defs>
      {STROKES.slice(0, count).map((stroke, i) => (
        <pattern id={`${id}-${i}`} width="6" height="6" patternUnits="userSpaceOnUse">
          <rect width="6" height="6" class={`fill-${i}`} />
          {stroke === '' ? null : <path d={stroke} class="over-fill" />}
        </pattern>
      ))}
    </defs>
  )
}
