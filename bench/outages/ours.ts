import { createServer, type Server } from 'node:http'
import { Cluster, Redis } from 'ioredis'
import { createClient, createCluster, createSentinel } from 'redis'
import { nodeSessions } from '../../packages/coatcheck/src/adapters/node.ts'
import { createSessions } from '../../packages/coatcheck/src/index.ts'
import { type RedisClient, redisStore } from '../../packages/coatcheck/src/stores/redis.ts'
import { makeRedisClient } from '../../packages/server/src/session-store/redis-client.ts'
import type { Address } from './places.ts'

export interface Contender {
  readonly server: Server
  readonly close: () => void
}

/** Our routes over a client. */
function served(client: RedisClient, close: () => void): Contender {
  const sessions = createSessions<{ n: number }>({
    store: redisStore(client),
    keys: 'a-signing-key-of-the-bench-0123456789abc',
    csrf: 'unprotected',
  })
  const listener = nodeSessions(
    sessions,
    async (request, response, open) => {
      const session = await open()
      if (request.url === '/sign-in') await session.signIn(await sessions.begin('ada'))
      if (request.url === '/write') session.data.n = (session.data.n ?? 0) + 1
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ userId: session.userId }))
    },
    { onError: () => undefined },
  )
  return { server: createServer(listener), close }
}

const HOST = '127.0.0.1'
const hostsOf = ({ ports }: Address) => ports.map((port) => ({ host: HOST, port }))

/** As docs/concepts/outages.md says. */
async function nodeRedis(address: Address) {
  const client = madeNodeRedis(address)
  client.on('error', () => undefined)
  await client.connect()
  return client
}

function madeNodeRedis(address: Address) {
  const options = { disableOfflineQueue: true, socket: { reconnectStrategy: 100 } } as const
  const sockets = hostsOf(address).map((socket) => ({ socket }))
  const [socket] = sockets
  switch (address.topology) {
    case 'single':
      return createClient({ ...options, socket: { ...options.socket, ...socket?.socket } })
    case 'sentinel':
      return createSentinel({
        name: address.master,
        sentinelRootNodes: hostsOf(address),
        nodeClientOptions: options,
        scanInterval: 500,
        maxCommandRediscovers: 0,
      })
    case 'cluster':
      return createCluster({
        rootNodes: sockets,
        defaults: options,
        topologyRefreshOnReconnectionAttemptStrategy: 500,
      })
  }
}

/** As docs/concepts/outages.md says. */
function ioRedis(address: Address) {
  const again = () => 100
  const options = { enableOfflineQueue: false, retryStrategy: again } as const
  const [host] = hostsOf(address)
  switch (address.topology) {
    case 'single':
      return new Redis({ ...options, ...host })
    case 'sentinel':
      return new Redis({ ...options, name: address.master, sentinels: hostsOf(address), sentinelRetryStrategy: again })
    case 'cluster':
      return new Cluster(hostsOf(address), {
        enableOfflineQueue: false,
        clusterRetryStrategy: again,
        maxRedirections: 6,
        retryDelayOnFailover: 0,
        retryDelayOnClusterDown: 0,
      })
  }
}

async function ready(client: Redis | Cluster): Promise<Contender> {
  client.on('error', () => undefined)
  await new Promise((resolve) => client.once('ready', resolve))
  return served(client, () => client.disconnect())
}

export const contenders: Readonly<Record<string, (address: Address) => Promise<Contender>>> = {
  async 'coatcheck, node-redis'(address) {
    const client = await nodeRedis(address)
    return served(client, () => void client.destroy())
  },
  'coatcheck, ioredis': async (address) => await ready(ioRedis(address)),
  /** The client of the session server. */
  "coatcheck's server": async (address) =>
    await ready(
      await makeRedisClient({
        topology: address.topology,
        tls: false,
        hosts: hostsOf(address),
        master: address.master,
        username: null,
        password: null,
        sentinelPassword: null,
        database: 0,
        namespace: 'default',
      }),
    ),
}
