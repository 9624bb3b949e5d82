import type { Cluster, Redis, RedisOptions } from 'ioredis'
import type { RedisLocation } from '../config/store-url.ts'

/** Less than the library waits for a call, so that what is gone is known by then. In milliseconds. */
const CONNECTING = 800
/** More than that, so that an answer that comes late is the library's to judge. */
const ANSWERING = 2_000
/** A connection on which an answer is waited for and nothing comes is given up, since some networks say nothing when a machine is gone. */
const SILENCE = 3_000
const PAUSE = 100
/** A connection that was ended waits so long for the other side to end it, too. */
const ENDING = 100
/** A command follows its key to another machine, or waits while that is on its way, so often. */
const REDIRECTIONS = 6

export type RedisClient = Redis | Cluster

const again = () => PAUSE

/**
 * Nothing waits for a connection: what cannot be sent fails, and what was sent when it was lost is not sent again, since
 * whoever asked has been answered by then. It is connected anew for as long as the process lives.
 */
const COMMON = {
  connectTimeout: CONNECTING,
  disconnectTimeout: ENDING,
  commandTimeout: ANSWERING,
  socketTimeout: SILENCE,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  keepAlive: 10_000,
  connectionName: 'coatcheck',
  // After a fail-over the machine at the other end may be a replica.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
} as const satisfies RedisOptions

/** A client that connects by itself. Loads the package only here: most servers have no Redis. */
export async function makeRedisClient(location: RedisLocation): Promise<RedisClient> {
  const { Cluster: ClusterClient, Redis: Client } = await import('ioredis')
  const { topology, hosts, master, tls, username, password, sentinelPassword, database } = location
  const common = {
    ...COMMON,
    ...(username !== null && { username }),
    ...(password !== null && { password }),
    ...(tls && { tls: {} }),
  }
  if (topology === 'cluster') {
    return new ClusterClient([...hosts], {
      enableOfflineQueue: false,
      clusterRetryStrategy: again,
      slotsRefreshTimeout: CONNECTING,
      maxRedirections: REDIRECTIONS,
      // What a machine that is gone was to answer fails at once, too; where its slots are now is learned from the others.
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
      // By the names that the Cluster tells, for which its certificates are.
      ...(tls && { dnsLookup: (name, found) => found(null, name) }),
      redisOptions: common,
    })
  }
  const alone = { ...common, db: database, enableOfflineQueue: false, retryStrategy: again }
  if (topology === 'single') return new Client({ ...alone, ...hosts[0] })
  return new Client({
    ...alone,
    sentinels: [...hosts],
    name: master ?? '',
    sentinelRetryStrategy: again,
    sentinelCommandTimeout: ANSWERING,
    ...(sentinelPassword !== null && { sentinelPassword }),
    ...(tls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
  })
}
