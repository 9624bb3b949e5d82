import { runtime } from '#runtime'
import type { Feed, FeedListener } from '../core/capabilities.ts'
import type { Store } from '../core/store.ts'
import type { StoreTransfer } from '../core/transfer.ts'
import { pause } from './pausing.ts'

/** The log that a feed follows: that of the store itself. */
export interface Log extends Pick<Store, 'revocations'>, Pick<StoreTransfer, 'lastRevocation'> {
  /** Makes sure that a log that is lost can be told from one that is empty. */
  readonly begin?: (() => Promise<void>) | undefined
}

/** How a store learns that its log may have a new entry. */
export interface Bell {
  /** Resolves when there may be an entry after the number, and after a moment in any case. */
  readonly wait: (seq: number) => Promise<unknown>
  readonly stop?: () => void
}

const PAGE = 1_000
/** Milliseconds before a log that could not be read is asked again. */
const PAUSE = 200

/** Follows a log from now on, and goes on where it was when it has failed. */
export function feedFrom(log: Log, bell: Bell, listener: FeedListener): Feed {
  let isStopped = false
  let aliveAt = 0
  let seq: number | null = null

  async function step(): Promise<void> {
    const began = runtime.now()
    if (seq === null) await log.begin?.()
    const from: number = seq ?? (await log.lastRevocation())
    const entries = seq === null ? [] : await log.revocations(from, { limit: PAGE })
    if (isStopped) return
    for (const entry of entries) listener.ended(entry)
    seq = entries.at(-1)?.seq ?? from
    if (entries.length === PAGE) return
    aliveAt = began
    await bell.wait(seq)
  }

  async function follow(): Promise<void> {
    while (!isStopped) {
      try {
        await step()
      } catch {
        // `aliveAt` stands still, which says it. What a lost log had nobody can tell, so it is begun anew.
        if (seq !== null && (await isLost(log, seq))) {
          seq = null
          listener.missed()
        }
        if (!isStopped) await pause(PAUSE, false)
      }
    }
  }

  void follow()
  return {
    get aliveAt() {
      return aliveAt
    },
    seesRemovals: false,
    async stop() {
      isStopped = true
      bell.stop?.()
    },
  }
}

async function isLost(log: Log, seq: number): Promise<boolean> {
  try {
    return (await log.lastRevocation()) < seq
  } catch {
    return false
  }
}
