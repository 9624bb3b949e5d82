import { setImmediate as turn } from 'node:timers/promises'

/** Small enough that no request notices: SQLite's work stops the whole process. */
export const BATCH = 500

export interface Batches {
  /** Rows of a batch that is full. Fewer where each row is in many indexes. */
  readonly size?: number
  /** Stops after the batch that is under way. */
  readonly signal?: AbortSignal | undefined
}

/** Batch after batch, with other work in between, until one is not full. */
export async function inBatches(
  removeSome: () => Promise<number>,
  { size = BATCH, signal }: Batches = {},
): Promise<void> {
  while ((await removeSome()) >= size && signal?.aborted !== true) await turn()
}
