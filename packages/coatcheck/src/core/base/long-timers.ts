import type { Runtime } from '../../runtime/index.ts'

/** In milliseconds, 24.8 days: what a platform's timer counts. A longer one runs out at once there. */
const LONGEST = 2_147_483_647

/** A runtime whose timers wait as long as they are told, since durations may be up to ten years. */
export function withLongTimers(runtime: Runtime): Runtime {
  const after: Runtime['after'] = (ms, task, hold) => {
    if (ms <= LONGEST) return runtime.after(ms, task, hold)
    let cancel = runtime.after(
      LONGEST,
      () => {
        cancel = after(ms - LONGEST, task, hold)
      },
      hold,
    )
    return () => cancel()
  }
  return { ...runtime, after }
}
