import { StoreTimeoutError } from '../../errors.ts'
import { pause } from '../pausing.ts'

/** A machine that is silent for so long on a connection of a feed, in milliseconds, counts as lost. */
export const LONGEST = 1_000

/** What a feed waits for: some clients wait for ever for a machine that is gone. @throws StoreTimeoutError */
export async function within<T>(work: Promise<T>): Promise<T> {
  const tooLate = pause(LONGEST, false).then((): never => {
    throw new StoreTimeoutError('watch', 'none', 'store.watch: Redis did not answer in time.')
  })
  return await Promise.race([work, tooLate])
}
