// An application with guards and security headers in each framework, served over real sockets.
import { createServer, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import express4 from 'express4'
import { Hono } from 'hono'
import { onTestFinished } from 'vitest'
import { expressSecurityHeaders, expressSessions } from '../../../src/adapters/express.ts'
import { guardResponse, securityHeaders, withSession } from '../../../src/adapters/fetch.ts'
import { honoGuard, honoSecurityHeaders, honoSessions, type SessionVariables } from '../../../src/adapters/hono.ts'
import { guardNode, type NodeRequest, nodeSecurityHeaders, nodeSessions } from '../../../src/adapters/node.ts'
import { createSessions, type Requirement, type Sessions } from '../../../src/index.ts'
import { type ManualClock, manualClock, modelStore, type Received, type Served } from '../../../src/testing/index.ts'
import { served } from './wire.ts'

type Data = Partial<{ role: string }>
type TestSessions = Sessions<Data, { role: string }>
const csp = { 'script-src': ["'nonce'"] }

interface Secured {
  readonly secure: true | typeof isForwarded
}

/** As behind a proxy of one's own, which always sets this header. */
export function isForwarded({ headers }: Pick<NodeRequest, 'headers'> | Request): boolean {
  return (headers instanceof Headers ? headers.get('x-forwarded-proto') : headers['x-forwarded-proto']) === 'https'
}

const pages = { reauthenticate: '/reauth' }

/** What guards each path; `/in` signs in as an editor, `/open` is for all and tells its nonce. */
const requirements: Readonly<Record<string, Requirement<Data>>> = {
  '/mine': {},
  '/edit': { role: 'editor' },
  '/admin': { role: 'admin' },
  '/fresh': { fresh: { maxAge: '5m' } },
  '/check': { where: ({ userId }) => userId === 'ada' },
}

async function signIn(sessions: TestSessions, session: Awaited<ReturnType<TestSessions['open']>>): Promise<string> {
  await session.signIn(await sessions.begin('ada'), { data: { role: 'editor' } })
  return 'in'
}

const expressServer = (framework: typeof express) => (sessions: TestSessions, secured?: Secured) => {
  const app = framework()
  const web = expressSessions(sessions)
  app.use(expressSecurityHeaders({ csp, ...secured }))
  app.get('/open', (_, response) => void response.send(response.locals['nonce']))
  app.use(web)
  app.get('/in', (request, response, next) => {
    signIn(sessions, web.of(request)).then((text) => response.send(text), next)
  })
  const router = framework.Router()
  for (const [path, requirement] of Object.entries(requirements)) {
    const target = path === '/edit' ? router : app
    target.all(path, web.guard(requirement, pages), (_, response) => void response.send('let through'))
  }
  app.use('/below', router)
  app.use(router)
  return createServer(app)
}

type MakeServer = (sessions: TestSessions, secured?: Secured) => ReturnType<typeof createServer>

export const guardedServers: Readonly<Record<string, MakeServer>> = {
  node: (sessions, secured) => {
    const setHeaders = nodeSecurityHeaders({ csp, ...secured })
    return createServer(
      nodeSessions(sessions, async (request, response: ServerResponse, open) => {
        const nonce = setHeaders(request, response)
        const path = (request.url ?? '').replace(/\?.*$/, '').replace(/^\/below/, '')
        if (path === '/open') return response.end(nonce)
        if (path === '/in') return response.end(await signIn(sessions, await open()))
        if (await guardNode(await open(), request, response, requirements[path] ?? {}, pages))
          response.end('let through')
        return response
      }),
    )
  },
  'express 5': expressServer(express),
  'express 4': expressServer(express4),
  hono: (sessions, secured) => {
    const app = new Hono<{ Variables: SessionVariables<Data> & { nonce: string } }>()
    app.use(honoSecurityHeaders({ csp, ...secured }))
    app.get('/open', (c) => c.text(c.get('nonce')))
    app.use(honoSessions(sessions))
    app.get('/in', async (c) => c.text(await signIn(sessions, c.get('session'))))
    for (const [path, requirement] of Object.entries(requirements)) {
      for (const at of [path, `/below${path}`]) {
        app.all(at, honoGuard(requirement, pages), (c) => c.text('let through'))
      }
    }
    return createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }))
  },
  fetch: (sessions, secured) => {
    const headersFor = securityHeaders({ csp, ...secured })
    const handle = withSession(sessions, async (request, open) => {
      const { nonce, apply } = headersFor(request)
      const path = new URL(request.url).pathname.replace(/^\/below/, '')
      if (path === '/open') return apply(new Response(nonce))
      if (path === '/in') return apply(new Response(await signIn(sessions, await open())))
      const refused = await guardResponse(await open(), request, requirements[path] ?? {}, pages)
      return apply(refused ?? new Response('let through'))
    })
    return createServer(getRequestListener(handle, { overrideGlobalObjects: false }))
  },
}

interface Running {
  readonly clock: ManualClock
  readonly at: (path: string, headers?: Record<string, string>) => Promise<Received>
}

/** `tls`: its sockets say that they are encrypted, as those of a TLS server do. */
export async function guarded(
  make: (sessions: TestSessions) => ReturnType<typeof createServer>,
  { tls = false }: { readonly tls?: boolean } = {},
): Promise<Running> {
  const clock = manualClock()
  const keys = 'a-signing-key-of-the-guards-0123456789'
  const sessions: TestSessions = createSessions<{ role: string }>({
    store: modelStore(),
    keys,
    runtime: { now: clock.now },
  })
  const listening = make(sessions)
  if (tls) listening.on('connection', (socket: Socket) => Object.assign(socket, { encrypted: true }))
  const server: Served = await served(listening)
  onTestFinished(() => server.close())
  const signedIn = await server.send({ path: '/in' })
  const cookie = headerOf(signedIn, 'set-cookie')?.split(';')[0] ?? ''
  return { clock, at: (path, headers = {}) => server.send({ path, headers: { cookie, ...headers } }) }
}

export const headerOf = ({ headers }: Received, name: string) => headers.find(([one]) => one === name)?.[1]
