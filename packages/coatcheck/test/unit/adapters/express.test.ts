import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { expect, onTestFinished, test } from 'vitest'
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
