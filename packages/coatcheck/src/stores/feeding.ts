import { runtime } from '#runtime'
import type { Feed, FeedListener } from '../core/capabilities.ts'
import { ageOf, type ClockReading, readClocks } from '../core/freshness.ts'
import type { Change, Store } from '../core/store.ts'
import type { StoreTransfer } from '../core/transfer.ts'
import type { Runtime } from '../runtime/index.ts'
import { pause } from './pausing.ts'

/** The log that a feed follows: that of the store itself. */
export interface Log extends Pick<Store, 'changes'>, Pick<StoreTransfer, 'lastChange'> {
  /**
   * Makes sure that a log that is lost can be told from one that is empty: answers what this one is called, and calls one
   * that has no name by a new one.
   */
  readonly begin?: (() => Promise<string>) | undefined
}

/** How far a feed has come, in which log, and the entry that it told last; null where that had been swept. */
interface Place {
  readonly name: string | undefined
  readonly seq: number
  readonly entry: Change | null
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
export function feedFrom(
  log: Log,
  bell: Bell,
  listener: FeedListener,
  clocks: Pick<Runtime, 'now' | 'monotonic'> = runtime,
): Feed {
  let isStopped = false
  /** When the last look at the log began that has come back. */
  let looked: ClockReading | null = null
  let completeSince = 0
  let seen: Place | null = null

  async function step(): Promise<void> {
    const began = readClocks(clocks)
    const from: Place = seen ?? (await placeOfNow(log))
    const entries = seen === null ? [] : await entriesAfter(log, from)
    // After they were read: what they are read of may have been lost until then.
    const name = seen === null ? from.name : await log.begin?.()
    if (isStopped) return
    if (entries === 'lost' || name !== from.name) return lost()
    for (const entry of entries) {
      if (!isStopped) listener[entry.kind](entry)
    }
    const last = entries.at(-1)
    if (completeSince === 0) completeSince = began.wall
    seen = last === undefined ? from : { ...from, seq: last.seq, entry: last }
    if (isStopped || entries.length >= PAGE) return
    looked = began
    await bell.wait(seen.seq)
  }

  /** What a lost log had nobody can tell, so it is begun anew. */
  function lost(): void {
    seen = null
    completeSince = 0
    looked = null
    if (!isStopped) listener.missed()
  }

  async function follow(): Promise<void> {
    while (!isStopped) {
      try {
        await step()
      } catch {
        // Its age grows, which says it.
        if (seen !== null && (await isBehind(log, seen.seq))) lost()
        if (!isStopped) await pause(PAUSE, false)
      }
    }
  }

  void follow()
  return {
    get aliveAt() {
      return looked?.wall ?? 0
    },
    get completeSince() {
      return completeSince
    },
    age: () => (isStopped ? Number.POSITIVE_INFINITY : ageOf(looked, readClocks(clocks))),
    seesRemovals: false,
    async stop() {
      isStopped = true
      bell.stop?.()
    },
  }
}

async function placeOfNow(log: Log): Promise<Place> {
  const name = await log.begin?.()
  const seq = await log.lastChange()
  const [entry = null] = seq === 0 ? [] : await log.changes(seq - 1, { limit: 1 })
  return { name, seq, entry: entry?.seq === seq ? entry : null }
}

/**
 * `lost` where the entry that was told last is another one now: the log is an older one, as after a fail-over or from a
 * backup, which has grown past where it was.
 */
async function entriesAfter(log: Log, { seq, entry }: Place): Promise<readonly Change[] | 'lost'> {
  if (entry === null) return await log.changes(seq, { limit: PAGE })
  const [first, ...entries] = await log.changes(seq - 1, { limit: PAGE + 1 })
  if (first?.seq === seq) return isSame(first, entry) ? entries : 'lost'
  // What is over has been swept.
  if (entry.keepUntil > runtime.now()) return 'lost'
  return first === undefined ? entries : [first, ...entries]
}

function isSame(one: Change, other: Change): boolean {
  return (
    one.kind === other.kind &&
    one.scope === other.scope &&
    one.subject === other.subject &&
    one.at === other.at &&
    one.count === other.count
  )
}

async function isBehind(log: Log, seq: number): Promise<boolean> {
  try {
    return (await log.lastChange()) < seq
  } catch {
    return false
  }
}
