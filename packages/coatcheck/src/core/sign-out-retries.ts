import type { Runtime } from '../runtime/index.ts'
import { fraction } from './jitter.ts'
import type { PresentedToken } from './verdict.ts'

/** As many endings as wait at most, in one process; later ones are only tried again by their visitors. */
const MOST = 10_000

/** What came of an attempt. `refused`: this one alone; `out`: the store would refuse others too. */
export type RetryOutcome = 'done' | 'refused' | 'out'

/** Endings that a visitor has asked for and the store could not confirm: tried again until it does. */
export interface SignOutRetries {
  /** How many wait. */
  readonly waiting: number
  /** False where too many wait already. */
  add(token: PresentedToken): boolean
  /** Tries each once more, and then no longer. */
  close(): Promise<void>
}

/** `end` ends the session of a token that still counts. `pause`: milliseconds between two attempts, give or take a quarter. */
export function makeSignOutRetries(
  runtime: Runtime,
  pause: number,
  end: (token: PresentedToken) => Promise<RetryOutcome>,
): SignOutRetries {
  const waiting = new Map<string, PresentedToken>()
  let cancel: (() => void) | null = null
  let running: Promise<void> | null = null
  let isClosed = false

  /** In their order; the first that meets the store out leaves the others for later. */
  async function run(): Promise<void> {
    for (const [key, token] of waiting) {
      const outcome = await end(token)
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
    add(token) {
      const key = `${token.id}.${token.generation}`
      if (!waiting.has(key) && (waiting.size >= MOST || isClosed)) return false
      waiting.set(key, token)
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
