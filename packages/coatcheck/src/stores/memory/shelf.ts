import { deadlineOf, isLive } from '../../core/record/lifecycle.ts'
import type { Ending, SessionRecord } from '../../core/record/record.ts'
import { newestFirst } from '../paging.ts'
import { finished } from '../rules.ts'
import { type Due, DueQueue } from './due-queue.ts'

/**
 * A record in its place. While it is open, `dueAt` is at or before its deadline (a touch leaves it alone; the sweep puts
 * it right); once ended it is `keepUntil`.
 */
export interface Entry extends Due {
  record: SessionRecord
}

/** The records and the orders that are kept of them, so that no operation has to look through all. */
export class Shelf {
  readonly #entries = new Map<string, Entry>()
  /** Open sessions by user, in order of arrival. */
  readonly #byUser = new Map<string, Set<Entry>>()
  /** The lists of users that were asked for, as long as nobody comes or goes; what changes in a record does not move it. */
  readonly #lists = new Map<string, readonly Entry[]>()
  /** Open anonymous sessions in order of arrival: the first is the oldest. */
  readonly #anonymous = new Set<Entry>()
  /** In order of ending. */
  readonly #ended = new Set<Entry>()
  readonly #expiring = new DueQueue<Entry>()
  readonly #keeping = new DueQueue<Entry>()

  get size(): number {
    return this.#entries.size
  }

  get anonymous(): number {
    return this.#anonymous.size
  }

  get ended(): number {
    return this.#ended.size
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id)
  }

  /** The user's open sessions in order of arrival. */
  ofUser(userId: string): readonly Entry[] {
    return [...(this.#byUser.get(userId) ?? [])]
  }

  /** The user's open sessions, the newest first. */
  list(userId: string): readonly Entry[] {
    const known = this.#lists.get(userId)
    if (known !== undefined) return known
    const sorted = this.ofUser(userId).toSorted((a, b) => newestFirst(a.record, b.record))
    // A list for which there is nobody is not worth the memory that strangers could make it take.
    if (sorted.length > 0) this.#lists.set(userId, sorted)
    return sorted
  }

  open(): readonly Entry[] {
    return [...this.#entries.values()].filter(({ record }) => record.ended === null)
  }

  /** Takes in a record that has ended already, too. */
  add(record: SessionRecord): void {
    if (record.ended === null) this.#addOpen(record)
    else this.#addEnded(record, record.ended)
  }

  #addOpen(record: SessionRecord): void {
    const entry: Entry = { record, dueAt: deadlineOf(record).at, slot: -1 }
    this.#entries.set(record.id, entry)
    this.#peersOf(entry).add(entry)
    if (record.userId !== null) this.#lists.delete(record.userId)
    this.#expiring.add(entry)
  }

  #addEnded(record: SessionRecord, { keepUntil }: Ending): void {
    const entry: Entry = { record, dueAt: keepUntil, slot: -1 }
    this.#entries.set(record.id, entry)
    this.#ended.add(entry)
    this.#keeping.add(entry)
  }

  /** All, in order of arrival; those that come while somebody walks along are met, too. */
  all(): IterableIterator<Entry> {
    return this.#entries.values()
  }

  /** Puts the next state of an open record into its place. */
  replace(entry: Entry, record: SessionRecord): void {
    const { at } = deadlineOf(record)
    entry.record = record
    if (at < entry.dueAt) this.#expiring.move(entry, at)
  }

  end(entry: Entry, ending: Ending): SessionRecord {
    this.#leavePeers(entry)
    this.#expiring.remove(entry)
    entry.record = finished(entry.record, ending)
    entry.dueAt = ending.keepUntil
    this.#ended.add(entry)
    this.#keeping.add(entry)
    return entry.record
  }

  drop(entry: Entry): void {
    this.#entries.delete(entry.record.id)
    if (this.#ended.delete(entry)) {
      this.#keeping.remove(entry)
    } else {
      this.#leavePeers(entry)
      this.#expiring.remove(entry)
    }
  }

  /** The open record that expired first, null where none has. Looks at no more than `patience` that were touched. */
  firstExpired(now: number, patience: number): Entry | 'unknown' | null {
    for (let looks = 0; looks <= patience; looks++) {
      const first = this.#expiring.due(now)
      if (first === null) return null
      if (!isLive(first.record, now)) return first
      this.#expiring.move(first, deadlineOf(first.record).at)
    }
    return 'unknown'
  }

  /** The ended record that need not be kept any longer. */
  firstKept(now: number): Entry | null {
    return this.#keeping.due(now)
  }

  /** Who can make room: what is over already, else (where they may go) the oldest anonymous session. */
  firstDispensable(now: number, anonymousToo: boolean): Entry | null {
    for (const entry of this.#ended) return entry
    const expired = this.firstExpired(now, 100)
    if (expired !== null && expired !== 'unknown') return expired
    if (anonymousToo) for (const entry of this.#anonymous) return entry
    return null
  }

  #peersOf({ record }: Entry): Set<Entry> {
    if (record.userId === null) return this.#anonymous
    const peers = this.#byUser.get(record.userId) ?? new Set()
    this.#byUser.set(record.userId, peers)
    return peers
  }

  #leavePeers(entry: Entry): void {
    const peers = this.#peersOf(entry)
    peers.delete(entry)
    const { userId } = entry.record
    if (userId !== null) this.#lists.delete(userId)
    if (userId !== null && peers.size === 0) this.#byUser.delete(userId)
  }
}
