import { Cluster, Redis as IoRedis } from 'ioredis'
import { createClient, createClientPool, createCluster, createSentinel } from 'redis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { OptionError } from '../../../../src/index.ts'
import { engineOf, type RedisClient } from '../../../../src/stores/redis/clients.ts'

const HERE = { host: '127.0.0.1', port: 1 }
/** None of them connects. */
const asleep = { lazyConnect: true }
const sentinel = { name: 'main', sentinelRootNodes: [HERE] }
const cluster = { rootNodes: [{ socket: HERE }] }

/** Every client with these options where its package has a place for them. */
const clients = {
  'node-redis': (options) => createClient(options),
  'node-redis, Cluster': (options) => createCluster({ ...cluster, ...options }),
  'node-redis, Sentinel': (options) => createSentinel({ ...sentinel, ...options }),
  ioredis: (options) => new IoRedis({ ...asleep, ...options }),
  'ioredis, Cluster': (options) => new Cluster([HERE], { ...asleep, ...options }),
  'ioredis, Cluster by its machines': (options) => new Cluster([HERE], { ...asleep, redisOptions: options }),
} satisfies Record<string, (options: { readonly keyPrefix?: string }) => RedisClient>

describe.each(Object.entries(clients))('a client of %s', (_, make) => {
  test('that puts something before keys is refused: patterns, replies and channels would be without it', () => {
    const client = make({ keyPrefix: 'app:' })
    expect(() => engineOf(client)).toThrow(OptionError)
    expect(() => engineOf(client)).toThrow(/^client: .*without `keyPrefix`.*`namespace`/)
  })

  test('that does not is taken', () => {
    expect(engineOf(make({}))).toHaveProperty('send')
    expect(engineOf(make({ keyPrefix: '' }))).toHaveProperty('send')
  })
})

test('a pool is refused, since it sends what belongs together by several connections', () => {
  const pool = createClientPool({ socket: HERE })
  onTestFinished(() => pool.destroy())
  expect(() => engineOf(pool as unknown as RedisClient)).toThrow(OptionError)
  expect(() => engineOf(pool as unknown as RedisClient)).toThrow(/^client: .*no pool/)
})
