/// <reference path="../../contract/adapters/express4.d.ts" />
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import express4 from 'express4'
import { describe, expect, onTestFinished, test } from 'vitest'
import { expressSessions } from '../../../src/adapters/express.ts'
import { anApp } from '../core/app.ts'

/** What an application with two middlewares answers to a request: one for headers, then sessions. */
async function answerTo(vary: string | null, path: string, init: RequestInit): Promise<Response> {
  const app = express()
  app.use((_request, response, next) => {
    response.set('content-security-policy', "default-src 'self'")
    if (vary !== null) response.set('vary', vary)
    next()
  })
  const mounted = expressSessions(anApp({ csrf: { exempt: ['/api/hook'] } }).sessions)
  app.use('/api', mounted, (_request, response) => response.send('handled'))
  const server = createServer(app).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return await fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers: { connection: 'close', ...init.headers } })
}

const foreign = { method: 'POST', headers: { origin: 'https://evil.example' } }

test('a refusal keeps the headers that were set before it', async () => {
  const answer = await answerTo('Accept-Encoding', '/api/change', foreign)
  expect(answer.status).toBe(403)
  expect(answer.headers.get('content-security-policy')).toBe("default-src 'self'")
  expect(answer.headers.get('vary')).toBe('Accept-Encoding, Sec-Fetch-Site, Origin')
})

test('a refusal says what it depends on where nothing else did', async () => {
  expect((await answerTo(null, '/api/change', foreign)).headers.get('vary')).toBe('Sec-Fetch-Site, Origin')
})

test('in a router, an exempt path is the whole one', async () => {
  expect(await (await answerTo(null, '/api/hook', foreign)).text()).toBe('handled')
  expect((await answerTo(null, '/api/api/hook', foreign)).status).toBe(403)
})

test('another middleware’s session is not taken over: it would be asked for what it has not', async () => {
  const app = express()
  app.use((request, _response, next) => {
    Reflect.set(request, 'session', { touch: () => undefined })
    next()
  })
  app.use(expressSessions(anApp().sessions))
  app.get('/', (_request, response) => void response.send('handled'))
  app.use((error: Error, _request: unknown, response: express.Response, _next: unknown) => {
    response.status(500).send(error.message)
  })
  const answer = await getFrom(app)
  expect(answer.status).toBe(500)
  expect(await answer.text()).toMatch(/^expressSessions: request\.session is there already/)
})

test('the session of a request is ours, whoever else writes to request.session afterwards', async () => {
  const app = express()
  const web = expressSessions(anApp().sessions)
  app.use(web)
  app.use((request, _response, next) => {
    Object.defineProperty(request, 'session', { value: { userId: 'somebody else' } })
    next()
  })
  app.get('/', (request, response) => void response.send(String(web.of(request).userId)))
  app.get('/guarded', web.guard({}), (_request, response) => void response.send('let through'))
  expect(await (await getFrom(app)).text()).toBe('null')
  expect((await getFrom(app, '/guarded')).status).toBe(401)
})

test('two of ours may be mounted: each commits its own, and request.session is the later one’s', async () => {
  const app = express()
  const outer = expressSessions(anApp({ cookie: { anonymousName: 'outer' } }).sessions)
  const inner = expressSessions(anApp({ cookie: { anonymousName: 'inner' } }).sessions)
  app.use(outer, wrapAnswers, inner)
  app.get(
    '/',
    inner.handler<express.Request, express.Response>((request, response) => {
      outer.of(request).data.n = 1
      request.session.data.n = 2
      response.send(`${response.headersSent} ${inner.of(request) === request.session}`)
    }),
  )
  const answer = await getFrom(app)
  expect(await answer.text()).toBe('false true')
  expect(answer.headers.getSetCookie().map((line) => line.split('=')[0])).toEqual(['inner', 'outer'])
})

test('where the inner one of two cannot be saved, its error is answered through the outer one', async () => {
  const app = express()
  const outer = expressSessions(anApp({ cookie: { anonymousName: 'outer' } }).sessions)
  const inner = expressSessions(anApp({ cookie: { anonymousName: 'inner' } }).sessions)
  app.use(outer, inner)
  app.get('/', (request, response) => {
    outer.of(request).data.n = 1
    Reflect.set(inner.of(request).data, 'n', new Date(0))
    response.send('handled')
  })
  app.use((_error: Error, _request: unknown, response: express.Response, _next: unknown) => {
    response.status(400).send('refused')
  })
  const answer = await getFrom(app)
  expect([answer.status, await answer.text()]).toEqual([400, 'refused'])
  expect(answer.headers.getSetCookie().map((line) => line.split('=')[0])).toEqual(['outer'])
})

describe('habits of express-session in plain JavaScript', () => {
  const keep = new Function('request', 'request.session = null')
  const remove = new Function('request', 'delete request.session')
  const replace = new Function('request', 'request.session = { views: 1 }')
  const saveWithCallback = new Function('request', 'done', 'request.session.data.n = 1; request.session.save(done)')
  const destroy = new Function('request', 'done', 'request.session.destroy(done)')
  const regenerate = new Function('request', 'done', 'request.session.regenerate(done)')
  const maxAge = new Function('request', 'request.session.cookie.maxAge = 1')

  test.each([
    ['request.session = null', keep, 'await request.session.signOut()'],
    ['request.session = {…}', replace, 'request.session.data'],
    ['delete request.session', remove, 'await request.session.signOut()'],
    ['session.save(callback)', saveWithCallback, 'await session.save()'],
    ['session.destroy(callback)', destroy, 'await session.signOut()'],
    ['session.regenerate(callback)', regenerate, 'await session.signIn(attempt)'],
    ['session.cookie.maxAge', maxAge, 'policy'],
  ])('%s is an error that says what to write', async (_, act, text) => {
    for (const version of [express, express4 as unknown as typeof express]) {
      const { sessions, counting } = anApp()
      const app = version()
      app.use(expressSessions(sessions))
      app.post('/', (request, response) => {
        const done = () => response.send('done')
        act(request, done)
        if (act.length < 2) response.send('You are signed out.')
      })
      app.use((error: Error, _request: unknown, response: express.Response, _next: unknown) => {
        response.status(500).send(`${error.name}: ${error.message}`)
      })
      const answer = await getFrom(app, '/', { method: 'POST' })
      const body = await answer.text()
      expect([answer.status, body]).toEqual([500, expect.stringMatching(/^TypeError: /)])
      expect(body).toContain(text)
      expect(counting.counts()).toEqual({})
    }
  })
})

/** As a middleware that compresses or measures does. */
function wrapAnswers(_request: unknown, response: express.Response, next: () => void): void {
  const { write, end } = response
  response.write = (...args: unknown[]) => Reflect.apply(write, response, args)
  response.end = (...args: unknown[]) => Reflect.apply(end, response, args)
  next()
}

async function getFrom(app: express.Express, path = '/', init: RequestInit = {}): Promise<Response> {
  const server = createServer(app).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return await fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers: { connection: 'close' } })
}
