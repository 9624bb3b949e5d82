import { setTimeout as pause } from 'node:timers/promises'

/** Small enough that no request notices: SQLite's work stops the whole process. */
export const BATCH = 500
/** The longest rest, in milliseconds. */
const LONGEST_REST = 100

export interface Batches {
  /** Rows of a batch that is full. Fewer where each row is in many indexes. */
  readonly size?: number
  /** Stops after the batch that is under way. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Batch after batch until one is not full. It rests after each for as long as that took, so that other work has at least half
 * of the process, however much there is to remove.
 */
export async function inBatches(
  removeSome: () => Promise<number>,
  { size = BATCH, signal }: Batches = {},
): Promise<void> {
  for (;;) {
    const began = performance.now()
    if ((await removeSome()) < size || signal?.aborted === true) return
    await pause(Math.min(performance.now() - began, LONGEST_REST))
  }
}
