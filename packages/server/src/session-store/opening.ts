import { sqliteStore } from 'coatcheck/stores/sqlite'
import { isThere } from '../backup/backing-up.ts'
import type { RedisLocation, StoreLocation } from '../config/store-url.ts'
import { type Config, ConfigError } from '../config.ts'
import { type Connection, namingFailures, reasonOf, watchConnection } from './connection.ts'
import type { OpenStore } from './open-store.ts'
import { makeRedisClient, type RedisClient } from './redis-client.ts'
import { codeOfRedis, isLasting, redisTrouble } from './redis-trouble.ts'
import { isOneStore, isSameStore } from './same-store.ts'

/** How long a start waits for a Redis that starts too, in milliseconds. */
const LONGEST = 5_000

/**
 * The sessions of the settings; `database` has them where no Redis is named. While they move, those of both stores.
 * @throws ConfigError where one is out of reach
 */
export async function openStore(
  { store: location, movingFrom = null }: Pick<Config, 'store'> & Partial<Pick<Config, 'movingFrom'>>,
  database: string,
  longest = LONGEST,
): Promise<OpenStore> {
  const own = location ?? ({ topology: 'file', path: database } as const)
  if (movingFrom !== null) await refuseSource(movingFrom, own)
  const to = await openLocation(own, longest)
  if (movingFrom === null) return to
  try {
    const from = await openLocation(movingFrom, longest)
    try {
      if (await isOneStore(from, to)) throw sameStore()
    } catch (error) {
      from.disconnect()
      throw error
    }
    const { movingStore } = await import('coatcheck/stores/moving')
    const disconnect = () => {
      from.disconnect()
      to.disconnect()
    }
    return { store: movingStore({ from: from.store, to: to.store }), system: to.system, disconnect }
  } catch (error) {
    to.disconnect()
    if (!(error instanceof ConfigError)) throw error
    throw new ConfigError(error.message.replaceAll('COATCHECK_STORE_URL', 'COATCHECK_STORE_MOVING_FROM'), {
      cause: error.cause,
    })
  }
}

/** @throws ConfigError where sessions cannot move from there to `own`: a file that is not there is not made */
async function refuseSource(movingFrom: StoreLocation, own: StoreLocation): Promise<void> {
  if (await isSameStore(movingFrom, own)) throw sameStore()
  if (movingFrom.topology !== 'file' || (await isThere(movingFrom.path))) return
  throw new ConfigError(
    `There is no file ${movingFrom.path}, which COATCHECK_STORE_MOVING_FROM says that the sessions move from.`,
  )
}

const sameStore = () =>
  new ConfigError('COATCHECK_STORE_MOVING_FROM names the store that the sessions are in already: leave it away.')

/** The sessions that are there. @throws ConfigError where that is out of reach */
export async function openLocation(location: StoreLocation, longest = LONGEST): Promise<OpenStore> {
  if (location.topology === 'file') {
    return { store: sqliteStore(location.path), system: 'sqlite', disconnect: () => undefined }
  }
  const client = await makeRedisClient(location)
  const connection = watchConnection(client)
  const disconnect = () => client.disconnect()
  try {
    await ready(client, connection, location, longest)
    const { redisStore } = await import('coatcheck/stores/redis')
    const store = namingFailures(redisStore(client, { namespace: location.namespace }), connection)
    // Whether it may hold sessions at all.
    await store.userEpoch('nobody').catch((error: unknown) => Promise.reject(redisTrouble(location, error)))
    return { store, system: 'redis', disconnect }
  } catch (error) {
    disconnect()
    throw error
  }
}

/** @throws ConfigError */
async function ready(
  client: RedisClient,
  connection: Connection,
  location: RedisLocation,
  longest: number,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const failed = (error: unknown) => {
    if (isLasting(codeOfRedis(error))) reject(redisTrouble(location, error))
  }
  const timer = setTimeout(() => {
    reasonOf(connection, location).then((reason) => reject(redisTrouble(location, reason)), reject)
  }, longest)
  client.on('ready', resolve)
  client.on('error', failed)
  try {
    await promise
  } finally {
    clearTimeout(timer)
    client.off('ready', resolve)
    client.off('error', failed)
  }
}
