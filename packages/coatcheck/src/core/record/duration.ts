import { OptionError } from '../../errors.ts'

/** A length of time with its unit, so that nobody confuses seconds with milliseconds: `'30m'`, `'1.5h'`, `'250ms'`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const SHAPE = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/
const LONGEST = 3_650 * 86_400_000

/**
 * The duration in whole milliseconds. `option` is the setting's path, for the message.
 * @throws OptionError for another shape, or for more than ten years.
 */
export function milliseconds(value: Duration, option: string): number {
  const parts = SHAPE.exec(String(value))
  const unit = UNITS[parts?.[2] ?? '']
  if (parts === null || unit === undefined) {
    throw new OptionError(option, `write a number with a unit (ms, s, m, h or d), such as '30m'.`)
  }
  const total = Math.round(Number(parts[1]) * unit)
  if (total > LONGEST) throw new OptionError(option, 'at most ten years (3650d).')
  return total
}
