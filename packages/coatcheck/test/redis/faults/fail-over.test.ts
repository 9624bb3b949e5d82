import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { Cluster, Redis as IoRedis } from 'ioredis'
import { createCluster, createSentinel } from 'redis'
import { expect, onTestFinished, test } from 'vitest'
import { SENTINEL_MASTER, startRedisCluster, startRedisSentinel } from '../../../../../scripts/engines.ts'
import type { EndRequest } from '../../../src/core/store/store.ts'
import { OptionError, type SessionRecord, type Store, StoreTimeoutError } from '../../../src/index.ts'
import { type RedisClient, redisStore } from '../../../src/stores/redis.ts'
import { kitOf } from '../../../src/testing/store-contract/kit.ts'

interface Connected {
  readonly client: RedisClient
  readonly close: () => void
}

/** Set as docs/concepts/outages.md says, as those below. */
const CLIENTS: Readonly<Record<string, (port: number) => Promise<Connected>>> = {
  async 'node-redis'(port) {
    const client = createSentinel({
      name: SENTINEL_MASTER,
      sentinelRootNodes: [{ host: '127.0.0.1', port }],
      nodeClientOptions: { disableOfflineQueue: true, socket: { reconnectStrategy: 100 } },
      scanInterval: 500,
      maxCommandRediscovers: 0,
    })
    await client.connect()
    return { client, close: () => client.destroy() }
  },
  async ioredis(port) {
    const client = new IoRedis({
      name: SENTINEL_MASTER,
      sentinels: [{ host: '127.0.0.1', port }],
      enableOfflineQueue: false,
      retryStrategy: () => 100,
      sentinelRetryStrategy: () => 100,
    })
    await once(client, 'ready')
    return { client, close: () => client.disconnect() }
  },
}

const CLUSTER_CLIENTS: Readonly<Record<string, (ports: readonly number[]) => Promise<Connected>>> = {
  async 'node-redis'(ports) {
    const client = createCluster({
      rootNodes: ports.map((port) => ({ url: `redis://127.0.0.1:${port}` })),
      defaults: { disableOfflineQueue: true, socket: { reconnectStrategy: 100 } },
      topologyRefreshOnReconnectionAttemptStrategy: 500,
    })
    await client.connect()
    return { client, close: () => client.destroy() }
  },
  async ioredis(ports) {
    const client = new Cluster(
      ports.map((port) => ({ port, host: '127.0.0.1' })),
      {
        enableOfflineQueue: false,
        clusterRetryStrategy: () => 100,
        maxRedirections: 6,
        retryDelayOnFailover: 0,
        retryDelayOnClusterDown: 0,
      },
    )
    await once(client, 'ready')
    return { client, close: () => client.disconnect() }
  },
}

test.each(Object.entries(CLIENTS))('after a fail-over sessions go on by themselves: %s', async (_, connect) => {
  const sentinel = await startRedisSentinel()
  onTestFinished(sentinel.stop)
  const { client, close } = await connect(sentinel.port)
  onTestFinished(close)
  // An ending is acknowledged when the replica has it.
  const store = redisStore(client, { replicas: 1 })
  const kit = kitOf(store, Date.now())
  const [alive, ended] = [await kit.add({ userId: 'ada' }), await kit.add({ userId: 'ada' })]
  await endForSure(store, ended.id, kit.request())
  await sentinel.master.kill()
  await expect.poll(() => readSoon(store, alive.id), { timeout: 30_000, interval: 100 }).toEqual(alive)
  expect((await kit.stored(ended.id)).ended?.reason).toBe('revoked')
  await kit.add({ userId: 'ada' })
})

test('after a master of a Cluster is gone sessions go on by themselves, with each client', async () => {
  const { ports, nodes, stop } = await startRedisCluster()
  onTestFinished(stop)
  const kits = Object.entries(CLUSTER_CLIENTS).map(async ([namespace, connect]) => {
    const { client, close } = await connect(ports)
    onTestFinished(close)
    const store = redisStore(client, { namespace, replicas: 1 })
    const kit = kitOf(store, Date.now())
    // So many that each master has some.
    const alive = await Promise.all(Array.from({ length: 20 }, () => kit.add()))
    const ended = await kit.add({ userId: 'ada' })
    await endForSure(store, ended.id, kit.request())
    return { store, kit, alive, ended }
  })
  const all = await Promise.all(kits)
  await nodes[0]?.kill()
  for (const { store, kit, alive, ended } of all) {
    const read = async () => await Promise.all(alive.map(({ id }) => readSoon(store, id)))
    await expect.poll(read, { timeout: 30_000, interval: 100 }).toEqual(alive)
    expect((await kit.stored(ended.id)).ended?.reason).toBe('revoked')
    for (let i = 0; i < 20; i++) await kit.add({ userId: `user-${i}` })
  }
}, 60_000)

test('an ending that no replica has is not confirmed, and stands on the master', async () => {
  const sentinel = await startRedisSentinel()
  onTestFinished(sentinel.stop)
  const client = new IoRedis(`redis://127.0.0.1:${sentinel.master.port}`)
  onTestFinished(() => client.disconnect())
  const store = redisStore(client, { replicas: 1 })
  const kit = kitOf(store, Date.now())
  const { id } = await kit.add({ userId: 'ada' })
  sentinel.replica.signal('SIGSTOP')
  onTestFinished(() => sentinel.replica.signal('SIGCONT'))
  const fault: unknown = await store.end(id, kit.request()).catch((error: unknown) => error)
  expect(fault).toBeInstanceOf(StoreTimeoutError)
  expect(fault).toMatchObject({ outcome: 'unknown', operation: 'end' })
  expect((await kit.stored(id)).ended?.reason).toBe('revoked')
  // What can be written again is not waited for.
  await kit.add()
  sentinel.replica.signal('SIGCONT')
  await expect.poll(() => store.end(id, kit.request()).catch(() => null)).toMatchObject({ outcome: 'already' })
})

test.each([-1, 1.5, '1'])('%j replicas are refused', (replicas) => {
  const client = { on: () => undefined, call: async () => null }
  expect(() => redisStore(client, { replicas: replicas as number })).toThrow(OptionError)
})

/** A replica on a busy machine may need longer than the store waits for it; then the ending is said again. */
async function endForSure(store: Store, id: string, request: EndRequest): Promise<void> {
  const isConfirmed = () =>
    store.end(id, request).then(
      () => true,
      () => false,
    )
  await expect.poll(isConfirmed, { timeout: 10_000 }).toBe(true)
}

/** Undefined where the store fails, or has not answered after a second. */
async function readSoon(store: Store, id: string): Promise<SessionRecord | null | undefined> {
  const late = pause(1_000, undefined)
  return await Promise.race([store.read(id).catch(() => undefined), late])
}
