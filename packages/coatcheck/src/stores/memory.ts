import { runtime } from '#runtime'
import { refuseUnknown } from '../core/base/unknown-options.ts'
import { isLive } from '../core/record/lifecycle.ts'
import type { Ending } from '../core/record/record.ts'
import type { Feed, FeedListener, StoreFeed, StoreMarks, StoreStats } from '../core/store/capabilities.ts'
import type { EndResult, RotateResult, Store, TouchResult, UpdateResult } from '../core/store/store.ts'
import type { StoreTransfer } from '../core/store/transfer.ts'
import { OptionError } from '../errors.ts'
import { admit, type Holding, userChanged } from './memory/admission.ts'
import { ChangeLog } from './memory/change-log.ts'
import { Epochs } from './memory/epochs.ts'
import { Marks } from './memory/marks.ts'
import { type Entry, Shelf } from './memory/shelf.ts'
import { sweep } from './memory/sweeping.ts'
import { transferOf } from './memory/transfer.ts'
import { LOG_PAGE_SIZE, pageOf } from './paging.ts'
import * as rules from './rules.ts'

export interface MemoryStoreOptions {
  /**
   * How many records it holds, ended ones included; default 100,000, at least 1. When it is full, what has ended or
   * expired goes first. Then new anonymous sessions are refused (`StoreFullError`), and a new signed-in one takes the
   * place of the oldest anonymous one. Signed-in sessions are never evicted. The change log holds as many entries, at
   * least 1,000; whoever has not read those that had to go meets `StoreUnavailableError`.
   */
  readonly maxSessions?: number | undefined
  /** The records' `namespace`; default `default`. Two memory stores never share anything. */
  readonly namespace?: string | undefined
}

const DEFAULTS = { maxSessions: 100_000, namespace: 'default' }

/** Records that `endAll` ends before it lets others run. */
const BATCH = 1_000

/** Sessions in the memory of this process: the fastest store, and gone with the process. For one process only. */
export function memoryStore(
  options: MemoryStoreOptions = {},
): Store & StoreStats & StoreMarks & StoreFeed & StoreTransfer {
  refuseUnknown(options, { maxSessions: null, namespace: null }, 'memoryStore')
  const { maxSessions = DEFAULTS.maxSessions, namespace = DEFAULTS.namespace } = options
  if (!Number.isSafeInteger(maxSessions) || maxSessions < 1) {
    throw new OptionError('maxSessions', 'a whole number of records, 1 or more.')
  }
  return storeOf(namespace, {
    shelf: new Shelf(),
    epochs: new Epochs(Math.max(1_000, maxSessions)),
    log: new ChangeLog(Math.max(1_000, maxSessions)),
    maxSessions,
  })
}

/** No method awaits anything before it is done (but for `endAll`, between its batches): each call is one step. */
function storeOf(namespace: string, holding: Holding): Store & StoreStats & StoreMarks & StoreFeed & StoreTransfer {
  const { shelf, epochs, log } = holding
  const marks = new Marks()

  const liveAt = (id: string, at: number): Entry | null => {
    const entry = shelf.get(id)
    return entry !== undefined && isLive(entry.record, at) ? entry : null
  }

  return {
    name: 'memory',
    namespace,
    guarantees: { durable: false, shared: false, bounded: true },

    async create(record, conditions, options) {
      rules.refuseAborted('create', options)
      return log.step(() => admit(holding, record, conditions))
    },

    async read(id, options) {
      if (options?.signal !== undefined) rules.refuseAborted('read', options)
      return shelf.get(id)?.record ?? null
    },

    async update(id, change, conditions = {}, options): Promise<UpdateResult> {
      rules.refuseAborted('update', options)
      const entry = liveAt(id, change.at)
      if (entry === null) return { outcome: 'gone' }
      const refusal = rules.refusal(entry.record, conditions)
      if (refusal !== null) return { outcome: refusal }
      shelf.replace(entry, rules.updated(entry.record, change))
      return { outcome: 'updated', version: entry.record.version }
    },

    async rotate(id, rotation, options): Promise<RotateResult> {
      rules.refuseAborted('rotate', options)
      const entry = liveAt(id, rotation.at)
      if (entry === null) return { outcome: 'gone', record: shelf.get(id)?.record ?? null }
      const { record } = entry
      const state = rules.rotationState(record, rotation)
      if (state !== 'due') return { outcome: state === 'done' ? 'rotated' : 'kept', record }
      if (userChanged(holding, record.userId, rotation.ifUserEpoch)) return { outcome: 'user-changed', record }
      return log.step(() => {
        shelf.replace(entry, rules.rotated(record, rotation))
        const change = rules.rotatedEntry(id, rotation)
        if (change !== null) log.add(change)
        return { outcome: 'rotated', record: entry.record }
      })
    },

    async touch(id, at, touch, options): Promise<TouchResult> {
      rules.refuseAborted('touch', options)
      const entry = liveAt(id, at)
      if (entry === null) return 'gone'
      const next = rules.touched(entry.record, at, touch)
      if (next === null) return 'kept'
      shelf.replace(entry, next)
      return 'touched'
    },

    async end(id, request, options): Promise<EndResult> {
      rules.refuseAborted('end', options)
      const entry = shelf.get(id)
      if (entry === undefined) return { outcome: 'missing' }
      if (entry.record.ended !== null) return { outcome: 'already', record: entry.record }
      const record = shelf.end(entry, rules.endingOf(request))
      log.add(rules.endedRecordEntry(record, request))
      return { outcome: 'ended', record }
    },

    async endUser(userId, request, options) {
      rules.refuseAborted('endUser', options)
      const { except, at } = request
      return log.step(() => {
        const epoch = epochs.raise(userId, at, rules.forgetEpochAt(request), except === undefined)
        const others = shelf.ofUser(userId).filter(({ record }) => record.id !== except)
        const ended = others.map((entry) => shelf.end(entry, rules.endingOf(request)))
        if (except === undefined) log.add(rules.endedEntry('user', userId, epoch, request))
        else for (const record of ended) log.add(rules.endedRecordEntry(record, request))
        return ended
      })
    },

    async updateUser(userId, change, options) {
      rules.refuseAborted('updateUser', options)
      const { at, set, unset } = change
      const epoch = epochs.raise(userId, at, rules.forgetEpochAt(change), false)
      const live = shelf.ofUser(userId).filter(({ record }) => isLive(record, at))
      for (const entry of live) shelf.replace(entry, rules.updated(entry.record, { set, unset }))
      log.add(rules.updatedUserEntry(userId, epoch, change))
      return live.map(({ record }) => record.id)
    },

    async endAll(request, options) {
      rules.refuseAborted('endAll', options)
      const entry = rules.endedEntry('all', null, epochs.raiseAll(request.at), request)
      const open = shelf.open()
      return await endEach(holding, open, rules.endingOf(request), (isFirst, isLast) => {
        // Again with the last: what was read between two batches may have been live still.
        if (isFirst || isLast) log.add(entry)
      })
    },

    async userEpoch(userId, options) {
      rules.refuseAborted('userEpoch', options)
      return epochs.of(userId)
    },

    async listUser(userId, { cursor, limit } = {}, options) {
      rules.refuseAborted('listUser', options)
      return pageOf(shelf.list(userId), cursor, limit)
    },

    async changes(since, { limit = LOG_PAGE_SIZE } = {}, options) {
      rules.refuseAborted('changes', options)
      return log.since(since, limit)
    },

    async note(entries, options) {
      rules.refuseAborted('note', options)
      log.step(() => {
        for (const entry of entries) log.note(entry)
      })
    },

    async sweep(now, batch, options) {
      rules.refuseAborted('sweep', options)
      return sweep(holding, now, batch)
    },

    async stats(options) {
      rules.refuseAborted('stats', options)
      const { size, anonymous, ended } = shelf
      return { anonymous, signedIn: size - anonymous - ended, ended }
    },

    async mark(name, at, options) {
      rules.refuseAborted('mark', options)
      return marks.textOf(name, at)
    },

    async setMark(name, change, options) {
      rules.refuseAborted('setMark', options)
      return marks.set(name, change)
    },

    watch: (listener) => feedOf(log, listener),

    ...transferOf(namespace, holding),

    // Nothing was opened. The records stay: whoever still holds the store goes on.
    close: () => Promise.resolve(),
  }
}

/** Tells at once, so nothing is ever outstanding. */
function feedOf(log: ChangeLog, listener: FeedListener): Feed {
  const since = runtime.now()
  const stop = log.follow(listener)
  let isStopped = false
  return {
    get aliveAt() {
      return isStopped ? since : runtime.now()
    },
    completeSince: since,
    age: () => (isStopped ? Number.POSITIVE_INFINITY : 0),
    seesRemovals: true,
    async stop() {
      isStopped = true
      stop()
    },
  }
}

/**
 * Ends in batches between which others run; what they have ended or removed meanwhile does not count. Each batch is one
 * step with what `write` adds to the log. There is one batch at least.
 */
async function endEach(
  { shelf, log }: Holding,
  entries: readonly Entry[],
  ending: Ending,
  write: (isFirst: boolean, isLast: boolean) => void,
): Promise<number> {
  let ended = 0
  const endBatch = (start: number): void => {
    write(start === 0, start + BATCH >= entries.length)
    for (const entry of entries.slice(start, start + BATCH)) {
      if (entry.record.ended !== null || shelf.get(entry.record.id) !== entry) continue
      shelf.end(entry, ending)
      ended += 1
    }
  }
  log.step(() => endBatch(0))
  for (let start = BATCH; start < entries.length; start += BATCH) {
    await new Promise<void>((resolve) => runtime.after(0, resolve, true))
    log.step(() => endBatch(start))
  }
  return ended
}
