import type { FeedListener } from '../../core/store/capabilities.ts'
import type { Change, Note } from '../../core/store/store.ts'
import { StoreUnavailableError } from '../../errors.ts'
import { type ChangeEntry, notedEntry, noteIn } from '../rules.ts'
import { type Due, DueQueue } from './due-queue.ts'

interface Entry extends Due {
  readonly change: Change
  /** It has left the queue and waits for the next tidying. */
  isGone: boolean
}

interface Follower {
  readonly listener: FeedListener
}

interface Telling {
  readonly what: (listener: FeedListener) => void
  readonly followers: readonly Follower[]
}

/** Removed entries that may lie about before they are worth a walk over all. */
const UNTIDY = 1_000

/**
 * The change log: numbered in the order of writing, each entry kept until its `keepUntil`. When it holds as many as it
 * may, the oldest goes earlier; a caller that has not read that one meets an outage until it would have gone anyway, since
 * an answer without it would say that nothing had happened.
 */
export class ChangeLog {
  readonly #most: number
  /** Ascending by `seq`; holds those that are gone until they are more than the others. */
  #entries: Entry[] = []
  readonly #due = new DueQueue<Entry>()
  #size = 0
  #lastSeq = 0
  /** Until when the log has an entry by `note`, by scope and subject. */
  readonly #noted = new Map<string, number>()
  /** The last entry that went too early, and until when one of them would have to be known. */
  #lost = { seq: 0, keepUntil: 0 }
  readonly #listeners = new Set<Follower>()
  /** What is still to be told, in the order of the log. */
  readonly #untold: Telling[] = []
  #depth = 0
  #isTelling = false
  #oldest = 0

  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#size
  }

  get lastSeq(): number {
    return this.#lastSeq
  }

  add(entry: ChangeEntry): void {
    const change = { seq: this.#lastSeq + 1, ...entry }
    this.#append(change)
    this.#tell((listener) => listener[change.kind](change))
  }

  /**
   * Runs one step of the store and tells the listeners when the outermost one is done. A listener that asks the store then
   * finds the step whole. What a listener itself does there is told after all that came before it.
   */
  step<T>(work: () => T): T {
    this.#depth += 1
    try {
      return work()
    } finally {
      this.#depth -= 1
      this.#tellAll()
    }
  }

  /** To those who listen now: who begins later has no business with it. */
  #tell(what: (listener: FeedListener) => void): void {
    if (this.#listeners.size === 0) return
    this.#untold.push({ what, followers: [...this.#listeners] })
    this.#tellAll()
  }

  #tellAll(): void {
    if (this.#depth > 0 || this.#isTelling) return
    this.#isTelling = true
    try {
      for (let next = this.#untold.shift(); next !== undefined; next = this.#untold.shift()) {
        for (const follower of next.followers) if (this.#listeners.has(follower)) next.what(follower.listener)
      }
    } finally {
      this.#isTelling = false
      // A listener threw, which it may not: what is left is told before the call ends all the same.
      if (this.#untold.length > 0) this.#tellAll()
    }
  }

  note(note: Note): void {
    if (this.#noteAs(note)) this.add(notedEntry(note))
  }

  /** False where it is known for as long already. */
  #noteAs(note: Note): boolean {
    const key = noteKey(note)
    if ((this.#noted.get(key) ?? 0) >= note.keepUntil) return false
    this.#noted.set(key, note.keepUntil)
    return true
  }

  /** Tells a listener of each entry from now on; the answer stops that. */
  follow(listener: FeedListener): () => void {
    // An object of its own, since one listener may be passed twice. The listener is kept as it is: it may have a class.
    const own = { listener }
    this.#listeners.add(own)
    return () => this.#listeners.delete(own)
  }

  /** Tells the listeners that a record has gone without an ending. */
  tellGone(sessionId: string): void {
    this.#tell((listener) => listener.gone?.(sessionId))
  }

  /** Takes in those that are numbered above the last, and numbers what comes from now on above `last`. */
  adopt(entries: readonly Change[], last: number): void {
    for (const change of entries) {
      if (change.seq <= this.#lastSeq) continue
      this.#append(change)
      const note = noteIn(change)
      if (note !== null) this.#noteAs(note)
    }
    this.#lastSeq = Math.max(this.#lastSeq, last)
  }

  #append(change: Change): void {
    if (this.#size >= this.#most && this.sweep(change.at, 1) === 0) this.#loseOldest()
    this.#lastSeq = change.seq
    const entry = { change, dueAt: change.keepUntil, slot: -1, isGone: false }
    this.#entries.push(entry)
    this.#due.add(entry)
    this.#size += 1
  }

  /** @throws StoreUnavailableError where entries above `seq` went too early */
  since(seq: number, limit: number): readonly Change[] {
    if (seq < this.#lost.seq) {
      throw new StoreUnavailableError(
        'changes',
        `store.changes: the log is full, and what came before ${this.#lost.seq} is not in it any more. Go on from ` +
          'there, and until then ask the store for each session.',
      )
    }
    const found: Change[] = []
    for (let at = this.#firstAfter(seq); at < this.#entries.length && found.length < limit; at++) {
      const entry = this.#entries[at]
      if (entry !== undefined && !entry.isGone) found.push(entry.change)
    }
    return found
  }

  isDue(now: number): boolean {
    return this.#due.due(now) !== null
  }

  /** Removes at most `limit` entries that are due and answers how many. */
  sweep(now: number, limit: number): number {
    if (this.#lost.keepUntil <= now) this.#lost = { seq: 0, keepUntil: 0 }
    let removed = 0
    for (let first = this.#due.due(now); removed < limit && first !== null; first = this.#due.due(now)) {
      this.#remove(first)
      removed += 1
    }
    return removed
  }

  #loseOldest(): void {
    while (this.#entries[this.#oldest]?.isGone === true) this.#oldest += 1
    const entry = this.#entries[this.#oldest]
    if (entry === undefined) return
    const { seq, keepUntil } = entry.change
    this.#lost = { seq, keepUntil: Math.max(keepUntil, this.#lost.keepUntil) }
    this.#remove(entry)
  }

  /** Moving the rest up for each one would cost a walk over all; so they are left until there are many. */
  #remove(entry: Entry): void {
    this.#due.remove(entry)
    const key = noteKey(entry.change)
    if (this.#noted.get(key) === entry.change.keepUntil) this.#noted.delete(key)
    entry.isGone = true
    this.#size -= 1
    const gone = this.#entries.length - this.#size
    if (gone < UNTIDY || gone < this.#size) return
    this.#entries = this.#entries.filter(({ isGone }) => !isGone)
    this.#oldest = 0
  }

  #firstAfter(seq: number): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#entries[middle]?.change.seq ?? 0) > seq) high = middle
      else low = middle + 1
    }
    return low
  }
}

function noteKey({ scope, subject }: Pick<Change, 'scope' | 'subject'>): string {
  return `${scope} ${subject}`
}
