// `GET /me` on each framework without sessions, and with ours. `POST /sign-in` makes the session that it reads.
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { createSessions, type Session } from 'coatcheck'
import { expressSessions } from 'coatcheck/adapters/express'
import { withSession } from 'coatcheck/adapters/fetch'
import { honoSessions, type SessionVariables } from 'coatcheck/adapters/hono'
import { nodeSessions } from 'coatcheck/adapters/node'
import { memoryStore } from 'coatcheck/stores/memory'
import express, { type Request as ExpressRequest, type Response as ExpressResponse } from 'express'
import { Hono } from 'hono'
import { DOCUMENT } from '../document.ts'
import type { Contenders } from '../server.ts'

type Data = Partial<typeof DOCUMENT>
type Server = ReturnType<typeof createServer>

const BARE = { userId: 'ada', role: DOCUMENT.role }

const makeSessions = () => createSessions<Data>({ store: memoryStore(), keys: randomBytes(32).toString('base64url') })
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

export const contenders: Contenders = {
  'node:http': () => ({ server: createServer((_, response) => sendJson(response, BARE)) }),

  'node:http, Coatcheck'() {
    const sessions = makeSessions()
    const listener = nodeSessions(sessions, async (request: IncomingMessage, response: ServerResponse, open) => {
      const session = await open()
      if (isSignIn(request.url)) await signIn(sessions, session)
      sendJson(response, about(session))
    })
    return { server: createServer(listener) }
  },

  Express() {
    const app = express()
    app.get('/me', (_, response) => {
      response.json(BARE)
    })
    return { server: createServer(app) }
  },

  'Express, Coatcheck'() {
    const sessions = makeSessions()
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

  Hono() {
    const app = new Hono()
    app.get('/me', (c) => c.json(BARE))
    return fetchServer(app.fetch)
  },

  'Hono, Coatcheck'() {
    const sessions = makeSessions()
    const app = new Hono<{ Variables: SessionVariables<Data> }>()
    app.use(honoSessions(sessions))
    app.post('/sign-in', async (c) => {
      await signIn(sessions, c.get('session'))
      return c.json({})
    })
    app.get('/me', (c) => c.json(about(c.get('session'))))
    return fetchServer(app.fetch)
  },

  fetch: () => fetchServer(() => Response.json(BARE)),

  'fetch, Coatcheck'() {
    const sessions = makeSessions()
    return fetchServer(
      withSession(sessions, async (request, open) => {
        const session = await open()
        if (isSignIn(request.url)) await signIn(sessions, session)
        return Response.json(about(session))
      }),
    )
  },
}
