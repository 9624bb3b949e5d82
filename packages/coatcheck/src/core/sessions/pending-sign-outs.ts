import type { Runtime } from '../../runtime/index.ts'
import { fraction } from '../base/jitter.ts'

/** As many endings as wait at most, in one process; later ones are only tried again by their visitors. */
const MOST = 10_000

/** What came of an attempt. `refused`: this one alone; `out`: the store would refuse others too. */
export type RetryOutcome = 'done' | 'refused' | 'out'

/** Endings that a visitor has asked for and the store could not confirm: tried again until it does. */
export interface SignOutRetries<Claimed> {
  /** How many wait. */
  readonly waiting: number
  /** False where too many wait already. */
  add(claim: Claimed): boolean
  /** Tries each once more, and then no longer. */
  close(): Promise<void>
}

/** `end` ends the session of a token that still counts. `pause`: milliseconds between two attempts, give or take a quarter. */
export function makeSignOutRetries<Claimed extends { readonly id: string; readonly generation: number }>(
  runtime: Runtime,
  pause: number,
  end: (claim: Claimed) => Promise<RetryOutcome>,
): SignOutRetries<Claimed> {
  const waiting = new Map<string, Claimed>()
  let cancel: (() => void) | null = null
  let running: Promise<void> | null = null
  let isClosed = false

  /** In their order; the first that meets the store out leaves the others for later. */
  async function run(): Promise<void> {
    for (const [key, claim] of waiting) {
      const outcome = await end(claim)
      if (outcome === 'out') return
      if (outcome === 'done') waiting.delete(key)
    }
  }

  function schedule(): void {
    if (cancel !== null || running !== null || isClosed || waiting.size === 0) return
    cancel = runtime.after(pause * (0.75 + fraction(runtime) / 2), () => {
      cancel = null
      running = run().finally(() => {
        running = null
        schedule()
      })
    })
  }

  return {
    get waiting() {
      return waiting.size
    },
    add(claim) {
      const key = `${claim.id}.${claim.generation}`
      // Nothing goes on between the requests of such a platform.
      if (!runtime.mayShareAcrossRequests()) return false
      if (!waiting.has(key) && (waiting.size >= MOST || isClosed)) return false
      waiting.set(key, claim)
      schedule()
      return true
    },
    async close() {
      isClosed = true
      cancel?.()
      cancel = null
      await running
      await run()
    },
  }
}
