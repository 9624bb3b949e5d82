import type { Cancel } from '../../runtime/index.ts'
import { fraction } from '../base/jitter.ts'
import { reportStoreFailure } from '../events/outage.ts'
import { type Duration, milliseconds } from '../record/duration.ts'
import { makeLease } from '../store/lease.ts'
import type { Context } from './context.ts'
import { emitEnded } from './end.ts'

/** Small enough that no request notices the batch. */
const BATCH = 200
const LONGEST_PAUSE = 25

/** The mark of the process that sweeps. */
const SWEEPER = 'coatcheck.sweeper'
/** So many intervals after its last sweep, another process takes over from one that is gone. */
const LEASE = 3

/** Batch after batch until nothing is left to do at this time, or `mayGoOn` answers that it is not for this process. */
export async function sweepAll(
  ctx: Context,
  signal: AbortSignal | undefined,
  mayGoOn: () => Promise<boolean> = async () => true,
): Promise<{ expired: number; removed: number }> {
  const total = { expired: 0, removed: 0 }
  const { keepEnded } = ctx.settings.policy
  let more = true
  while (more && signal?.aborted !== true && (await mayGoOn())) {
    const result = await ctx.store.sweep(ctx.runtime.now(), { limit: BATCH, keepFor: keepEnded }, { signal })
    for (const record of result.expired) emitEnded(ctx, record)
    total.expired += result.expired.length
    total.removed += result.removed
    more = result.more
    if (more) await pause(ctx)
  }
  if (total.expired + total.removed > 0) ctx.events.emit({ type: 'swept', ...total })
  return total
}

async function pause(ctx: Context): Promise<void> {
  await new Promise<void>((resolve) => {
    ctx.runtime.after(LONGEST_PAUSE * fraction(ctx.runtime), resolve, true)
  })
}

/** Sweeping from time to time. */
export interface Sweeping {
  /** Ends it, and lets another process begin at once. A failure is an event. */
  readonly stop: () => Promise<void>
}

/**
 * Sweeps again and again, each time after `every` give or take a quarter; of all processes of the store one does. A failure is
 * an event, and the sweeping goes on.
 */
export function startSweeping(ctx: Context, every: Duration): Sweeping {
  const interval = milliseconds(every, 'every')
  const lease = makeLease(ctx, SWEEPER, LEASE * interval)
  const aborter = new AbortController()
  let cancel: Cancel = () => undefined
  const schedule = () => {
    cancel = ctx.runtime.after(interval * (0.75 + fraction(ctx.runtime) / 2), () => {
      sweepAll(ctx, aborter.signal, lease.hold).then(schedule, (error: unknown) => {
        reportStoreFailure(ctx, 'sweep', error)
        schedule()
      })
    })
    if (aborter.signal.aborted) cancel()
  }
  schedule()
  return {
    async stop() {
      aborter.abort()
      cancel()
      try {
        await lease.release()
      } catch (error) {
        reportStoreFailure(ctx, 'sweep', error)
      }
    },
  }
}
