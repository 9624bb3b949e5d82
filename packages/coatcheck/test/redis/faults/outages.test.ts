import { Cluster, Redis as IoRedis } from 'ioredis'
import { createClient } from 'redis'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { startRedis, startRedisCluster } from '../../../../../scripts/engines.ts'
import {
  createSessions,
  OptionError,
  StoreFullError,
  StoreTimeoutError,
  StoreUnavailableError,
} from '../../../src/index.ts'
import { runtime } from '../../../src/runtime/node.ts'
import { type RedisClient, redisStore } from '../../../src/stores/redis.ts'
import { kitOf } from '../../../src/testing/store-contract/kit.ts'

const closing: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

async function started(options: readonly string[] = []) {
  const redis = await startRedis({ options })
  closing.push(redis.stop)
  const client = createClient({
    url: `redis://127.0.0.1:${redis.port}`,
    disableOfflineQueue: true,
    socket: { reconnectStrategy: 50 },
  })
  const store = redisStore(client)
  await client.connect()
  closing.push(() => client.destroy())
  return { redis, client, store, kit: kitOf(store, Date.now()) }
}

describe('a Redis that could forget endings', () => {
  test('is refused with what to set, and taken once it is set', async () => {
    const { redis, store } = await started(['--maxmemory', '20mb', '--maxmemory-policy', 'volatile-lru'])
    await expect(store.read('a')).rejects.toThrow(StoreUnavailableError)
    await expect(store.read('a')).rejects.toThrow(/volatile-lru.*Set `maxmemory-policy noeviction`/)
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    expect(await store.read('a')).toBeNull()
  })

  test('is refused as a Cluster too, also by a client that is not connected yet', async () => {
    const { ports, stop } = await startRedisCluster()
    closing.push(stop)
    for (const port of ports) {
      const one = new IoRedis(port)
      await one.config('SET', 'maxmemory', '40mb')
      await one.config('SET', 'maxmemory-policy', 'allkeys-lru')
      one.disconnect()
    }
    const client = new Cluster(ports.map((port) => ({ port, host: '127.0.0.1' })))
    closing.push(() => client.disconnect())
    const store = redisStore(client)
    await expect(store.create(kitOf(store, Date.now()).record())).rejects.toThrow(/allkeys-lru/)
  })

  test('is taken where its memory has no limit, since it then removes nothing', async () => {
    const { store } = await started(['--maxmemory', '0', '--maxmemory-policy', 'allkeys-lru'])
    expect(await store.read('a')).toBeNull()
  })
})

describe('a Redis that is another one since, as after a fail-over', () => {
  const MINUTE = 60_000

  /** One that is taken at 0 by a clock that is moved by hand. */
  async function taken() {
    const clock = vi.spyOn(runtime, 'now').mockReturnValue(0)
    closing.push(() => clock.mockRestore())
    const all = await started(['--maxmemory', '20mb'])
    expect(await all.store.read('a')).toBeNull()
    const looks = async () => {
      const calls = /^cmdstat_info:calls=(\d+)/m.exec(String(await all.client.sendCommand(['INFO', 'commandstats'])))
      return Number(calls?.[1])
    }
    return { ...all, clock, looks }
  }

  test('is looked at again after a minute, behind a call, and refused from then on while it could forget', async () => {
    const { redis, store, clock, looks } = await taken()
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
    const before = await looks()
    clock.mockReturnValue(MINUTE - 1)
    expect(await Promise.all([store.read('a'), store.read('b')])).toEqual([null, null])
    expect(await looks()).toBe(before + 1)
    clock.mockReturnValue(MINUTE)
    expect(await Promise.all([store.read('a'), store.read('b')])).toEqual([null, null])
    await expect
      .poll(() => store.read('a').then(String, String))
      .toMatch(/allkeys-lru.*Set `maxmemory-policy noeviction`/)
    await expect(store.read('a')).rejects.toThrow(StoreUnavailableError)
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    expect(await store.read('a')).toBeNull()
  })

  test('is looked at by one of many calls, also after the clock was set back', async () => {
    const { store, clock, looks } = await taken()
    for (const now of [MINUTE, -MINUTE]) {
      const before = await looks()
      clock.mockReturnValue(now)
      await Promise.all([store.read('a'), store.read('b')])
      await store.read('c')
      expect(await looks()).toBe(before + 2)
    }
  })

  test('serves on where it does not answer that question any longer', async () => {
    const { redis, store, clock } = await taken()
    await redis.command('ACL', 'SETUSER', 'default', '-info')
    clock.mockReturnValue(MINUTE)
    expect(await store.read('a')).toBeNull()
    expect(await store.read('a')).toBeNull()
  })
})

describe('a Redis that fails', () => {
  test('out of memory it takes no new session, and keeps those that it has', async () => {
    const { redis, store, kit } = await started()
    const record = await kit.add({ userId: 'ada' })
    await redis.command('CONFIG', 'SET', 'maxmemory', '1')
    await expect(store.create(kit.record())).rejects.toThrow(StoreFullError)
    expect(await store.read(record.id)).toEqual(record)
    await redis.command('CONFIG', 'SET', 'maxmemory', '0')
    await kit.add()
  })

  test('asks for a password: the fault says so, and holds none', async () => {
    const { redis, store } = await started()
    await redis.command('CONFIG', 'SET', 'requirepass', 'a-password')
    await redis.command('-a', 'a-password', 'CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    const fault = await store.read('a').catch((error: unknown) => error)
    expect(fault).toBeInstanceOf(StoreUnavailableError)
    expect(JSON.stringify(fault)).not.toContain('a-password')
  })

  test('killed: a read is unavailable, a write of unknown outcome; started again, all goes on by itself', async () => {
    const { redis, store, kit } = await started()
    await kit.add()
    await redis.kill()
    await expect.poll(() => store.read('a').catch((error: unknown) => error)).toBeInstanceOf(StoreUnavailableError)
    const writing = store.create(kit.record())
    await expect(writing).rejects.toBeInstanceOf(StoreTimeoutError)
    await expect(writing).rejects.toMatchObject({ outcome: 'unknown' })
    const again = await startRedis({ port: redis.port })
    closing.push(again.stop)
    // It has lost its scripts with everything else, so they are sent anew.
    await expect.poll(() => store.read('a').catch((error: unknown) => error)).toBeNull()
    await kit.add({ userId: 'ada' })
  })

  test('paused: the first call waits for its limit, the others are refused at once, and all is well by itself', async () => {
    const { redis, store, client } = await started()
    const sessions = createSessions({ store, keys: 'a-signing-key-of-the-outages-0123456789', storeTimeout: '200ms' })
    const session = await sessions.open(new Request('https://app.example/'))
    await session.signIn(await sessions.begin('ada'))
    const cookie = (await sessions.save(session)).cookies.map((line) => line.split(';', 1)[0]).join('; ')
    const open = async () => await sessions.open(new Request('https://app.example/', { headers: { cookie } }))
    redis.signal('SIGSTOP')
    await expect(open()).rejects.toBeInstanceOf(StoreTimeoutError)
    for (let i = 0; i < 1_000; i++) await expect(open()).rejects.toBeInstanceOf(StoreUnavailableError)
    redis.signal('SIGCONT')
    await expect.poll(() => open().then(({ userId }) => userId, String)).toBe('ada')
    // What had been sent before the pause was answered with it: nothing that waits was left behind.
    expect(await client.ping()).toBe('PONG')
  })

  test('what is no client is refused at once', () => {
    for (const client of [null, 'redis://127.0.0.1', { on: () => undefined }]) {
      expect(() => redisStore(client as unknown as RedisClient)).toThrow(OptionError)
    }
  })
})
