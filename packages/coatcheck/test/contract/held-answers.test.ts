import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { serves } from '../unit/adapters/node/apps.ts'
import { anApp } from '../unit/core/app.ts'

const cookieOf = (client: { request: () => Request }) => ({
  cookie: (client.request().headers.get('cookie') ?? '').replace('__Host-', ''),
})

describe.each(Object.entries(serves))('over %s', (_, serveOn) => {
  test('a client that is gone before the commit gets nothing written, and nothing fails for it', async () => {
    const app = anApp()
    const headers = cookieOf(await app.signedIn())
    const closed = Promise.withResolvers<void>()
    const stop = app.barrier.stopBefore('update')
    const written = app.barrier.stopAfter('update')
    const faults: unknown[] = []
    const send = await serveOn(
      app,
      async (open, response, request) => {
        if (request.url === '/next') return response.end('next')
        response.on('close', closed.resolve)
        response.on('drain', () => faults.push('drain'))
        const session = await open()
        session.data.n = 1
        response.write('a')
        return response.write('b')
      },
      faults,
    )
    const gone = new AbortController()
    const answer = send({ headers, signal: gone.signal }).catch(() => 'gone')
    await stop.reached
    gone.abort()
    expect(await answer).toBe('gone')
    await closed.promise
    stop.release()
    await written.reached
    written.release()
    // By the next answer of the same server the write was acknowledged to the first.
    expect((await send({ path: '/next' })).body).toBe('next')
    expect(faults).toEqual([])
  })

  test('what a handler changes while it streams is written at its end, also where its client has gone', async () => {
    const app = anApp()
    const ada = await app.signedIn()
    const ended = Promise.withResolvers<void>()
    const send = await serveOn(app, async (open, response, request) => {
      const session = await open()
      if (request.url !== '/stream') return response.end(String(session.data.n))
      expect(session.userId).toBe('ada')
      response.write('a')
      await once(response, 'close')
      session.data.n = 1
      response.end()
      return ended.resolve()
    })
    const gone = new AbortController()
    const written = app.barrier.stopAfter('update')
    const answer = send({ path: '/stream', headers: cookieOf(ada), signal: gone.signal })
    // By the next answer of the same server this one has begun.
    await send({ path: '/next' })
    gone.abort()
    expect((await answer.catch(() => ({ complete: false }))).complete).toBe(false)
    await ended.promise
    await written.reached
    written.release()
    expect(await ada.visit((session) => session.data.n)).toBe(1)
  })

  test('a hook around writeHead runs once, before the body, however the answer begins', async () => {
    const app = anApp()
    const ways: Readonly<Record<string, (response: ServerResponse) => unknown>> = {
      '/end': (response) => response.end('whole'),
      '/write': (response) => [response.write('wh'), response.end('ole')],
      '/head': (response) => response.writeHead(200, { 'x-own': '1' }).end('whole'),
      '/flush': (response) => [response.flushHeaders(), response.end('whole')],
    }
    let ran = 0
    const send = await serveOn(app, async (open, response, request) => {
      const { writeHead } = response
      response.writeHead = (...args: unknown[]) => {
        ran++
        response.appendHeader('x-hook', String(ran))
        return Reflect.apply(writeHead, response, args)
      }
      const session = await open()
      const { pathname, search } = new URL(request.url ?? '', 'http://localhost')
      if (search === '?change') session.data.n = 1
      else expect(session.userId).toBe(null)
      ways[pathname]?.(response)
    })
    for (const path of Object.keys(ways)) {
      for (const search of ['', '?change']) {
        ran = 0
        const { status, headers, body } = await send({ path: path + search })
        const hooked = headers.flatMap(([name, value]) => (name === 'x-hook' ? [value] : []))
        expect([path, search, status, body, hooked]).toEqual([path, search, 200, 'whole', ['1']])
      }
    }
  })

  test('an end that is said twice does not come before the last write', async () => {
    const app = anApp()
    const ada = await app.signedIn()
    const stop = app.barrier.stopBefore('update')
    const send = await serveOn(app, async (open, response) => {
      const session = await open()
      expect(session.userId).toBe('ada')
      response.write('a')
      session.data.n = 1
      response.end('b')
      response.end()
    })
    let answered = false
    const answer = send({ headers: cookieOf(ada) }).finally(() => {
      answered = true
    })
    await stop.reached
    expect(answered).toBe(false)
    stop.release()
    expect((await answer).body).toBe('ab')
    expect(await ada.visit((session) => session.data.n)).toBe(1)
  })

  test('what a handler goes on writing after its answer was replaced is dropped', async () => {
    const app = anApp()
    const headers = cookieOf(await app.signedIn())
    app.faults.failBefore('update')
    const done = Promise.withResolvers<unknown>()
    const send = await serveOn(app, async (open, response) => {
      const session = await open()
      session.data.n = 1
      response.write('a')
      await once(response, 'close')
      response.on('error', done.resolve)
      done.resolve([response.write('b'), response.end('c') === response, response.flushHeaders()])
    })
    const answer = await send({ headers })
    expect([answer.status, answer.complete, answer.body.includes('a"')]).toEqual([503, true, false])
    expect(await done.promise).toEqual([true, true, undefined])
  })

  test('a handler that throws after it has ended its answer hurts nobody', async () => {
    const app = anApp()
    const headers = cookieOf(await app.signedIn())
    const faults: unknown[] = []
    const send = await serveOn(
      app,
      async (open, response, request) => {
        const session = await open()
        if (request.url === '/write') session.data.n = 1
        else expect(session.userId).toBe('ada')
        response.end('done')
        // Express's own handlers of errors break off what has begun; here that is for them to say.
        if (request.url !== undefined && !('app' in request)) throw new Error('too late')
      },
      faults,
    )
    for (const path of ['/read', '/write']) {
      const answer = await send({ path, headers })
      expect([answer.status, answer.body, answer.complete]).toEqual([200, 'done', true])
    }
  })

  test.each([
    ['127.0.0.0/8', ['__Host-vid'], 200],
    ['10.0.0.0/8', [], 403],
  ])('proxies of %s are known by the address of the socket', async (network, names, status) => {
    const app = anApp({ trustProxy: { networks: [network] } })
    const send = await serveOn(app, async (open, response) => {
      const session = await open()
      session.data.n = 1
      response.end()
    })
    const headers = { host: 'internal:80', 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' }
    const forwarded = { ...headers, 'x-forwarded-host': 'app.example' }
    const { headers: answered } = await send({ headers: forwarded })
    const lines = answered.flatMap(([name, value]) => (name === 'set-cookie' ? [value.split('=')[0]] : []))
    expect(lines).toEqual(names)
    const own = { ...forwarded, origin: 'https://app.example' }
    expect((await send({ method: 'POST', headers: own })).status).toBe(status)
  })
})
