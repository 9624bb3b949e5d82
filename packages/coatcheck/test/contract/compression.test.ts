/// <reference path="./adapters/compression.d.ts" />
/// <reference path="./adapters/express4.d.ts" />
import { createReadStream, readFileSync } from 'node:fs'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import compression from 'compression'
import compression17 from 'compression17'
import express from 'express'
import express4 from 'express4'
import { describe, expect, onTestFinished, test } from 'vitest'
import { expressSessions } from '../../src/adapters/express.ts'
import { anApp } from '../unit/core/app.ts'

const FILE = import.meta.filename
const text = readFileSync(FILE, 'utf8')
const TYPE = 'text/plain'

/** The ways in which a handler answers, and what arrives. */
const ways: Readonly<Record<string, { say: (response: express.Response) => void; body: string }>> = {
  '/send': { say: (response) => void response.type(TYPE).send('x'.repeat(5_000)), body: 'x'.repeat(5_000) },
  '/end': { say: (response) => void response.type(TYPE).end('x'.repeat(5_000)), body: 'x'.repeat(5_000) },
  '/empty': { say: (response) => void response.end(), body: '' },
  '/pipe': { say: (response) => void createReadStream(FILE).pipe(response.type(TYPE)), body: text },
  '/file': { say: (response) => response.sendFile(FILE), body: text },
  '/chunks': {
    async say(response) {
      response.type(TYPE)
      response.write('a'.repeat(2_000))
      response.write('b'.repeat(2_000))
      await nextTurn()
      response.write('c')
      response.end('d')
    },
    body: `${'a'.repeat(2_000)}${'b'.repeat(2_000)}cd`,
  },
  '/head': {
    say(response) {
      response.writeHead(200, { 'content-type': TYPE })
      response.write('a'.repeat(2_000))
      response.end('z')
    },
    body: `${'a'.repeat(2_000)}z`,
  },
  '/events': {
    async say(response) {
      response.type('text/event-stream')
      response.flushHeaders()
      response.write('data: 1\n\n')
      await nextTurn()
      response.write('data: 2\n\n')
      response.end()
    },
    body: 'data: 1\n\ndata: 2\n\n',
  },
}

interface Answer {
  readonly status: number | undefined
  readonly body: string
  readonly cookies: number
  readonly caching: string | undefined
}

async function receive(port: number, path: string, encoding: string): Promise<Answer> {
  const answered = Promise.withResolvers<IncomingMessage>()
  get({ port, path, agent: false, headers: { 'accept-encoding': encoding } }, answered.resolve).on(
    'error',
    answered.reject,
  )
  const { statusCode, headers, ...rest } = await answered.promise.then(async (message) => ({
    statusCode: message.statusCode,
    headers: message.headers,
    raw: await buffer(message),
  }))
  const decode = { gzip: gunzipSync, br: brotliDecompressSync }[headers['content-encoding'] ?? '']
  const body = rest.raw.length > 0 && decode !== undefined ? decode(rest.raw) : rest.raw
  return {
    status: statusCode,
    body: body.toString('utf8'),
    cookies: headers['set-cookie']?.length ?? 0,
    caching: headers['cache-control'],
  }
}

const rows = Object.entries({ 'express 5': express, 'express 4': express4 }).flatMap(([framework, make]) =>
  Object.entries({ '1.8': compression, '1.7': compression17 }).flatMap(([version, compress]) =>
    (['before', 'behind', 'twice'] as const).map((place) => ({ framework, make, version, compress, place })),
  ),
)

describe.each(rows)('compression $version mounted $place on $framework', ({ make, compress, place }) => {
  async function anApplication() {
    const web = expressSessions(anApp().sessions)
    const app = make()
    const faults: unknown[] = []
    if (place !== 'behind') app.use(compress())
    app.use(web)
    if (place === 'behind') app.use(compress())
    if (place === 'twice') app.use(expressSessions(anApp({ cookie: { anonymousName: 'other' } }).sessions))
    for (const [path, { say }] of Object.entries(ways)) {
      app.get(path, (request, response) => {
        if (request.query['change'] === 'yes') web.of(request).data.n = 1
        else expect(web.of(request).userId).toBe(null)
        return say(response)
      })
    }
    app.use((error: unknown, _request: unknown, response: express.Response, _next: unknown) => {
      faults.push(error)
      response.destroy()
    })
    const server = createServer(app).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await new Promise((resolve) => server.once('listening', resolve))
    return { port: (server.address() as AddressInfo).port, faults }
  }

  test.each(Object.entries(ways))('%s arrives whole, with the cookie where there is one', async (path, { body }) => {
    const { port, faults } = await anApplication()
    for (const change of ['no', 'yes']) {
      for (const encoding of ['identity', 'gzip', 'br']) {
        const answer = await receive(port, `${path}?change=${change}`, encoding)
        expect([change, encoding, answer]).toEqual([
          change,
          encoding,
          { status: 200, body, cookies: change === 'yes' ? 1 : 0, caching: 'no-store' },
        ])
      }
    }
    expect(faults).toEqual([])
  })
})
