import type { Ending } from '../../core/record.ts'
import type { Revocation } from '../../core/store.ts'
import { type Due, DueQueue } from './due-queue.ts'

interface Entry extends Due {
  readonly revocation: Revocation
}

/** The revocation log: numbered in the order of writing, each entry kept until its `keepUntil`. */
export class RevocationLog {
  /** Ascending by `seq`. */
  #entries: Entry[] = []
  readonly #due = new DueQueue<Entry>()
  #lastSeq = 0

  add(scope: Revocation['scope'], subject: string | null, { at, reason, keepUntil }: Omit<Ending, 'note'>): void {
    this.#lastSeq += 1
    const revocation = { seq: this.#lastSeq, scope, subject, at, reason, keepUntil }
    const entry = { revocation, dueAt: keepUntil, slot: -1 }
    this.#entries.push(entry)
    this.#due.add(entry)
  }

  since(seq: number, limit: number): readonly Revocation[] {
    const start = this.#firstAfter(seq)
    return this.#entries.slice(start, start + limit).map(({ revocation }) => revocation)
  }

  isDue(now: number): boolean {
    const { first } = this.#due
    return first !== undefined && first.dueAt <= now
  }

  /** Removes at most `limit` entries that are due and answers how many. */
  sweep(now: number, limit: number): number {
    const gone = new Set<Entry>()
    for (
      let { first } = this.#due;
      gone.size < limit && first !== undefined && first.dueAt <= now;
      { first } = this.#due
    ) {
      this.#due.remove(first)
      gone.add(first)
    }
    if (gone.size > 0) this.#entries = this.#entries.filter((entry) => !gone.has(entry))
    return gone.size
  }

  #firstAfter(seq: number): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#entries[middle]?.revocation.seq ?? 0) > seq) high = middle
      else low = middle + 1
    }
    return low
  }
}
