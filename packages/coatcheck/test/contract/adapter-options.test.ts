import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { Hono } from 'hono'
import { describe, expect, onTestFinished, test } from 'vitest'
import { expressSessions } from '../../src/adapters/express.ts'
import { withSession } from '../../src/adapters/fetch.ts'
import { honoSessions, type SessionVariables } from '../../src/adapters/hono.ts'
import { nodeSessions } from '../../src/adapters/node.ts'
import { createSessions, type Store } from '../../src/index.ts'
import { memoryStore } from '../../src/stores/memory.ts'

type AnySessions = ReturnType<typeof createSessions>
type Send = (path: string, cookie: string) => Promise<unknown>

async function listening(listener: RequestListener): Promise<Send> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return async (path, cookie) =>
    await fetch(`http://localhost:${port}${path}`, { headers: { cookie, connection: 'close' } })
}

const isAdmin = (url = '/') => new URL(url, 'http://any').pathname === '/admin'

/** Each adapter with a handler that asks for its session, and payments and administration read strictly. */
const servers: Readonly<Record<string, (sessions: AnySessions) => Promise<Send>>> = {
  async fetch(sessions) {
    const handle = withSession(sessions, async (_, open) => new Response(String((await open()).userId)), {
      strict: ({ url }) => isAdmin(url),
    })
    return async (path, cookie) => await handle(new Request(`http://localhost${path}`, { headers: { cookie } }))
  },
  node: async (sessions) =>
    await listening(
      nodeSessions(sessions, async (_, response, open) => response.end(String((await open()).userId)), {
        strict: ({ url }) => isAdmin(url),
      }),
    ),
  async express(sessions) {
    const web = expressSessions(sessions, { strict: ({ url }) => isAdmin(url) })
    const app = express().use(web)
    app.use((request, response) => void response.send(String(web.of(request).userId)))
    return await listening(app)
  },
  async hono(sessions) {
    const app = new Hono<{ Variables: SessionVariables<Partial<Record<string, unknown>>> }>()
    app.use(honoSessions(sessions, { strict: ({ req }) => isAdmin(req.raw.url) }))
    app.all('*', (c) => c.text(String(c.get('session').userId)))
    return async (path, cookie) => await app.request(`http://localhost${path}`, { headers: { cookie } })
  },
}

describe.each(Object.entries(servers))('the adapter %s', (_, serve) => {
  test('asks the store itself where the application says so, and not elsewhere', async () => {
    const inner = memoryStore()
    const reads: unknown[] = []
    const store: Store = {
      ...inner,
      async read(id, options) {
        reads.push(options?.strict ?? false)
        return await inner.read(id, options)
      },
    }
    const sessions = createSessions({ store, keys: 'a-signing-key-of-the-adapters-0123456789' })
    const session = await sessions.open(new Request('http://localhost/'))
    await session.signIn(await sessions.begin('ada'))
    const cookie = (await sessions.save(session)).cookies[0]?.split(';')[0] ?? ''
    const send = await serve(sessions)
    for (const path of ['/', '/admin', '/']) await send(path, cookie)
    expect(reads).toEqual([false, true, false])
  })
})

test.each([
  ['expressSessions', (sessions: AnySessions, options: object) => expressSessions(sessions, options)],
  ['honoSessions', (sessions: AnySessions, options: object) => honoSessions(sessions, options)],
  ['nodeSessions', (sessions: AnySessions, options: object) => nodeSessions(sessions, () => undefined, options)],
  ['withSession', (sessions: AnySessions, options: object) => withSession(sessions, () => new Response(), options)],
])('%s refuses an option that it does not know', (name, make) => {
  const sessions = createSessions({ store: memoryStore(), keys: 'a-signing-key-of-the-adapters-0123456789' })
  expect(() => make(sessions, { pasive: () => true })).toThrow(
    `${name}.pasive: there is no such option. Did you mean 'passive'?`,
  )
  expect(() => make(sessions, { passive: () => true, strict: undefined })).not.toThrow()
})
