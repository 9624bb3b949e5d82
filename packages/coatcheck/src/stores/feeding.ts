import { runtime } from '#runtime'
import { ageOf, type ClockReading, readClocks } from '../core/record/freshness.ts'
import type { Feed, FeedListener } from '../core/store/capabilities.ts'
import type { Change, Store } from '../core/store/store.ts'
import type { StoreTransfer } from '../core/store/transfer.ts'
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
  /** The log was lost, and the listener does not know it yet. */
  let isLost = false

  async function begin(): Promise<Place | null> {
    const began = readClocks(clocks)
    const place = await placeOfNow(log)
    if (isStopped) return null
    seen = place
    // The clock is read after the place, because an entry that was acknowledged before may stand before the place.
    completeSince = clocks.now()
    if (isLost) {
      isLost = false
      // After the place was read: what ends while the listener asks the store is told.
      listener.missed()
    }
    looked = began
    return place
  }

  async function goOn(from: Place): Promise<Place | null> {
    const began = readClocks(clocks)
    const { entries, isWhole } = await entriesAfter(log, from, clocks.now())
    // After they were read: what they are read of may have been lost until then.
    const name = await log.begin?.()
    if (isStopped) return null
    if (name === from.name) {
      let isUnknown = false
      for (const entry of entries) {
        if (isStopped) break
        if (isKnown(entry)) listener[entry.kind](entry)
        else isUnknown = true
      }
      // Nobody can tell what the entry said. The feed passes over it, so that it does not stop there.
      if (isUnknown && !isStopped) listener.missed()
    }
    if (name !== from.name || !isWhole) {
      lost()
      return null
    }
    const last = entries.at(-1)
    const place = last === undefined ? from : { ...from, seq: last.seq, entry: last }
    seen = place
    if (entries.length >= PAGE) return null
    looked = began
    return place
  }

  /** What a lost log had nobody can tell, so it is begun anew. */
  function lost(): void {
    seen = null
    completeSince = 0
    looked = null
    isLost = true
  }

  async function step(): Promise<void> {
    const place = await (seen === null ? begin() : goOn(seen))
    if (place !== null && !isStopped) await bell.wait(place.seq)
  }

  async function follow(): Promise<void> {
    while (!isStopped) {
      try {
        await step()
      } catch {
        // Its age grows, which says it.
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

/** What came after a place. */
interface Following {
  readonly entries: readonly Change[]
  /** Nothing is lacking. */
  readonly isWhole: boolean
}

const LOST: Following = { entries: [], isWhole: false }

/**
 * Lost is a log that is an older one, as after a fail-over or from a backup: it ends before the place, or the entry that
 * was told last is another one now. A log that went on and lacks an entry after the place is not whole: that one was swept
 * while the feed was away for longer than it was kept.
 */
async function entriesAfter(log: Log, { seq, entry }: Place, now: number): Promise<Following> {
  // Before the entries: one that is written in between is not taken for one that is gone.
  const lastSeq = await log.lastChange()
  if (lastSeq < seq) return LOST
  const found = await log.changes(entry === null ? seq : seq - 1, { limit: PAGE + 1 })
  const first = entry !== null && found[0]?.seq === seq ? found[0] : null
  if (entry !== null && (first === null ? entry.keepUntil > now : !isSame(first, entry))) return LOST
  const entries = first === null ? found : found.slice(1)
  return { entries, isWhole: hasAll(entries, seq, lastSeq) }
}

/** Whether no entry is lacking between the number and the end of the page, which is that of the log where it is not full. */
function hasAll(entries: readonly Change[], seq: number, lastSeq: number): boolean {
  const isInRow = entries.every((entry, i) => entry.seq === seq + 1 + i)
  return isInRow && (entries.length >= PAGE || seq + entries.length >= lastSeq)
}

/** A damaged entry, or one of a later version, may be of another kind. */
function isKnown({ kind }: Change): boolean {
  return kind === 'ended' || kind === 'changed'
}

function isSame(one: Change, other: Change): boolean {
  return (
    one.kind === other.kind &&
    one.scope === other.scope &&
    one.subject === other.subject &&
    Object.is(one.at, other.at) &&
    Object.is(one.count, other.count)
  )
}
