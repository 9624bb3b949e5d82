// `GET /me` on each framework without sessions, and with ours on each store. `POST /sign-in` makes the session that it reads.
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { createSessions, type Session, type Store } from 'coatcheck'
import { expressSessions } from 'coatcheck/adapters/express'
import { withSession } from 'coatcheck/adapters/fetch'
import { honoSessions, type SessionVariables } from 'coatcheck/adapters/hono'
import { nodeSessions } from 'coatcheck/adapters/node'
import { memoryStore } from 'coatcheck/stores/memory'
import { redisStore } from 'coatcheck/stores/redis'
import express, { type Request as ExpressRequest, type Response as ExpressResponse } from 'express'
import { Hono } from 'hono'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { DOCUMENT } from '../document.ts'
import type { Contenders } from '../server.ts'

type Data = Partial<typeof DOCUMENT>
type Server = ReturnType<typeof createServer>

const BARE = { userId: 'ada', role: DOCUMENT.role }

/** On a machine that others use a process may stand still for longer than the usual second; no outage is measured here. */
const STORE_TIMEOUT = '5s'

const makeSessions = (store: Store) =>
  createSessions<Data>({ store, keys: randomBytes(32).toString('base64url'), storeTimeout: STORE_TIMEOUT })
type Sessions = ReturnType<typeof makeSessions>

async function signIn(sessions: Sessions, session: Session<Data>): Promise<void> {
  await session.signIn(await sessions.begin('ada'), { data: DOCUMENT })
}

const about = (session: Session<Data>) => ({ userId: session.userId, role: session.data.role ?? null })

function sendJson(response: ServerResponse, body: object): void {
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify(body))
}

const fetchServer = (fetch: (request: Request) => Response | Promise<Response>) => ({
  server: createAdaptorServer({ fetch }) as Server,
})

const isSignIn = (url: string | undefined) => url?.endsWith('/sign-in') === true

type Served = { readonly server: Server }

const frameworks: Readonly<Record<string, { readonly bare: () => Served; readonly over: (of: Sessions) => Served }>> = {
  'node:http': {
    bare: () => ({ server: createServer((_, response) => sendJson(response, BARE)) }),
    over(sessions) {
      const listener = nodeSessions(sessions, async (request: IncomingMessage, response: ServerResponse, open) => {
        const session = await open()
        if (isSignIn(request.url)) await signIn(sessions, session)
        sendJson(response, about(session))
      })
      return { server: createServer(listener) }
    },
  },

  Express: {
    bare() {
      const app = express()
      app.get('/me', (_, response) => {
        response.json(BARE)
      })
      return { server: createServer(app) }
    },
    over(sessions) {
      const web = expressSessions(sessions)
      const app = express()
      app.use(web)
      app.post(
        '/sign-in',
        web.handler<ExpressRequest, ExpressResponse>(async (request, response) => {
          await signIn(sessions, request.session)
          response.json({})
        }),
      )
      app.get(
        '/me',
        web.handler<ExpressRequest, ExpressResponse>((request, response) => {
          response.json(about(request.session))
        }),
      )
      return { server: createServer(app) }
    },
  },

  Hono: {
    bare() {
      const app = new Hono()
      app.get('/me', (c) => c.json(BARE))
      return fetchServer(app.fetch)
    },
    over(sessions) {
      const app = new Hono<{ Variables: SessionVariables<Data> }>()
      app.use(honoSessions(sessions))
      app.post('/sign-in', async (c) => {
        await signIn(sessions, c.get('session'))
        return c.json({})
      })
      app.get('/me', (c) => c.json(about(c.get('session'))))
      return fetchServer(app.fetch)
    },
  },

  fetch: {
    bare: () => fetchServer(() => Response.json(BARE)),
    over: (sessions) =>
      fetchServer(
        withSession(sessions, async (request, open) => {
          const session = await open()
          if (isSignIn(request.url)) await signIn(sessions, session)
          return Response.json(about(session))
        }),
      ),
  },
}

interface Place {
  readonly store: Store
  readonly close: () => void
}

const stores: Readonly<Record<string, (redisPort: number) => Place | Promise<Place>>> = {
  Coatcheck: () => ({ store: memoryStore(), close: () => undefined }),
  async 'Coatcheck, node-redis'(redisPort) {
    const client = createClient({ url: `redis://127.0.0.1:${redisPort}` })
    await client.connect()
    return { store: redisStore(client), close: () => client.destroy() }
  },
  'Coatcheck, ioredis'(redisPort) {
    const client = new Redis(redisPort, '127.0.0.1')
    return { store: redisStore(client), close: () => client.disconnect() }
  },
}

export const contenders: Contenders = Object.fromEntries(
  Object.entries(frameworks).flatMap(([framework, { bare, over }]) => [
    [framework, bare],
    ...Object.entries(stores).map(([name, open]): [string, Contenders[string]] => [
      `${framework}, ${name}`,
      async (redisPort) => {
        const { store, close } = await open(redisPort)
        return { ...over(makeSessions(store)), close: async () => close() }
      },
    ]),
  ]),
)
