import type { Ending } from '../core/record/record.ts'
import {
  hasDamage,
  hasFeed,
  hasMarks,
  type StoreDamage,
  type StoreFeed,
  type StoreMarks,
} from '../core/store/capabilities.ts'
import type { CallOptions, Store } from '../core/store/store.ts'
import { hasTransfer } from '../core/store/transfer.ts'
import { OptionError, StoreTimeoutError } from '../errors.ts'
import { Bringing, type Transferring } from './moving/bringing.ts'
import { bringLog } from './moving/log.ts'
import { endingOf, limitEnding, refuseAborted } from './rules.ts'

export { type CopyOptions, type CopyProgress, type CopyResult, copyStore } from './moving/copying.ts'

export interface MovingStoreOptions<To extends Store = Store> {
  /** The store that the sessions are in. Nothing is begun or changed in it any more; what ends, ends in it, too. */
  readonly from: Store
  /** The store that they move to: one that no sessions were in before. Its namespace may be another. */
  readonly to: To
}

/** Of the capabilities of the new store those that are this one's, too. */
type Kept = keyof StoreMarks | keyof StoreFeed

/**
 * The sessions of two stores as those of one, for the time in which they move: what is not in `to` yet is read in `from`,
 * and brought to `to` before it is changed. Every process that serves has to work with it before the first sessions are
 * copied (`copyStore`), and none with `from` alone any more. `close` closes both. @throws OptionError
 */
export function movingStore<To extends Store>({
  from,
  to,
}: MovingStoreOptions<To>): Store & Pick<To, Extract<keyof To, Kept>> {
  if (!hasTransfer(from)) throw new OptionError('from', 'a store that sessions can be moved from.')
  if (!hasTransfer(to)) throw new OptionError('to', 'a store that sessions can be moved to.')
  if (from === to) throw new OptionError('to', 'another store than `from`.')
  return { ...storeOf(from, to), ...marksOf(to), ...feedOf(to), ...damageOf(from, to) } as Store &
    Pick<To, Extract<keyof To, Kept>>
}

function storeOf(from: Transferring, to: Transferring): Store {
  const bringing = new Bringing(from, to)
  let isLogBrought = false

  /** Before anything is logged in `to`, and before anybody reads the log. */
  async function logged(options: CallOptions | undefined): Promise<void> {
    if (isLogBrought) return
    await bringLog(from, to, options)
    isLogBrought = true
  }

  /** Ends in `from` what has ended in `to`, so that it holds there when `to` keeps it no longer. */
  async function endInFrom(
    operation: string,
    endings: readonly { readonly id: string; readonly ending: Ending }[],
    options: CallOptions | undefined,
  ): Promise<void> {
    // It is logged there as well, which nobody is to take for an ending of before the move.
    if (endings.length > 0) await logged(options)
    await partly(operation, () => Promise.all(endings.map(({ id, ending }) => from.end(id, ending, options))))
  }

  return {
    name: 'moving',
    namespace: to.namespace,
    guarantees: {
      durable: from.guarantees.durable && to.guarantees.durable,
      shared: from.guarantees.shared && to.guarantees.shared,
      bounded: from.guarantees.bounded && to.guarantees.bounded,
    },

    async create(record, conditions = {}, options) {
      refuseAborted('create', options)
      const { userId } = record
      const { limit } = conditions
      if ((await from.read(record.id, options)) !== null) await bringing.bring(record.id, options)
      if (userId !== null && conditions.ifUserEpoch !== undefined) await bringing.level(userId, options)
      if (userId !== null && limit !== undefined) {
        await logged(options)
        await bringing.bringUser(userId, options)
      }
      const result = await to.create(record, conditions, options)
      if (result.outcome !== 'created' || limit === undefined) return result
      const ending = endingOf(limitEnding(record, limit))
      await endInFrom(
        'create',
        result.ended.map(({ id }) => ({ id, ending })),
        options,
      )
      return result
    },

    async read(id, options) {
      return await bringing.read(id, options)
    },

    async update(id, change, conditions, options) {
      const result = await to.update(id, change, conditions, options)
      if (result.outcome !== 'gone' || !(await bringing.bring(id, options))) return result
      return await to.update(id, change, conditions, options)
    },

    async rotate(id, rotation, options) {
      refuseAborted('rotate', options)
      if (rotation.predecessor === null) await logged(options)
      const record = rotation.ifUserEpoch === undefined ? null : await bringing.read(id, options)
      if (record !== null && record.userId !== null) await bringing.level(record.userId, options)
      let result = await to.rotate(id, rotation, options)
      if (result.outcome === 'gone' && result.record === null && (await bringing.bring(id, options))) {
        result = await to.rotate(id, rotation, options)
      }
      if (result.outcome === 'rotated' && rotation.authentication !== undefined) {
        // It may be over earlier now than the copy in `from`, which must not count when `to` has forgotten it.
        const { at } = rotation
        const ending = { at, reason: 'replaced', note: null, keepUntil: at } as const
        await endInFrom('rotate', [{ id, ending }], options)
      }
      return result
    },

    async touch(id, at, touch, options) {
      const result = await to.touch(id, at, touch, options)
      if (result !== 'gone' || !(await bringing.bring(id, options))) return result
      return await to.touch(id, at, touch, options)
    },

    async end(id, request, options) {
      refuseAborted('end', options)
      await logged(options)
      let result = await to.end(id, request, options)
      if (result.outcome === 'missing' && (await bringing.bring(id, options))) {
        result = await to.end(id, request, options)
      }
      await endInFrom('end', [{ id, ending: request }], options)
      return result
    },

    async endUser(userId, request, options) {
      refuseAborted('endUser', options)
      await logged(options)
      await bringing.level(userId, options)
      await bringing.bringUser(userId, options)
      const ended = await to.endUser(userId, request, options)
      await partly('endUser', () => from.endUser(userId, request, options))
      return ended
    },

    async updateUser(userId, change, options) {
      refuseAborted('updateUser', options)
      await logged(options)
      await bringing.level(userId, options)
      await bringing.bringUser(userId, options)
      return await to.updateUser(userId, change, options)
    },

    async endAll(request, options) {
      refuseAborted('endAll', options)
      await logged(options)
      // In this order: whoever adopts after `to` has raised its epoch has to read in `from` that it has ended.
      const before = await from.endAll(request, options)
      // Its number is above every user's in `from`, and that of the entry in `to` must not be lower.
      const below = (await from.epochOfAll(options)) - 1
      await to.raiseEpoch(null, { epoch: below, endEpoch: below }, options)
      const count = await partly('endAll', () => to.endAll(request, options))
      return Math.max(before, count)
    },

    async userEpoch(userId, options) {
      refuseAborted('userEpoch', options)
      return await bringing.level(userId, options)
    },

    async listUser(userId, page, options) {
      refuseAborted('listUser', options)
      if (page?.cursor === undefined || page.cursor === null) await bringing.bringUser(userId, options)
      return await to.listUser(userId, page, options)
    },

    async changes(since, page, options) {
      refuseAborted('changes', options)
      await logged(options)
      return await to.changes(since, page, options)
    },

    async note(entries, options) {
      refuseAborted('note', options)
      await logged(options)
      await to.note(entries, options)
    },

    async sweep(now, batch, options) {
      refuseAborted('sweep', options)
      const there = await from.sweep(now, batch, options)
      const ours = await partly('sweep', () => bringing.adoptEnded(there.expired, options))
      if (ours.length === batch.limit) return { expired: ours, removed: 0, more: true }
      const left = { ...batch, limit: batch.limit - ours.length }
      const here = await partly('sweep', () => to.sweep(now, left, options))
      const endings = here.expired.flatMap(({ id, ended }) => (ended === null ? [] : [{ id, ending: ended }]))
      await endInFrom('sweep', endings, options)
      return { expired: [...ours, ...here.expired], removed: here.removed, more: there.more || here.more }
    },

    async close() {
      await Promise.all([from.close(), to.close()])
    },
  }
}

/** Those of the new store: what processes agree on by them, none of them knows from the old one. */
function marksOf(to: Store): Partial<StoreMarks> {
  if (!hasMarks(to)) return {}
  return { mark: (...args) => to.mark(...args), setMark: (...args) => to.setMark(...args) }
}

/** That of the new store, in which everything is logged. */
function feedOf(to: Store): Partial<StoreFeed> {
  if (!hasFeed(to)) return {}
  return { watch: (listener) => to.watch(listener) }
}

/** Damaged records of either store count, since sessions are read in both. */
function damageOf(...stores: readonly Store[]): Partial<StoreDamage> {
  const damaged = stores.filter(hasDamage)
  if (damaged.length === 0) return {}
  return {
    onDamaged(listener) {
      const stops = damaged.map((store) => store.onDamaged(listener))
      return () => {
        for (const stop of stops) stop()
      }
    },
  }
}

/** For a step that is not the first: what was done before stands, so whoever gives up here has done a part. */
async function partly<T>(operation: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    if (!(error instanceof StoreTimeoutError) || error.outcome === 'unknown') throw error
    const why = 'a part was done in one of the two stores. Repeat the call.'
    throw new StoreTimeoutError(operation, 'unknown', `store.${operation}: ${why}`, { cause: error })
  }
}
