import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  outageResponse,
  requestSession,
  type SessionHandler,
  securityHeaders,
  withSession,
} from '../../../src/adapters/fetch.ts'
import {
  KeyError,
  SessionEndedError,
  StoreFullError,
  StoreTimeoutError,
  StoreUnavailableError,
} from '../../../src/index.ts'
import { anApp, type Data } from '../core/app.ts'

const URL_OF_APP = 'https://app.example/'

function cookieNames(response: Response): readonly string[] {
  return response.headers.getSetCookie().map((line) => line.slice(0, line.indexOf('=')))
}

/** The answer of a real server, whose headers are immutable. */
async function fetched(status: number, headers: Readonly<Record<string, string | string[]>>, body: string | null) {
  const server = createServer((_, response) => {
    response.writeHead(status, headers)
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })
}

/** Answers a request of a fresh visitor, for whom the handler begins a session. */
async function begun(answer: Response | (() => Response | Promise<Response>)): Promise<Response> {
  const { sessions } = anApp()
  const handle = withSession(sessions, async (_, open) => {
    const session = await open()
    session.data.n = 1
    return typeof answer === 'function' ? await answer() : answer
  })
  return await handle(new Request(URL_OF_APP))
}

describe('a handler that never asks for the session', () => {
  test('costs no store call, also with a cookie, and its answer goes out as it is', async () => {
    const { sessions, signedIn, counting } = anApp()
    const ada = await signedIn()
    counting.reset()
    const response = Response.redirect(URL_OF_APP)
    const handle = withSession(sessions, () => response)
    expect(await handle(ada.request())).toBe(response)
    expect(await handle(new Request(URL_OF_APP))).toBe(response)
    expect(response.headers.has('cache-control')).toBe(false)
    expect(counting.counts()).toEqual({})
  })

  test('is served while the store is out', async () => {
    const { sessions, signedIn, faults } = anApp()
    const ada = await signedIn()
    faults.failBefore('any')
    const handle = withSession(sessions, () => new Response('the public page'))
    expect(await (await handle(ada.request())).text()).toBe('the public page')
  })
})

describe('a handler that asks', () => {
  test('gets one session, however often it asks and at once', async () => {
    const { sessions, signedIn, counting } = anApp()
    const ada = await signedIn()
    counting.reset()
    const handle = withSession(sessions, async (_, open) => {
      const all = await Promise.all([open(), open(), open()])
      expect(new Set(all).size).toBe(1)
      return new Response((await open()).userId)
    })
    expect(await (await handle(ada.request())).text()).toBe('ada')
    expect(counting.counts()).toEqual({ read: 1 })
  })

  test('that stores nothing costs one read with a cookie and none without', async () => {
    const { sessions, signedIn, counting } = anApp()
    const ada = await signedIn()
    counting.reset()
    const handle = withSession(sessions, async (_, open) => new Response((await open()).userId ?? 'nobody'))
    const visitor = await handle(new Request(URL_OF_APP))
    expect(await visitor.text()).toBe('nobody')
    expect([cookieNames(visitor), counting.counts()]).toEqual([[], {}])
    const user = await handle(ada.request())
    expect(user.headers.get('cache-control')).toBe('no-store')
    expect([cookieNames(user), counting.counts()]).toEqual([[], { read: 1 }])
  })

  test('has its changes written and gets the cookies in lines of their own, beside its own', async () => {
    const { sessions, aClient } = anApp()
    const client = aClient()
    await client.visit((session) => {
      session.data.n = 1
    })
    const handle = withSession(sessions, async (_, open) => {
      const session = await open()
      await session.signIn(await sessions.begin('ada'), { keep: ['n'] })
      session.data.role = 'user'
      const headers = new Headers([
        ['set-cookie', 'theme=dark; Path=/'],
        ['set-cookie', 'lang=en; Path=/'],
      ])
      return new Response('hello', { headers })
    })
    const response = client.take(await handle(client.request()))
    expect(cookieNames(response)).toEqual(['theme', 'lang', '__Host-sid', '__Host-vid'])
    expect(response.headers.getSetCookie()[3]).toContain('Max-Age=0')
    expect(await client.visit((session) => ({ ...session.data }))).toEqual({ n: 1, role: 'user' })
  })

  test('tells what it knows of the client', async () => {
    const { sessions } = anApp()
    const handler: SessionHandler<Partial<Data>> = async (_, open) => {
      const session = await open()
      await session.signIn(await sessions.begin('ada'))
      return new Response(JSON.stringify(session.client))
    }
    const client = (request: Request) => ({ address: '192.0.2.7', label: new URL(request.url).pathname })
    const request = new Request(`${URL_OF_APP}phone`, { headers: { 'user-agent': 'Firefox' } })
    const response = await withSession(sessions, handler, { client })(request)
    expect(await response.json()).toEqual({ address: '192.0.2.7', userAgent: 'Firefox', label: '/phone' })
  })
})

describe('an answer', () => {
  test('whose headers can be changed stays the same object', async () => {
    const response = new Response('a')
    expect(await begun(response)).toBe(response)
    expect(cookieNames(response)).toEqual(['__Host-vid'])
  })

  test('that is a redirect keeps status and place', async () => {
    const response = await begun(Response.redirect(`${URL_OF_APP}next`, 307))
    expect([response.status, response.headers.get('location')]).toEqual([307, `${URL_OF_APP}next`])
    expect(cookieNames(response)).toEqual(['__Host-vid'])
  })

  test('that came from another server keeps its status, headers, cookies and body', async () => {
    const headers = { 'set-cookie': ['a=1', 'b=2'], 'x-of': 'the other', 'cache-control': 'public, max-age=60' }
    const response = await begun(() => fetched(418, headers, 'a teapot'))
    expect([response.status, response.statusText, await response.text()]).toEqual([418, "I'm a Teapot", 'a teapot'])
    expect([response.headers.get('x-of'), response.headers.get('cache-control')]).toEqual(['the other', 'no-store'])
    expect(cookieNames(response)).toEqual(['a', 'b', '__Host-vid'])
  })

  test.each([204, 205, 304])('with status %i has no body, and still the cookie', async (status) => {
    const made = await begun(new Response(null, { status }))
    expect([made.status, made.body, cookieNames(made)]).toEqual([status, null, ['__Host-vid']])
  })

  test.each([204, 304])(
    'with status %i from another server has no body either, and still the cookie',
    async (status) => {
      const copied = await begun(() => fetched(status, {}, null))
      expect([copied.status, copied.body, cookieNames(copied)]).toEqual([status, null, ['__Host-vid']])
    },
  )

  test('that streams is neither read nor held up', async () => {
    let pulled = 0
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulled += 1
          controller.enqueue(new TextEncoder().encode(`${pulled};`))
          if (pulled === 3) controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    const response = await begun(new Response(body))
    expect([pulled, response.bodyUsed, response.body]).toEqual([0, false, body])
    expect(await response.text()).toBe('1;2;3;')
  })

  test.each([
    ['no-store', 'no-store'],
    ['private, NO-STORE', 'private, NO-STORE'],
    ['max-age=0,no-store,private', 'max-age=0,no-store,private'],
    ['private, no-cache', 'no-store'],
    ['public, x-no-store', 'no-store'],
    ['no-store-at-all', 'no-store'],
  ])('that says %s goes out with %s', async (given, expected) => {
    const response = await begun(new Response('', { headers: { 'cache-control': given } }))
    expect(response.headers.get('cache-control')).toBe(expected)
  })
})

describe('an error', () => {
  beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => undefined))
  afterEach(() => vi.restoreAllMocks())

  test('of the handler is told and answered with 500, and nothing is written', async () => {
    const { sessions, signedIn, counting } = anApp()
    const ada = await signedIn()
    const thrown = new TypeError('of the application')
    const told: unknown[] = []
    const onError = (error: unknown, request: Request) => told.push(error, request)
    const handle = withSession(
      sessions,
      async (_, open) => {
        const session = await open()
        session.data.n = 5
        throw thrown
      },
      { onError },
    )
    const request = ada.request()
    const response = await handle(request)
    expect([response.status, response.headers.get('content-type')]).toEqual([
      500,
      'application/problem+json; charset=utf-8',
    ])
    const atOnce = withSession(
      sessions,
      () => {
        throw thrown
      },
      { onError },
    )
    expect((await atOnce(request)).status).toBe(500)
    expect(told).toEqual([thrown, request, thrown, request])
    expect(counting.total('update')).toBe(0)
  })

  test('of the handler is written to the console where nobody else is to be told', async () => {
    const thrown = new TypeError('of the application')
    const handle = withSession(anApp().sessions, () => {
      throw thrown
    })
    expect((await handle(new Request(URL_OF_APP))).status).toBe(500)
    expect(vi.mocked(console.error).mock.calls).toEqual([[thrown]])
  })

  test('of the data is a 500: it is no outage', async () => {
    const { sessions } = anApp()
    const told: unknown[] = []
    const handle = withSession(
      sessions,
      async (_, open) => {
        const session = await open()
        session.data['at'] = new Date(0)
        return new Response()
      },
      { onError: (error) => told.push(error) },
    )
    expect((await handle(new Request(URL_OF_APP))).status).toBe(500)
    expect(told).toMatchObject([{ code: 'ERR_DATA', key: 'at' }])
  })

  test('at the commit keeps the headers of the handler’s answer that protect, and no others', async () => {
    const { sessions, signedIn, faults } = anApp()
    const ada = await signedIn()
    const headersFor = securityHeaders()
    const handle = withSession(sessions, async (request, open) => {
      const session = await open()
      session.data.n = 5
      const headers = { 'access-control-allow-origin': 'https://partner.example', etag: '"1"' }
      return headersFor(request).apply(new Response('done', { headers }))
    })
    faults.failBefore('update')
    const { status, headers } = await handle(ada.request())
    expect([status, headers.get('etag')]).toEqual([503, null])
    expect(headers.get('access-control-allow-origin')).toBe('https://partner.example')
    expect(headers.get('content-security-policy')).toContain("default-src 'self'")
  })

  test('that is no fault of the application is not told', async () => {
    const told: unknown[] = []
    const onError = (error: unknown) => told.push(error)
    const handle = withSession(
      anApp().sessions,
      () => {
        throw new SessionEndedError('idle')
      },
      { onError },
    )
    expect((await handle(new Request(URL_OF_APP))).status).toBe(401)
    expect(told).toEqual([])
  })

  test('of the store is answered with 503 at opening, whatever the handler would have said', async () => {
    const { sessions, signedIn, faults } = anApp()
    const ada = await signedIn()
    const handle = withSession(sessions, async (_, open) => new Response((await open()).userId ?? 'nobody'))
    faults.failBefore('read', { times: 1 })
    const response = await handle(ada.request())
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await (await handle(ada.request())).text()).toBe('ada')
  })

  test('of the store at the commit is answered with 503, and repeating the request is safe', async () => {
    const { sessions, signedIn, faults } = anApp()
    const ada = await signedIn()
    const handle = withSession(sessions, async (_, open) => {
      const session = await open()
      session.data.n = 5
      return new Response('done')
    })
    faults.failAfter('update', { times: 1 })
    expect((await handle(ada.request())).status).toBe(503)
    expect(await (await handle(ada.request())).text()).toBe('done')
    expect(await ada.visit((session) => session.data.n)).toBe(5)
  })

  test('of the store after a new token was given out still brings that token: the old one is dead', async () => {
    const { sessions, signedIn, faults } = anApp()
    const ada = await signedIn()
    const handle = withSession(sessions, async (_, open) => {
      const session = await open()
      await session.rotate()
      session.data.n = 5
      return new Response('done')
    })
    faults.failBefore('update', { times: 1 })
    const response = ada.take(await handle(ada.request()))
    expect([response.status, response.headers.get('cache-control')]).toEqual([503, 'no-store'])
    expect(await ada.visit((session) => [session.userId, session.data.n])).toEqual(['ada', undefined])
  })
})

describe('the answer to an outage', () => {
  test.each([
    new StoreUnavailableError('read', 'the store at 10.0.0.1 is out'),
    new StoreTimeoutError('update', 'unknown', 'the store at 10.0.0.1 is slow'),
    new StoreFullError('the store at 10.0.0.1 is full'),
  ])('to $name says when to come again and nothing of the cause', async (error) => {
    const response = outageResponse(error)
    expect(response?.status).toBe(503)
    expect(Object.fromEntries(response?.headers ?? [])).toEqual({
      'content-type': 'application/problem+json; charset=utf-8',
      'retry-after': '5',
      'cache-control': 'no-store',
    })
    const text = (await response?.text()) ?? ''
    expect(JSON.parse(text)).toMatchObject({ type: 'about:blank', title: 'Service Unavailable', status: 503 })
    expect(text).not.toContain('10.0.0.1')
  })

  test.each([
    ['another error of the library', new SessionEndedError('idle')],
    ['an error of options', new KeyError('no key')],
    ['an error of the application', new Error('ERR_STORE_TIMEOUT')],
    ['something with the code alone', { code: 'ERR_STORE_TIMEOUT' }],
    ['nothing', undefined],
  ])('is null for %s', (_, error) => {
    expect(outageResponse(error)).toBeNull()
  })
})

test('the answer of a request that failed gets no security headers, and goes on as it is', () => {
  const failed = Response.error()
  expect(securityHeaders()(new Request(URL_OF_APP)).apply(failed)).toBe(failed)
})

describe("one request's session", () => {
  test('is opened when asked for, and finished with what it changed', async () => {
    const { sessions, aClient, counting } = anApp()
    const client = aClient()
    const access = requestSession(sessions, client.request())
    expect(counting.counts()).toEqual({})
    const session = await access.open()
    expect(await access.open()).toBe(session)
    session.data.n = 1
    client.take(await access.finish(new Response()))
    expect(await client.visit((now) => now.data.n)).toBe(1)
  })

  test('that was never opened leaves the answer alone', async () => {
    const { sessions, aClient } = anApp()
    const response = new Response()
    expect(await requestSession(sessions, aClient().request()).finish(response)).toBe(response)
    expect([...response.headers]).toEqual([])
  })

  test('on an answer with status 500 keeps its data as it was', async () => {
    const { sessions, signedIn } = anApp()
    const ada = await signedIn({ n: 1 })
    const access = requestSession(sessions, ada.request())
    const session = await access.open()
    session.data.n = 2
    await access.finish(new Response(null, { status: 500 }))
    expect(await ada.visit((now) => now.data.n)).toBe(1)
  })
})
