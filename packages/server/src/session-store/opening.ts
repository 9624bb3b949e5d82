import type { Store, StoreMarks } from 'coatcheck'
import { sqliteStore } from 'coatcheck/stores/sqlite'
import type { RedisLocation } from '../config/store-url.ts'
import type { Config } from '../config.ts'
import { makeRedisClient, type RedisClient } from './redis-client.ts'
import { codeOfRedis, isLasting, redisTrouble } from './redis-trouble.ts'

/** How long a start waits for a Redis that starts too, in milliseconds. */
const LONGEST = 5_000

export interface OpenStore {
  readonly store: Store & StoreMarks
  /** What OpenTelemetry calls the engine. */
  readonly system: 'sqlite' | 'redis'
  /** Call it when the store is closed. */
  readonly disconnect: () => void
}

/** The sessions of the settings; `database` has them where no Redis is named. @throws ConfigError where that is out of reach */
export async function openStore(
  { store: location }: Pick<Config, 'store'>,
  database: string,
  longest = LONGEST,
): Promise<OpenStore> {
  if (location === null) return { store: sqliteStore(database), system: 'sqlite', disconnect: () => undefined }
  const client = await makeRedisClient(location)
  const disconnect = () => client.disconnect()
  try {
    await ready(client, location, longest)
    const { redisStore } = await import('coatcheck/stores/redis')
    const store = redisStore(client, { namespace: location.namespace })
    // Whether it may hold sessions at all.
    await store.userEpoch('nobody').catch((error: unknown) => Promise.reject(redisTrouble(location, error)))
    return { store, system: 'redis', disconnect }
  } catch (error) {
    disconnect()
    throw error
  }
}

/** @throws ConfigError */
async function ready(client: RedisClient, location: RedisLocation, longest: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let last: unknown = null
  const failed = (error: unknown) => {
    last = error
    if (isLasting(codeOfRedis(error))) reject(redisTrouble(location, error))
  }
  const timer = setTimeout(() => reject(redisTrouble(location, last)), longest)
  client.on('ready', resolve)
  client.on('error', failed)
  try {
    await promise
  } finally {
    clearTimeout(timer)
    client.off('ready', resolve)
    // Somebody has to listen for as long as it lives, or an error would end the process.
    client.on('error', () => undefined)
    client.off('error', failed)
  }
}
