import { runtime } from '#runtime'
import type { CallOptions, Store } from '../core/store.ts'
import { OptionError } from '../errors.ts'
import { LOG_PAGE_SIZE } from './paging.ts'
import { createForUser } from './redis/admission.ts'
import { engineOf, type RedisClient } from './redis/clients.ts'
import { translated } from './redis/faults.ts'
import { makeKeys } from './redis/keys.ts'
import { RevocationLog } from './redis/log.ts'
import { Records } from './redis/records.ts'
import { checkEngine, makeScripts } from './redis/running.ts'
import { Sweeper } from './redis/sweeping.ts'
import { UserSets } from './redis/user-sets.ts'
import { endUser, listUser, rotateForUser, updateUser } from './redis/users.ts'
import { refuseAborted } from './rules.ts'

export type {
  IoRedisClient,
  IoRedisCluster,
  NodeRedisClient,
  NodeRedisCluster,
  RedisClient,
} from './redis/clients.ts'

export interface RedisStoreOptions {
  /** Keeps the sessions of several applications in one Redis apart; default `default`. */
  readonly namespace?: string | undefined
}

/**
 * Sessions in Redis 7 or newer, or what speaks like it: one machine, one behind Sentinel, or a Cluster. Pass a client of
 * `redis` or `ioredis`; you connect it and close it. A Redis that would evict keys when its memory is full is refused.
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): Store {
  const namespace = options.namespace ?? 'default'
  if (typeof namespace !== 'string' || namespace === '') throw new OptionError('namespace', 'a text.')
  const engine = engineOf(client)
  const keys = makeKeys(namespace)
  const scripts = makeScripts(engine)
  const log = new RevocationLog(engine, scripts, keys)
  const records = new Records(engine, scripts, keys, log, namespace)
  const sets = new UserSets(engine, scripts, keys)
  const sweeper = new Sweeper(engine, scripts, keys, sets, records, log)
  let checking: Promise<void> | null = null

  async function check(): Promise<void> {
    checking ??= engine.masters().then(checkEngine)
    try {
      await checking
    } catch (error) {
      // What could not be asked, or was set meanwhile, is asked again.
      checking = null
      throw error
    }
  }

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

  return {
    name: engine.isCluster ? 'redis-cluster' : 'redis',
    namespace,
    guarantees: { durable: true, shared: true, bounded: false },

    create: (record, conditions = {}, callOptions) =>
      call('create', true, callOptions, async () => {
        const { userId } = record
        if (userId !== null) return await createForUser(sets, records, pause, record, userId, conditions)
        const { outcome } = await records.create(record, null)
        return outcome === 'created' ? { outcome, ended: [] } : { outcome: 'taken' }
      }),

    read: (id, readOptions) => call('read', false, readOptions, () => records.read(id)),

    update: (id, change, conditions = {}, callOptions) =>
      call('update', true, callOptions, () => records.update(id, change, conditions)),

    rotate: (id, rotation, callOptions) =>
      call('rotate', true, callOptions, () => {
        const { ifUserEpoch } = rotation
        if (ifUserEpoch === undefined && rotation.authentication === undefined) return records.rotate(id, rotation)
        return rotateForUser(sets, records, id, rotation)
      }),

    touch: (id, at, touch, callOptions) => call('touch', true, callOptions, () => records.touch(id, at, touch)),

    end: (id, request, callOptions) =>
      call('end', true, callOptions, () => records.end(id, request, { logs: true, bars: false })),

    endUser: (userId, request, callOptions) =>
      call('endUser', true, callOptions, () => endUser(sets, records, log, userId, request)),

    updateUser: (userId, change, callOptions) =>
      call('updateUser', true, callOptions, () => updateUser(sets, records, userId, change)),

    endAll: (request, callOptions) =>
      call('endAll', true, callOptions, async () => {
        await sets.raiseEveryoneEverywhere(String(runtime.now()))
        const count = await sweeper.endAll(request)
        await log.append('all', null, request)
        return count
      }),

    userEpoch: (userId, callOptions) => call('userEpoch', false, callOptions, () => sets.epoch(userId)),

    listUser: (userId, page = {}, callOptions) =>
      call('listUser', false, callOptions, () => listUser(sets, records, userId, page)),

    revocations: (since, { limit = LOG_PAGE_SIZE } = {}, callOptions) =>
      call('revocations', false, callOptions, () => log.since(since, limit)),

    sweep: (now, batch, callOptions) => call('sweep', true, callOptions, () => sweeper.sweep(now, batch)),

    // The client is the application's.
    close: () => Promise.resolve(),
  }
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise<void>((resolve) => {
    runtime.after(milliseconds, resolve, true)
  })
}
