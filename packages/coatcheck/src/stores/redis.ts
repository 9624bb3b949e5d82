import { refuseUnknown } from '../core/base/unknown-options.ts'
import type { StoreDamage, StoreFeed, StoreMarks, StoreStats } from '../core/store/capabilities.ts'
import type { CallOptions, Store } from '../core/store/store.ts'
import type { StoreTransfer } from '../core/store/transfer.ts'
import { OptionError, StoreTimeoutError } from '../errors.ts'
import { LOG_PAGE_SIZE } from './paging.ts'
import { createForUser } from './redis/admission.ts'
import { makeCheck } from './redis/checking.ts'
import { engineOf, type RedisClient, type Send } from './redis/clients.ts'
import { Counts } from './redis/counts.ts'
import { Damage } from './redis/damage.ts'
import { translated } from './redis/faults.ts'
import { watchRedis } from './redis/feed.ts'
import { makeKeys } from './redis/keys.ts'
import { ChangeLog, endLogged } from './redis/log.ts'
import { Marks } from './redis/marks.ts'
import { Records } from './redis/records.ts'
import { makeScripts } from './redis/running.ts'
import { Sweeper } from './redis/sweeping.ts'
import { adopt, epochs } from './redis/transfer.ts'
import { Turns } from './redis/turns.ts'
import { UserSets } from './redis/user-sets.ts'
import { eachOf, endUser, listUser, rotateForUser, updateUser } from './redis/users.ts'
import { Walk } from './redis/walking.ts'
import { endedEntry, refuseAborted } from './rules.ts'

export type {
  IoRedisClient,
  IoRedisCluster,
  NodeRedisClient,
  NodeRedisCluster,
  NodeRedisSentinel,
  RedisClient,
} from './redis/clients.ts'

export interface RedisStoreOptions {
  /** Keeps the sessions of several applications in one Redis apart; default `default`. */
  readonly namespace?: string | undefined
  /**
   * How many replicas have to have an ending, a change of all sessions of a user or an authentication in place before it is
   * acknowledged (`WAIT`), so that a fail-over cannot undo it; with fewer after half a second it ends with
   * `StoreTimeoutError`, outcome `unknown`. Default 0: none, as Redis answers by itself.
   */
  readonly replicas?: number | undefined
}

/** So long a call waits for replicas, in milliseconds: less than the library waits for the call. */
const LONGEST_WAIT = 500

/**
 * Sessions in Redis 7 or newer, or what speaks like it: one machine, one behind Sentinel, or a Cluster. Pass a client of
 * `redis` or `ioredis`; you connect it and close it. A Redis that would evict keys when its memory is full is refused.
 */
export function redisStore(
  client: RedisClient,
  options: RedisStoreOptions = {},
): Store & StoreStats & StoreMarks & StoreFeed & StoreTransfer & StoreDamage {
  refuseUnknown(options, { namespace: null, replicas: null }, 'redisStore')
  const namespace = options.namespace ?? 'default'
  if (typeof namespace !== 'string' || namespace === '') throw new OptionError('namespace', 'a text.')
  const replicas = options.replicas ?? 0
  if (!Number.isSafeInteger(replicas) || replicas < 0) throw new OptionError('replicas', 'a whole number, 0 or more.')
  const engine = engineOf(client)
  const keys = makeKeys(namespace)
  const scripts = makeScripts(engine)
  const log = new ChangeLog(engine, scripts, keys)
  const counts = new Counts(engine, keys)
  const damage = new Damage()
  const records = new Records(engine, scripts, keys, log, counts, damage, namespace)
  const sets = new UserSets(engine, scripts, keys)
  const marks = new Marks(engine, scripts, keys)
  const turns = new Turns()

  const walk = new Walk(engine, keys)
  const sweeper = new Sweeper(engine, scripts, keys, sets, records, log)
  const check = makeCheck(engine)

  async function call<T>(
    operation: string,
    isWrite: boolean,
    callOptions: CallOptions | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    refuseAborted(operation, callOptions)
    try {
      await check()
    } catch (error) {
      throw translated(operation, false, error)
    }
    try {
      return await work()
    } catch (error) {
      throw translated(operation, isWrite, error)
    }
  }

  /** As `call`, for what a fail-over must not undo. */
  async function lasting<T>(
    operation: string,
    callOptions: CallOptions | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    return await call(operation, true, callOptions, async () => {
      const result = await work()
      if (replicas > 0) await waitForReplicas(operation, await engine.masters(), replicas)
      return result
    })
  }

  const store: ReturnType<typeof redisStore> = {
    name: engine.isCluster ? 'redis-cluster' : 'redis',
    namespace,
    guarantees: { durable: true, shared: true, bounded: false },

    create: (record, conditions = {}, callOptions) =>
      call('create', true, callOptions, async () => {
        const { userId } = record
        if (userId !== null)
          return await createForUser(sets, records, record, userId, conditions, turns, callOptions?.signal)
        const { outcome } = await records.create(record, null)
        return outcome === 'created' ? { outcome, ended: [] } : { outcome: 'taken' }
      }),

    read: (id, readOptions) => call('read', false, readOptions, () => records.read(id)),

    update: (id, change, conditions = {}, callOptions) =>
      call('update', true, callOptions, () => records.update(id, change, conditions)),

    rotate: (id, rotation, callOptions) =>
      rotation.predecessor !== null && rotation.ifUserEpoch === undefined
        ? call('rotate', true, callOptions, () => records.rotate(id, rotation))
        : lasting('rotate', callOptions, () =>
            rotation.ifUserEpoch === undefined && rotation.authentication === undefined
              ? records.rotate(id, rotation)
              : rotateForUser(sets, records, id, rotation),
          ),

    touch: (id, at, touch, callOptions) => call('touch', true, callOptions, () => records.touch(id, at, touch)),

    end: (id, request, callOptions) =>
      lasting('end', callOptions, () => records.end(id, request, { logs: true, of: null })),

    endUser: (userId, request, callOptions) =>
      lasting('endUser', callOptions, () => endUser(sets, records, log, userId, request)),

    updateUser: (userId, change, callOptions) =>
      lasting('updateUser', callOptions, () => updateUser(sets, records, log, userId, change)),

    endAll: (request, callOptions) =>
      lasting('endAll', callOptions, async () => {
        const epoch = await sets.raiseEveryoneAnew(request.at)
        const entry = endedEntry('all', null, epoch, request)
        return await endLogged(log, entry, (ended) => sweeper.endAll(request, ended))
      }),

    userEpoch: (userId, callOptions) => call('userEpoch', false, callOptions, () => sets.epoch(userId)),

    listUser: (userId, page = {}, callOptions) =>
      call('listUser', false, callOptions, () => listUser(sets, records, userId, page)),

    changes: (since, { limit = LOG_PAGE_SIZE } = {}, callOptions) =>
      call('changes', false, callOptions, () => log.since(since, limit)),

    note: (entries, callOptions) => lasting('note', callOptions, () => log.note(entries)),

    sweep: (now, batch, callOptions) => call('sweep', true, callOptions, () => sweeper.sweep(now, batch)),

    stats: (callOptions) => call('stats', false, callOptions, () => counts.stats()),

    mark: (name, at, callOptions) => call('mark', false, callOptions, () => marks.textOf(name, at)),

    setMark: (name, change, callOptions) => call('setMark', true, callOptions, () => marks.set(name, change)),

    watch: (listener) => watchRedis({ ...store, begin: () => log.begin() }, client, keys, listener),

    onDamaged: (listener) => damage.follow(listener),

    scan: (page, callOptions) =>
      call('scan', false, callOptions, async () => {
        const { subjects, cursor } = await walk.page(keys.records, page)
        const found = await eachOf(subjects, (id) => records.read(id))
        return { items: found.filter((record) => record !== null), cursor }
      }),

    epochs: (page, callOptions) =>
      call('epochs', false, callOptions, async () => {
        const { subjects, cursor } = await walk.page(keys.users, page)
        return { items: await epochs(sets, subjects), cursor }
      }),

    epochOfAll: (callOptions) => call('epochOfAll', false, callOptions, () => sets.everyone()),
    lastChange: (callOptions) => call('lastChange', false, callOptions, () => log.last()),

    adopt: (adopted, conditions = {}, callOptions) =>
      lasting('adopt', callOptions, () => adopt(sets, records, adopted, conditions)),

    raiseEpoch: (userId, atLeast, callOptions) =>
      lasting('raiseEpoch', callOptions, () =>
        userId === null ? sets.raiseEveryoneEverywhere(atLeast.epoch) : sets.raiseTo(userId, atLeast),
      ),

    adoptChanges: ({ entries, last }, callOptions) =>
      lasting('adoptChanges', callOptions, () => log.adopt(entries, last)),

    // The client is the application's.
    close: () => counts.close(),
  }
  return store
}

/** Of every machine, since a call may have written to several; each waits for what was sent to it by this client. */
async function waitForReplicas(operation: string, masters: readonly Send[], replicas: number): Promise<void> {
  const counts = await Promise.all(masters.map((send) => send('WAIT', String(replicas), String(LONGEST_WAIT))))
  if (counts.every((count) => Number(count) >= replicas)) return
  const why = `fewer than ${replicas} replicas have it, so a fail-over may undo it.`
  throw new StoreTimeoutError(operation, 'unknown', `store.${operation}: ${why}`, { scope: 'call' })
}
