// Held by the compiler, as in sessions.test.ts: the session of each framework is typed by one type argument.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import express from 'express'
import { Hono } from 'hono'
import { expect, expectTypeOf, test } from 'vitest'
import { expressSessions } from '../../src/adapters/express.ts'
import { honoSessions, type SessionVariables } from '../../src/adapters/hono.ts'
import { nodeSessions } from '../../src/adapters/node.ts'
import { createSessions, type Session } from '../../src/index.ts'
import { modelStore } from '../../src/testing/index.ts'

interface Cart {
  items: string[]
}

const sessions = createSessions<Cart>({ store: modelStore(), keys: 'a-signing-key-of-the-types-0123456789a' })

test('Express: the request of a handler has its session, and is Express’s own otherwise', () => {
  const web = expressSessions(sessions)
  const app = express()
  app.use(web)
  app.get(
    '/items/:id',
    web.handler<express.Request, express.Response>((request, response) => {
      expectTypeOf(request.session).toEqualTypeOf<Session<Partial<Cart>>>()
      expectTypeOf(request.query).toEqualTypeOf<express.Request['query']>()
      // @ts-expect-error: no such key
      request.session.data.price
      response.status(200).json(request.session.data.items)
    }),
  )
  app.get('/plain', (request, response) => {
    expectTypeOf(web.of(request)).toEqualTypeOf<Session<Partial<Cart>>>()
    response.end()
  })
  expect(() => web.of({})).toThrow(/app\.use\(\)/)
})

test('Hono: c.get and c.var have the session', () => {
  const app = new Hono<{ Variables: SessionVariables<Partial<Cart>> }>()
  app.use(honoSessions(sessions))
  app.get('/', (c) => {
    expectTypeOf(c.get('session')).toEqualTypeOf<Session<Partial<Cart>>>()
    expectTypeOf(c.var.session.data.items).toEqualTypeOf<string[] | undefined>()
    return c.text('')
  })
  expect(app.routes.length).toBe(2)
})

test('node:http: the handler sees the messages that it names', () => {
  const listener = nodeSessions(sessions, async (request: IncomingMessage, response: ServerResponse, open) => {
    expectTypeOf(await open()).toEqualTypeOf<Session<Partial<Cart>>>()
    response.end(request.url)
  })
  expect(createServer(listener).listenerCount('request')).toBe(1)
})
