// The stores on which the promises are proven: a fresh one for each case, and more instances in the same place.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from 'coatcheck'
import { memoryStore } from 'coatcheck/stores/memory'
import { type RedisClient, redisStore } from 'coatcheck/stores/redis'
import { type SqliteStoreOptions, sqliteStore } from 'coatcheck/stores/sqlite'
import type { PromiseContext, StoreContext } from 'coatcheck/testing'
import { createClient, createCluster } from 'redis'
import { startRedis, startRedisCluster } from '../engines.ts'

export type Fresh = StoreContext & PromiseContext

/** By the names that the table has. */
export const stores: Readonly<Record<string, () => Fresh | Promise<Fresh>>> = {
  memory() {
    const store = memoryStore()
    return {
      store,
      openNamespace: async (namespace) => memoryStore({ namespace }),
      close: () => store.close(),
    }
  },
  sqlite() {
    const folder = mkdtempSync(join(tmpdir(), 'coatcheck-prove-'))
    const opened: Store[] = []
    const open = (options: SqliteStoreOptions = {}) => {
      const store = sqliteStore(join(folder, 'sessions.db'), options)
      opened.push(store)
      return store
    }
    const store = open()
    return {
      store,
      open: async () => open(),
      async reopen() {
        await store.close()
        return open()
      },
      openNamespace: async (namespace) => open({ namespace }),
      async close() {
        for (const store of opened) await store.close()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  },
  redis: () => freshRedis(single),
  'redis-cluster': () => freshRedis(cluster),
}

/** What is started once, at the first case that needs it, and stops when all is proven. */
interface Running {
  readonly client: RedisClient
  readonly stop: () => Promise<void>
}

let namespaces = 0
const running = new Map<() => Promise<Running>, Promise<Running>>()

async function single(): Promise<Running> {
  const redis = await startRedis()
  const client = createClient({ url: `redis://127.0.0.1:${redis.port}` })
  await client.connect()
  return { client, stop: () => client.close().then(redis.stop) }
}

async function cluster(): Promise<Running> {
  const redis = await startRedisCluster()
  const client = createCluster({ rootNodes: redis.ports.map((port) => ({ url: `redis://127.0.0.1:${port}` })) })
  await client.connect()
  return { client, stop: () => client.close().then(redis.stop) }
}

async function freshRedis(start: () => Promise<Running>): Promise<Fresh> {
  const starting = running.get(start) ?? start()
  running.set(start, starting)
  const { client } = await starting
  const namespace = `case ${namespaces++}`
  return {
    logsAgain: start === cluster,
    store: redisStore(client, { namespace }),
    open: async () => redisStore(client, { namespace }),
    reopen: async () => redisStore(client, { namespace }),
    openNamespace: async (other) => redisStore(client, { namespace: `${namespace} ${other}` }),
    start: Date.now(),
  }
}

/** Stops the engines that were started. */
export async function stopEngines(): Promise<void> {
  for (const starting of running.values()) await (await starting).stop()
}
