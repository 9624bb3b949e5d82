import { expect, onTestFinished } from 'vitest'
import {
  type Redis,
  SENTINEL_MASTER,
  startRedis,
  startRedisCluster,
  startRedisSentinel,
} from '../../../../scripts/engines.ts'
import { parseStoreUrl, type RedisLocation } from '../../src/config/store-url.ts'

export const SECRET = 'a-secret-of-redis'

/** What the setting makes of an address. */
export function locationOf(url: string): RedisLocation {
  const location = parseStoreUrl(url)
  if (location === null) throw new Error(`${url} is no address of a Redis.`)
  return location
}

/** A Redis of its own with a password, and the address by which a server finds it; both go with the test. */
export async function startedRedis(): Promise<{ readonly redis: Redis; readonly url: string }> {
  const redis = await startRedis({ password: SECRET })
  onTestFinished(redis.stop)
  return { redis, url: `redis://:${SECRET}@127.0.0.1:${redis.port}/1?namespace=test` }
}

export async function startedSentinel() {
  const sentinel = await startRedisSentinel()
  onTestFinished(sentinel.stop)
  return { ...sentinel, url: `redis+sentinel://127.0.0.1:${sentinel.port}/${SENTINEL_MASTER}` }
}

export async function startedCluster() {
  const { ports, nodes, stop } = await startRedisCluster()
  onTestFinished(stop)
  const [first, second] = ports
  // One that is not there among them, as a machine that was taken away since.
  return { nodes, url: `redis+cluster://127.0.0.1:1,127.0.0.1:${first},127.0.0.1:${second}` }
}

/** Waits until the replicas of a master have all that it has acknowledged, so that none of it goes with the master. */
export async function replicated(master: Redis): Promise<void> {
  const isBehind = async () => {
    const state = await master.command('INFO', 'replication')
    const written = /^master_repl_offset:(\d+)/m.exec(state)?.[1]
    const offsets = [...state.matchAll(/^slave\d+:.*\boffset=(\d+)/gm)].map(([, offset]) => offset)
    return offsets.length === 0 || offsets.some((offset) => offset !== written)
  }
  await expect.poll(isBehind, { timeout: 30_000, interval: 100 }).toBe(false)
}
