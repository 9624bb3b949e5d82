import { setImmediate as turn } from 'node:timers/promises'

/** Small enough that no request notices: SQLite's work stops the whole process. */
export const BATCH = 500

/** Batch after batch, with other work in between, until one is not full. */
export async function inBatches(removeSome: () => Promise<number>): Promise<void> {
  while ((await removeSome()) >= BATCH) await turn()
}
