import type { CallOptions } from '../../core/store/store.ts'
import type { Transferring } from './bringing.ts'

/**
 * What is logged in `to` is numbered so far above the last entry of `from`, which is told of endings, too, that its
 * entries of after the beginning are never taken for older ones.
 */
const GAP = 2 ** 32

/** So many entries are brought at once. */
export const PAGE = 1_000

/**
 * Brings the change log to `to`, with its numbers: whoever has read it in `from` goes on in `to`. Has to be done
 * before anything is logged in `to`, since its log is in order. Several processes may do it at once, and each again.
 */
export async function bringLog(from: Transferring, to: Transferring, options?: CallOptions): Promise<void> {
  let brought = await to.adoptChanges({ entries: [], last: 0 }, options)
  const last = await from.lastChange(options)
  if (brought > last) return
  while (brought < last) {
    const entries = await from.changes(brought, { limit: PAGE }, options)
    if (entries.length === 0) break
    brought = await to.adoptChanges({ entries, last: 0 }, options)
  }
  await to.adoptChanges({ entries: [], last: last + GAP }, options)
}
