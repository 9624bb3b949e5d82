import type { Runtime } from '../../runtime/index.ts'

/** The two clocks of one process, read together. */
export interface ClockReading {
  /** Epoch milliseconds. Jumps over a time in which the machine slept, and may be set back. */
  readonly wall: number
  /** Milliseconds. Never goes back, and may stand still while the machine sleeps. */
  readonly monotonic: number
}

/** Milliseconds by which the wall clock may go back unnoticed: time servers correct it by a few at a time. */
const WALL_SLACK = 50

export function readClocks({ now, monotonic }: Pick<Runtime, 'now' | 'monotonic'>): ClockReading {
  return { wall: now(), monotonic: monotonic() }
}

/**
 * Milliseconds since a reading, by whichever clock says more: each alone can make something old look young. Infinity where
 * there was no reading, or the wall clock has gone back since.
 */
export function ageOf(since: ClockReading | null, now: ClockReading): number {
  if (since === null) return Number.POSITIVE_INFINITY
  const byWall = now.wall - since.wall
  if (byWall < -WALL_SLACK) return Number.POSITIVE_INFINITY
  return Math.max(byWall, now.monotonic - since.monotonic, 0)
}
