import type { Language } from '../../accounts/preferences.ts'

/** The drawing's own units: so wide that its text can be read on a phone. */
export const WIDTH = 360
export const HEIGHT = 190
export const PLOT = { left: 54, right: WIDTH - 6, top: 8, bottom: HEIGHT - 22 } as const

const HOUR = 3_600_000
const DAY = 24 * HOUR

const formats = (language: Language) => {
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { timeZone: 'UTC', ...options })
  return {
    clock: format({ hour: '2-digit', minute: '2-digit', hour12: false }),
    day: format({ day: 'numeric', month: 'short' }),
  }
}
const FORMATS = { en: formats('en'), de: formats('de') } as const satisfies Record<Language, object>

/** What a step is called, by its width: a time of day, or a date. */
export function stepName(at: number, step: number, language: Language): string {
  return FORMATS[language][step < DAY ? 'clock' : 'day'].format(at)
}

/** Which steps have their names under the chart: few enough to be read. */
const EVERY = 4

interface AxesProps {
  readonly at: readonly number[]
  readonly step: number
  readonly language: Language
  /** The middle of a step. */
  readonly x: (place: number) => number
  readonly y: (value: number) => number
  readonly ticks: readonly number[]
  readonly format: (value: number) => string
}

/** Lines and names of the values at the left, names of the times below. */
export function Axes({ at, step, language, x, y, ticks, format }: AxesProps) {
  const every = Math.ceil(at.length / EVERY)
  return (
    <g class="axes">
      {ticks.map((tick) => (
        <>
          <line x1={PLOT.left} x2={PLOT.right} y1={y(tick)} y2={y(tick)} />
          <text x={PLOT.left - 6} y={y(tick) + 4} text-anchor="end">
            {format(tick)}
          </text>
        </>
      ))}
      {at.map((time, place) =>
        place % every === Math.floor(every / 2) ? (
          <text x={x(place)} y={HEIGHT - 6} text-anchor="middle">
            {stepName(time, step, language)}
          </text>
        ) : null,
      )}
    </g>
  )
}
