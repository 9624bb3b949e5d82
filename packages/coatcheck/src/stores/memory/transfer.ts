import { runtime } from '#runtime'
import type { SessionRecord } from '../../core/record/record.ts'
import type { Page } from '../../core/store/store.ts'
import type { AdoptConditions, AdoptOutcome, ScanPage, StoreTransfer } from '../../core/store/transfer.ts'
import { SCAN_SIZE } from '../paging.ts'
import { forgetEpochAt, refuseAborted } from '../rules.ts'
import { type Holding, makeRoom } from './admission.ts'
import type { Entry, Shelf } from './shelf.ts'

/** As everywhere in the memory store no call awaits anything: each is one step. */
export function transferOf(namespace: string, holding: Holding): StoreTransfer {
  const { epochs, log } = holding
  const walk = new Walk(holding.shelf)
  return {
    async scan(page, options) {
      refuseAborted('scan', options)
      return walk.page(page)
    },

    async epochs(_, options) {
      refuseAborted('epochs', options)
      return { items: epochs.ofUsers, cursor: null }
    },

    async epochOfAll(options) {
      refuseAborted('epochOfAll', options)
      return epochs.floor
    },

    async lastChange(options) {
      refuseAborted('lastChange', options)
      return log.lastSeq
    },

    async adopt(records, conditions = {}, options) {
      refuseAborted('adopt', options)
      const adoptOne = (record: SessionRecord) =>
        adopt(holding, { ...record, namespace, data: new Map(record.data) }, conditions)
      return log.step(() => records.map(adoptOne))
    },

    async raiseEpoch(userId, atLeast, options) {
      refuseAborted('raiseEpoch', options)
      if (userId === null) epochs.raiseAllTo(atLeast)
      else epochs.raiseTo(userId, atLeast, forgetEpochAt({ at: runtime.now(), forgetAt: atLeast.forgetAt }))
    },

    async adoptChanges({ entries, last }, options) {
      refuseAborted('adoptChanges', options)
      log.adopt(entries, last)
      return log.lastSeq
    },
  }
}

function adopt(holding: Holding, record: SessionRecord, { ifEpochOfAll }: AdoptConditions): AdoptOutcome {
  const { shelf, epochs } = holding
  if (shelf.get(record.id) !== undefined) return 'there'
  if (ifEpochOfAll !== undefined && epochs.floor > ifEpochOfAll) return 'outdated'
  makeRoom(holding, record)
  shelf.add(record)
  return 'adopted'
}

/**
 * A walk through the shelf. A cursor is the id that was answered last; the walk that it belongs to is kept, since finding
 * the place again is a walk of its own. Where that id has gone meanwhile, it begins anew.
 */
class Walk {
  readonly #shelf: Shelf
  #cursor: string | null = null
  #left: IterableIterator<Entry>

  constructor(shelf: Shelf) {
    this.#shelf = shelf
    this.#left = shelf.all()
  }

  page({ cursor = null, limit = SCAN_SIZE }: ScanPage = {}): Page<SessionRecord> {
    if (cursor === null) this.#left = this.#shelf.all()
    else if (cursor !== this.#cursor) this.#left = this.#after(cursor)
    const items: SessionRecord[] = []
    while (items.length < limit) {
      const { value, done } = this.#left.next()
      if (done === true) {
        this.#cursor = null
        return { items, cursor: null }
      }
      items.push(value.record)
    }
    this.#cursor = items.at(-1)?.id ?? cursor
    return { items, cursor: this.#cursor }
  }

  #after(id: string): IterableIterator<Entry> {
    const left = this.#shelf.all()
    for (let next = left.next(); next.done !== true; next = left.next()) if (next.value.record.id === id) return left
    return this.#shelf.all()
  }
}
