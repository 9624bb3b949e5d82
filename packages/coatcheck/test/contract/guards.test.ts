// Guards and security headers in each framework, over real sockets.
import { createServer, type ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import express4 from 'express4'
import { Hono } from 'hono'
import { describe, expect, onTestFinished, test } from 'vitest'
import { expressSecurityHeaders, expressSessions } from '../../src/adapters/express.ts'
import { guardResponse, securityHeaders, withSession } from '../../src/adapters/fetch.ts'
import { honoGuard, honoSecurityHeaders, honoSessions, type SessionVariables } from '../../src/adapters/hono.ts'
import { guardNode, nodeSecurityHeaders, nodeSessions } from '../../src/adapters/node.ts'
import { createSessions, type Requirement, type Sessions } from '../../src/index.ts'
import { type ManualClock, manualClock, modelStore, type Received, type Served } from '../../src/testing/index.ts'
import { served } from './adapters/wire.ts'

type Data = Partial<{ role: string }>
type TestSessions = Sessions<Data, { role: string }>
const csp = { 'script-src': ["'nonce'"] }
const pages = { reauthenticate: '/reauth' }

/** What guards each path; `/in` signs in as an editor, `/open` is for all and tells its nonce. */
const guarded: Readonly<Record<string, Requirement<Data>>> = {
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

const expressServer = (framework: typeof express) => (sessions: TestSessions) => {
  const app = framework()
  const web = expressSessions(sessions)
  app.use(expressSecurityHeaders({ csp }))
  app.get('/open', (_, response) => void response.send(response.locals['nonce']))
  app.use(web)
  app.get('/in', (request, response, next) => {
    signIn(sessions, web.of(request)).then((text) => response.send(text), next)
  })
  const router = framework.Router()
  for (const [path, requirement] of Object.entries(guarded)) {
    const target = path === '/edit' ? router : app
    target.all(path, web.guard(requirement, pages), (_, response) => void response.send('let through'))
  }
  app.use('/below', router)
  app.use(router)
  return createServer(app)
}

const servers: Readonly<Record<string, (sessions: TestSessions) => ReturnType<typeof createServer>>> = {
  node: (sessions) => {
    const setHeaders = nodeSecurityHeaders({ csp })
    return createServer(
      nodeSessions(sessions, async (request, response: ServerResponse, open) => {
        const nonce = setHeaders(request, response)
        const path = (request.url ?? '').replace(/\?.*$/, '').replace(/^\/below/, '')
        if (path === '/open') return response.end(nonce)
        if (path === '/in') return response.end(await signIn(sessions, await open()))
        if (await guardNode(await open(), request, response, guarded[path] ?? {}, pages)) response.end('let through')
        return response
      }),
    )
  },
  'express 5': expressServer(express),
  'express 4': expressServer(express4),
  hono: (sessions) => {
    const app = new Hono<{ Variables: SessionVariables<Data> & { nonce: string } }>()
    app.use(honoSecurityHeaders({ csp }))
    app.get('/open', (c) => c.text(c.get('nonce')))
    app.use(honoSessions(sessions))
    app.get('/in', async (c) => c.text(await signIn(sessions, c.get('session'))))
    for (const [path, requirement] of Object.entries(guarded)) {
      for (const at of [path, `/below${path}`]) {
        app.all(at, honoGuard(requirement, pages), (c) => c.text('let through'))
      }
    }
    return createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }))
  },
  fetch: (sessions) => {
    const headersFor = securityHeaders({ csp })
    const handle = withSession(sessions, async (request, open) => {
      const { nonce, apply } = headersFor(request)
      const path = new URL(request.url).pathname.replace(/^\/below/, '')
      if (path === '/open') return apply(new Response(nonce))
      if (path === '/in') return apply(new Response(await signIn(sessions, await open())))
      const refused = await guardResponse(await open(), request, guarded[path] ?? {}, pages)
      return apply(refused ?? new Response('let through'))
    })
    return createServer(getRequestListener(handle, { overrideGlobalObjects: false }))
  },
}

interface Running {
  readonly clock: ManualClock
  readonly at: (path: string, headers?: Record<string, string>) => Promise<Received>
}

async function running(make: (sessions: TestSessions) => ReturnType<typeof createServer>): Promise<Running> {
  const clock = manualClock()
  const keys = 'a-signing-key-of-the-guards-0123456789'
  const sessions: TestSessions = createSessions<{ role: string }>({
    store: modelStore(),
    keys,
    runtime: { now: clock.now },
  })
  const server: Served = await served(make(sessions))
  onTestFinished(() => server.close())
  const signedIn = await server.send({ path: '/in' })
  const cookie = headerOf(signedIn, 'set-cookie')?.split(';')[0] ?? ''
  return { clock, at: (path, headers = {}) => server.send({ path, headers: { cookie, ...headers } }) }
}

const headerOf = ({ headers }: Received, name: string) => headers.find(([one]) => one === name)?.[1]
const HTML = { accept: 'text/html', 'sec-fetch-dest': 'document' }

describe.each(Object.entries(servers))('%s', (_, make) => {
  test('lets through whose session is what is required', async () => {
    const { at } = await running(make)
    for (const path of ['/mine', '/edit', '/fresh', '/check']) {
      const { status, body } = await at(path)
      expect([path, status, body]).toEqual([path, 200, 'let through'])
    }
  })

  test('leads a page to the sign-in and tells a script why, and neither answer may be kept', async () => {
    const { at } = await running(make)
    const page = await at('/below/edit?x=1', { ...HTML, cookie: '' })
    expect([page.status, headerOf(page, 'location'), page.body]).toEqual([
      303,
      '/login?next=%2Fbelow%2Fedit%3Fx%3D1',
      '',
    ])
    const script = await at('/mine', { cookie: '' })
    expect([script.status, JSON.parse(script.body).reason]).toEqual([401, 'signed-out'])
    for (const answer of [page, script]) expect(headerOf(answer, 'cache-control')).toBe('no-store')
  })

  test('forbids what the role does not allow, and asks for a fresh sign-in when the last is old', async () => {
    const { at, clock } = await running(make)
    expect((await at('/admin', HTML)).body).toBe('Forbidden. You may not do this.\n')
    expect(JSON.parse((await at('/admin')).body)).toMatchObject({ status: 403, reason: 'forbidden', role: 'admin' })
    clock.advance('5m')
    const stale = await at('/fresh', HTML)
    expect([stale.status, headerOf(stale, 'location')]).toEqual([303, '/reauth?next=%2Ffresh'])
    expect(JSON.parse((await at('/fresh')).body)).toMatchObject({ status: 401, reason: 'stale', maxAge: 300 })
  })

  test('sends the security headers with every answer, and hands the nonce to the page', async () => {
    const { at } = await running(make)
    const open = await at('/open')
    expect(open.body).toMatch(/^[A-Za-z0-9_-]{22}$/)
    expect(headerOf(open, 'content-security-policy')).toContain(`script-src 'nonce-${open.body}'`)
    expect((await at('/open')).body).not.toBe(open.body)
    for (const answer of [open, await at('/admin'), await at('/mine')]) {
      expect(headerOf(answer, 'content-security-policy')).toContain("object-src 'none'; base-uri 'none'")
      expect(headerOf(answer, 'x-content-type-options')).toBe('nosniff')
      expect(headerOf(answer, 'strict-transport-security')).toBe(undefined)
    }
  })
})
