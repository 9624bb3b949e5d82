/// <reference path="../../../contract/adapters/express4.d.ts" />
import type { IncomingMessage, ServerResponse } from 'node:http'
import express from 'express'
import express4 from 'express4'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { expressSessions } from '../../../../src/adapters/express.ts'
import { answerProblem, attachSession, nodeSecurityHeaders, nodeSessions } from '../../../../src/adapters/node.ts'
import { StoreUnavailableError } from '../../../../src/index.ts'
import { anApp } from '../../core/app.ts'
import { serve, serves } from './apps.ts'

const invalid: Readonly<Record<string, (response: ServerResponse) => void>> = {
  'a chunk that is none, at the end': (response) => Reflect.apply(response.end, response, [12345]),
  'a chunk that is none': (response) => {
    Reflect.apply(response.write, response, [undefined])
    response.end()
  },
  'no status': (response) => {
    Reflect.set(response, 'statusCode', undefined)
    response.end('x')
  },
  'a status out of range': (response) => {
    response.writeHead(1000)
    response.end('x')
  },
  'a status message that cannot be sent': (response) => {
    response.statusMessage = 'café ✓'
    response.end('x')
  },
  'a header that cannot be sent': (response) => {
    response.writeHead(200, { 'x-name': 'a\nb' })
    response.end('x')
  },
}

describe.each(Object.entries(serves))('over %s', (_, serveOn) => {
  test.each(Object.entries(invalid))(
    '%s is a 500, also where the session has to be written first',
    async (_name, say) => {
      const app = anApp()
      const faults: unknown[] = []
      const send = await serveOn(
        app,
        async (open, response, request) => {
          const session = await open()
          if (request.url === '/write') session.data.n = 1
          else expect(session.userId).toBe(null)
          say(response)
        },
        faults,
      )
      for (const path of ['/read', '/write']) {
        const answer = await send({ path })
        expect([path, answer.status, answer.complete]).toEqual([path, 500, true])
      }
      expect(faults).toHaveLength(2)
    },
  )

  test('a chunk that is none breaks off an answer whose head has left', async () => {
    const app = anApp()
    const faults: unknown[] = []
    const send = await serveOn(
      app,
      async (open, response) => {
        const session = await open()
        session.data.n = 1
        response.write('begun')
        Reflect.apply(response.write, response, [undefined])
      },
      faults,
    )
    expect((await send({}).catch(() => ({ complete: false }))).complete).toBe(false)
    expect(faults).toHaveLength(1)
  })

  test('a chunk that is none breaks off an answer that ends after a late write', async () => {
    const app = anApp()
    const faults: unknown[] = []
    const send = await serveOn(
      app,
      async (open, response) => {
        const session = await open()
        expect(session.userId).toBe(null)
        response.write('begun')
        session.data.n = 1
        Reflect.apply(response.end, response, [12345])
      },
      faults,
    )
    expect((await send({}).catch(() => ({ complete: false }))).complete).toBe(false)
    expect(faults).toHaveLength(1)
  })

  test('the head is what the handler had said when it began to answer, and is settled from then on', async () => {
    const app = anApp()
    const thrown: unknown[] = []
    const send = await serveOn(app, async (open, response, request) => {
      const session = await open()
      if (request.url === '/write') session.data.n = 1
      else expect(session.userId).toBe(null)
      response.setHeader('x-before', '1')
      response.write('a')
      response.statusCode = 500
      for (const change of [
        () => response.setHeader('x-after', '1'),
        () => response.appendHeader('x-after', '1'),
        () => response.removeHeader('x-before'),
        () => response.writeHead(202),
      ]) {
        try {
          change()
        } catch (error) {
          thrown.push(Reflect.get(Object(error), 'code'))
        }
      }
      response.end('b')
    })
    for (const path of ['/read', '/write']) {
      const { status, headers, body } = await send({ path })
      expect([status, body]).toEqual([200, 'ab'])
      const own = headers.filter(([name]) => name.startsWith('x-') && name !== 'x-powered-by')
      expect(own).toEqual([['x-before', '1']])
    }
    expect(thrown).toEqual(Array(8).fill('ERR_HTTP_HEADERS_SENT'))
    expect(app.events.filter(({ type }) => type === 'created')).toHaveLength(1)
  })

  test('where the status is set when the head has left, it no longer drops what is written', async () => {
    const app = anApp()
    const ada = await app.signedIn()
    const { cookie = '' } = Object.fromEntries(ada.request().headers)
    const send = await serveOn(app, async (open, response) => {
      const session = await open()
      expect(session.userId).toBe('ada')
      response.write('a')
      response.statusCode = 500
      session.data.n = 1
      response.end('b')
    })
    const answer = await send({ headers: { cookie: cookie.replace('__Host-', '') } })
    expect([answer.status, answer.body]).toEqual([200, 'ab'])
    expect(await ada.visit((session) => session.data.n)).toBe(1)
  })
})

test('over node, an answer that does not wait for its session is a 503 where the store fails', async () => {
  const app = anApp()
  const ada = await app.signedIn()
  const cookie = (ada.request().headers.get('cookie') ?? '').replace('__Host-', '')
  const send = await serves['node']!(app, (open, response) => {
    open().catch(() => null)
    response.end('hello')
  })
  expect((await send({ headers: { cookie } })).body).toBe('hello')
  app.faults.failBefore('read', { times: 2 })
  expect((await send({ headers: { cookie } })).status).toBe(503)
  app.faults.heal()
  expect((await send({ headers: { cookie } })).body).toBe('hello')
})

test('what answers in its place and throws costs its own answer alone', async () => {
  const app = anApp()
  const told = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  onTestFinished(() => told.mockRestore())
  const fault = new Error('thrown in place of an answer')
  const send = await serve(async (request, response) => {
    const { open } = attachSession(app.sessions, request, response, {}, () => {
      throw fault
    })
    const session = await open()
    if (request.url === '/bad') Reflect.set(session.data, 'n', new Date(0))
    response.end('answered')
  })
  expect(await send({ path: '/bad' }).catch(() => 'broken off')).toBe('broken off')
  expect(told.mock.calls).toEqual([[fault]])
  expect((await send({ path: '/good' })).body).toBe('answered')
})

test('a listener of errors that throws costs nothing but its own report', async () => {
  const told = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  onTestFinished(() => told.mockRestore())
  const listener = nodeSessions(
    anApp().sessions,
    () => {
      throw new Error('the handler failed')
    },
    {
      onError: (error) => {
        throw error
      },
    },
  )
  expect((await (await serve(listener))({})).status).toBe(500)
  expect(told).toHaveBeenCalledOnce()
})

describe.each(Object.entries({ 'express 5': express, 'express 4': express4 }))('over %s', (_, framework) => {
  const ours = { 'content-security-policy': "default-src 'self'", 'access-control-allow-origin': 'https://a.example' }

  test.each(['/bad', '/throw', '/out', '/late'])(
    'a failure at %s keeps what was set before, and nothing of its handler',
    async (path) => {
      const { sessions, signedIn, faults } = anApp()
      const ada = await signedIn()
      const web = expressSessions(sessions)
      const app = framework()
      app.use((_request: unknown, response: express.Response, next: () => void) => {
        response.set({ ...ours, 'x-request-id': '7', vary: 'Accept-Encoding', 'set-cookie': 'before=1' })
        next()
      })
      app.use(web)
      app.use((request: express.Request, response: express.Response, next: (error: unknown) => void) => {
        const session = web.of(request)
        if (path === '/bad') Reflect.set(session.data, 'n', new Date(0))
        else session.data.n = 1
        response.set({
          'x-of': 'the handler',
          'x-request-id': '8',
          'set-cookie': 'handler=1',
          'content-type': 'text/html',
        })
        if (path === '/throw') return next(new StoreUnavailableError('update', 'out'))
        faults.failBefore('update')
        if (path === '/late') response.write('begun')
        return response.end('done')
      })
      app.use((error: unknown, _request: unknown, response: express.Response, _next: unknown) => {
        answerProblem(response, error)
      })
      const send = await serve(app)
      const { cookie = '' } = Object.fromEntries(ada.request().headers)
      const answer = await send({ path, headers: { cookie: cookie.replace('__Host-', '') } })
      const headers = Object.fromEntries(answer.headers)
      expect([answer.status, answer.body.includes('done')]).toEqual([path === '/bad' ? 500 : 503, false])
      expect(headers).toMatchObject({
        ...ours,
        'x-request-id': '7',
        vary: 'Accept-Encoding',
        'cache-control': 'no-store',
      })
      expect(headers['content-type']).toBe('application/problem+json; charset=utf-8')
      expect(headers['x-of']).toBe(undefined)
    },
  )
})

test('over node, an error’s answer keeps the security headers that its handler had set', async () => {
  const setHeaders = nodeSecurityHeaders()
  const { sessions } = anApp()
  const listener = nodeSessions(
    sessions,
    async (request: IncomingMessage, response: ServerResponse, open) => {
      setHeaders(request, response)
      response.setHeader('content-type', 'text/html')
      response.setHeader('x-of', 'the handler')
      if (request.url === '/throw') throw new Error('the handler failed')
      const session = await open()
      Reflect.set(session.data, 'n', new Date(0))
      response.end('done')
    },
    { onError: () => undefined },
  )
  const send = await serve(listener)
  for (const path of ['/throw', '/bad']) {
    const answer = await send({ path })
    const headers = Object.fromEntries(answer.headers)
    expect([answer.status, headers['x-of'], headers['x-content-type-options']]).toEqual([500, undefined, 'nosniff'])
    expect(headers['content-security-policy']).toContain("default-src 'self'")
  }
})

test('the words beside the status are not those of the answer that was replaced', async () => {
  const messages: string[] = []
  const send = await serves['node']!(anApp(), async (open, response) => {
    const session = await open()
    Reflect.set(session.data, 'n', new Date(0))
    response.on('finish', () => messages.push(response.statusMessage))
    response.statusMessage = 'Created'
    response.statusCode = 201
    response.end('done')
  })
  expect((await send({})).status).toBe(500)
  expect(messages).toEqual(['Internal Server Error'])
})

describe('a session that is first asked for after the head has left', () => {
  const heads: readonly (readonly [string, (response: ServerResponse) => void, boolean])[] = [
    ['public', (response) => response.setHeader('cache-control', 'public, max-age=600'), true],
    ['private', (response) => response.writeHead(200, { 'Cache-Control': 'private' }), true],
    ['nothing', () => undefined, true],
    ['no-store', (response) => response.setHeader('cache-control', 'no-store'), false],
    ['no-store by writeHead', (response) => response.writeHead(200, { 'Cache-Control': 'no-store' }), false],
    ['no-store in a flat list', (response) => response.writeHead(200, ['CACHE-CONTROL', 'private, no-store']), false],
  ]

  test.each(heads)('is told of where the head said %s, unless that kept it from caches', async (_, say, isTold) => {
    const app = anApp()
    const ada = await app.signedIn()
    const cookie = (ada.request().headers.get('cookie') ?? '').replace('__Host-', '')
    const send = await serves['node']!(app, async (open, response) => {
      say(response)
      response.write('for ')
      const { userId } = await open()
      response.end(userId)
    })
    expect((await send({ headers: { cookie } })).body).toBe('for ada')
    expect((await send({ headers: { cookie } })).body).toBe('for ada')
    const told = app.events.filter(({ type }) => type === 'read-late')
    expect(told.map((event) => 'userId' in event && event.userId)).toEqual(isTold ? ['ada', 'ada'] : [])
    expect(app.warnings).toHaveLength(isTold ? 1 : 0)
  })

  test('is nothing to tell of where the session was asked for before the head left, and caches may keep the answer', async () => {
    const app = anApp()
    const send = await serves['node']!(app, async (open, response) => {
      const session = await open()
      session.allowCaching()
      response.setHeader('cache-control', 'max-age=60')
      response.write(String(session.userId))
      response.end(String(session.userId))
    })
    expect((await send({})).body).toBe('nullnull')
    expect(app.events).toEqual([])
    expect(app.warnings).toEqual([])
  })

  test('is told of in Express too, where it was opened before', async () => {
    const app = anApp()
    const send = await serves['express 5']!(app, async (open, response) => {
      response.write('begun')
      const { userId } = await open()
      response.end(String(userId))
    })
    expect((await send({})).body).toBe('begunnull')
    expect(app.events).toMatchObject([{ type: 'read-late', userId: null }])
  })

  test('is nothing to tell of where it was asked for before', async () => {
    const app = anApp()
    const send = await serves['node']!(app, async (open, response) => {
      const { userId } = await open()
      response.write(String(userId))
      response.end()
    })
    expect((await send({})).body).toBe('null')
    expect(app.events).toEqual([])
  })
})
