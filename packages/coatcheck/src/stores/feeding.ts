import { runtime } from '#runtime'
import type { Feed, FeedListener } from '../core/capabilities.ts'
import type { Revocation } from '../core/store.ts'

/** What a feed is made from: an engine's revocation log. */
export interface FeedSource {
  /** The number of the last entry that there has been; 0 for none. Smaller than before only where the log was lost. */
  readonly last: () => Promise<number>
  /** Entries after a number, in order, at most so many. */
  readonly since: (seq: number, limit: number) => Promise<readonly Revocation[]>
  /** Resolves when there may be an entry after the number, and after a moment in any case. */
  readonly wait: (seq: number) => Promise<unknown>
  readonly stop: () => Promise<void> | void
}

const PAGE = 1_000
/** Milliseconds before a source that failed is asked again. */
const PAUSE = 200

/** Follows a log from now on, and goes on where it was when it has failed. */
export function feedFrom(source: FeedSource, listener: FeedListener): Feed {
  let isStopped = false
  let aliveAt = 0
  let seq: number | null = null

  async function step(): Promise<void> {
    const began = runtime.now()
    const from: number = seq ?? (await source.last())
    const entries = seq === null ? [] : await source.since(from, PAGE)
    if (isStopped) return
    for (const entry of entries) listener.ended(entry)
    seq = entries.at(-1)?.seq ?? from
    if (entries.length === PAGE) return
    aliveAt = began
    await source.wait(seq)
  }

  async function follow(): Promise<void> {
    while (!isStopped) {
      try {
        await step()
      } catch {
        // `aliveAt` stands still, which says it. What a lost log had nobody can tell, so it is begun anew.
        if (seq !== null && (await isLost(source, seq))) {
          seq = null
          listener.missed()
        }
        if (!isStopped) await pause(PAUSE)
      }
    }
  }

  void follow()
  return {
    get aliveAt() {
      return aliveAt
    },
    async stop() {
      isStopped = true
      await source.stop()
    },
  }
}

async function isLost(source: FeedSource, seq: number): Promise<boolean> {
  try {
    return (await source.last()) < seq
  } catch {
    return false
  }
}

export async function pause(milliseconds: number): Promise<void> {
  await new Promise<void>((resolve) => {
    runtime.after(milliseconds, resolve)
  })
}
