import type { Cancel, Runtime } from '../runtime/index.ts'
import type { ManualClock } from './clock.ts'
import { aMoment } from './waiting.ts'

interface Timer {
  readonly at: number
  readonly task: () => void
}

/** Timers that run out by a manual clock. */
export interface ManualTimers {
  /** For the option `runtime`. */
  readonly after: Runtime['after']
  /** Moves the clock on, timer by timer, and lets each do its work before the next. */
  readonly advance: (milliseconds: number) => Promise<void>
}

/** Milliseconds that a timer's task gets to start the next timer: it may ask a store. */
const LONGEST = 250

export function manualTimers(clock: ManualClock): ManualTimers {
  const timers = new Set<Timer>()

  function next(until: number): Timer | undefined {
    const [first] = [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)
    return first
  }

  return {
    after(ms, task): Cancel {
      const timer = { at: clock.now() + ms, task }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    async advance(milliseconds) {
      const end = clock.now() + milliseconds
      for (let timer = next(end); timer !== undefined; timer = next(end)) {
        clock.set(Math.max(clock.now(), timer.at))
        timers.delete(timer)
        timer.task()
        for (let waited = 0; waited < LONGEST && timers.size === 0; waited++) await aMoment(1)
      }
      clock.set(end)
    },
  }
}
