import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage, request } from 'node:http'
import { connect, createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test, vi } from 'vitest'
import {
  attachSession,
  type NodeRequest,
  type NodeResponse,
  nodeSessions,
  requestLike,
} from '../../../../src/adapters/node.ts'
import { anApp } from '../../core/app.ts'

const asked = (headers: Readonly<Record<string, string>>, url = '/hooks') =>
  requestLike({ method: 'POST', url, headers, socket: {} }).url

test('the URL is made of a host that is one, and of the path as it came', () => {
  for (const host of ['localhost', 'LOCALHOST:8080', 'app_1:80', '127.0.0.1:3000', '[::1]:80', 'shop.example.']) {
    expect(asked({ host }, '/a?b')).toBe(`http://${host}/a?b`)
  }
  for (const host of ['', 'x/hooks?', 'x/', 'x#', 'x\\', 'a@b', 'a b', ':80', 'x:', 'x:y', '[::1', 'x, y']) {
    expect(asked({ host })).toBe('http://invalid/hooks')
  }
  expect(asked({})).toBe('http://invalid/hooks')
})

test('a target in absolute form names the host, and its scheme is nobody’s word', () => {
  expect(asked({ host: 'other:1' }, 'http://localhost:3000/a?b')).toBe('http://localhost:3000/a?b')
  expect(asked({ host: 'other:1' }, 'HTTPS://localhost')).toBe('http://localhost/')
  expect(asked({ host: 'localhost' }, 'http://localhost?x')).toBe('http://localhost/?x')
  for (const url of ['http:///a', 'http://user@localhost/a', 'http://x\\y/a', 'http://[::1/a']) {
    expect(asked({ host: 'localhost' }, url)).toMatch(/^http:\/\/invalid\//)
  }
  // What begins with no slash must not become a part of the host.
  expect(asked({ host: 'localhost' }, '.evil.example/')).toBe('http://localhost/.evil.example/')
  expect(asked({ host: 'localhost' }, '*')).toBe('http://localhost/*')
})

test('a request whose target is a whole URL, as by way of a proxy, has its session', async () => {
  const { sessions } = anApp({ csrf: { exempt: ['/hook'] } })
  const server = createHttpServer(
    nodeSessions(sessions, async (_request, response, open) => {
      const { data } = await open()
      data.n = (data.n ?? 0) + 1
      response.end(String(data.n))
    }),
  ).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  let cookie = ''
  const visit = async (path: string, method = 'GET', origin?: string) => {
    const headers = { host: `localhost:${port}`, cookie, connection: 'close', ...(origin && { origin }) }
    const [answer] = (await once(request({ port, host: '127.0.0.1', path, method, headers }).end(), 'response')) as [
      IncomingMessage,
    ]
    cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? cookie
    return await text(answer)
  }
  const whole = `http://localhost:${port}/`
  const own = `http://localhost:${port}`
  expect([await visit('/'), await visit('/'), await visit(whole), await visit(whole, 'POST', own)]).toEqual([
    '1',
    '2',
    '3',
    '4',
  ])
  expect(await visit(`${own}/hook?x`, 'POST', 'http://evil.example')).toBe('5')
})

test('over HTTP/2 the host is the authority, and a page of ours may change the session', async () => {
  const { sessions } = anApp()
  const server = createServer(
    nodeSessions(sessions, async (_request, response, open) => {
      const session = await open()
      session.data.n = 1
      response.end('changed')
    }) as unknown as Parameters<typeof createServer>[1],
  ).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const client = connect(`http://localhost:${port}`)
  onTestFinished(() => client.close())
  const post = async (origin: string) => {
    const stream = client.request({ ':method': 'POST', ':path': '/', origin })
    const status = new Promise((resolve) =>
      stream.once('response', (headers) => resolve([headers[':status'], headers['set-cookie']?.length ?? 0])),
    )
    stream.end()
    return [await status, await text(stream)]
  }
  expect(await post(`http://localhost:${port}`)).toEqual([[200, 1], 'changed'])
  expect((await post('https://evil.example'))[0]).toEqual([403, 0])
})

/** What a framework of its own says to a visitor whose session cannot be saved. */
async function unsaved(options: { readonly onError?: (error: unknown, request: NodeRequest) => void }) {
  const { sessions } = anApp()
  const server = createHttpServer(async (request, response) => {
    const { open } = attachSession(sessions, request, response as NodeResponse, options)
    Reflect.set((await open()).data, 'at', new Date(0))
    response.end('saved, says the handler')
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const answer = await fetch(`http://127.0.0.1:${port}/cart`, { headers: { connection: 'close' } })
  return { status: answer.status, body: await answer.text() }
}

test('with a framework of its own, a commit that fails is told on the console', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  onTestFinished(() => log.mockRestore())
  expect(await unsaved({})).toMatchObject({ status: 500, body: expect.not.stringContaining('saved') })
  expect(log.mock.calls).toEqual([[expect.objectContaining({ code: 'ERR_DATA', path: 'at' })]])
})

test('with a framework of its own, a commit that fails is told to the listener', async () => {
  const told: unknown[] = []
  expect(await unsaved({ onError: (error, { url }) => told.push([error, url]) })).toMatchObject({ status: 500 })
  expect(told).toEqual([[expect.objectContaining({ code: 'ERR_DATA' }), '/cart']])
})
