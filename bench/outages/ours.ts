import { createServer, type Server } from 'node:http'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { nodeSessions } from '../../packages/coatcheck/src/adapters/node.ts'
import { createSessions } from '../../packages/coatcheck/src/index.ts'
import { type RedisClient, redisStore } from '../../packages/coatcheck/src/stores/redis.ts'

export interface Contender {
  readonly server: Server
  readonly close: () => void
}

/** Our routes over a client, which is set as docs/concepts/outages.md says. */
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

export const contenders: Readonly<Record<string, (port: number) => Promise<Contender>>> = {
  async 'coatcheck, node-redis'(port) {
    const client = createClient({
      url: `redis://127.0.0.1:${port}`,
      disableOfflineQueue: true,
      socket: { reconnectStrategy: 500 },
    })
    client.on('error', () => undefined)
    await client.connect()
    return served(client, () => client.destroy())
  },
  async 'coatcheck, ioredis'(port) {
    const client = new Redis(port, '127.0.0.1', { enableOfflineQueue: false, retryStrategy: () => 500 })
    client.on('error', () => undefined)
    await new Promise((resolve) => client.once('ready', resolve))
    return served(client, () => client.disconnect())
  },
}
