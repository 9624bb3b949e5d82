const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** A clock that stands still until a test moves it. Its functions may be passed on without it. */
export interface ManualClock {
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Moves the clock on by milliseconds or by a duration such as `'30m'`; answers the new time. */
  readonly advance: (by: number | string) => number
  /** Sets the clock to epoch milliseconds, backwards too. */
  readonly set: (at: number) => void
}

/** Starts at 2026-01-01T00:00:00Z unless told otherwise. */
export function manualClock(start: number = Date.UTC(2026, 0, 1)): ManualClock {
  let time = start
  return {
    now: () => time,
    advance(by) {
      time += typeof by === 'number' ? by : milliseconds(by)
      return time
    },
    set(at) {
      time = at
    },
  }
}

function milliseconds(duration: string): number {
  const match = /^(\d+)(ms|s|m|h|d|w)$/.exec(duration)
  const unit = UNITS[match?.[2] ?? '']
  if (match === null || unit === undefined) throw new RangeError(`Not a duration with a unit: '${duration}'`)
  return Number(match[1]) * unit
}
