import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CsrfError, createSessions } from 'coatcheck'
import { memoryStore } from 'coatcheck/stores/memory'
import { Hono } from 'hono'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { Environment } from '../../src/environment.ts'
import type { SessionData } from '../../src/session-data.ts'
import { commitSessions, withSessions } from '../../src/sessions.ts'

/** What Hono's server tells of a connection. */
const CONNECTION = { incoming: { socket: { remoteAddress: '127.0.0.1' } } }

/** Another server, of which answers have headers that cannot be changed. */
async function elsewhere(): Promise<string> {
  const server = createServer((_, answer) => answer.setHeader('set-cookie', ['a=1', 'b=2']).end('from elsewhere'))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

it('an answer that has to be replaced has its own cookies and those of the session, each once', async () => {
  const url = await elsewhere()
  const sessions = createSessions<SessionData>({
    store: memoryStore(),
    keys: 'only-for-this-test-0123456789-abcdefghij',
  })
  const app = new Hono<Environment>()
  app.use(withSessions(sessions))
  app.use(commitSessions)
  app.get('/', async (c) => {
    const session = await c.get('openSession')()
    await session.signIn(await sessions.begin('alice'), { data: { name: 'alice' } })
    return await fetch(url)
  })
  const answer = await app.fetch(new Request('http://localhost/'), CONNECTION)
  expect(await answer.text()).toBe('from elsewhere')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  const names = answer.headers.getSetCookie().map((line) => line.split('=', 1)[0])
  expect(names.toSorted()).toEqual(['a', 'b', 'sid', 'vid'])
})

it.each([
  ['an answer that was kept', {}, 200],
  ['a refusal', { method: 'POST', headers: { origin: 'http://evil.example' } }, 500],
])('keeps no session alive after %s, which is not committed', async (_, init, status) => {
  const sessions = createSessions<SessionData>({
    store: memoryStore(),
    keys: 'only-for-this-test-0123456789-abcdefghij',
  })
  const stop = vi.fn()
  vi.spyOn(sessions.adapter, 'keepAlive').mockReturnValue(stop)
  vi.spyOn(sessions, 'csrfFault').mockImplementation(async (request, { open } = {}) => {
    await open?.()
    return request.method === 'POST' ? new CsrfError('foreign-origin') : null
  })
  const app = new Hono<Environment>()
  app.use(withSessions(sessions))
  app.get('/', (c) => c.text('kept'))
  app.onError((_error, c) => c.text('refused', 500))
  const answer = await app.fetch(new Request('http://localhost/', init), CONNECTION)
  expect([answer.status, stop.mock.calls.length]).toEqual([status, 1])
})
