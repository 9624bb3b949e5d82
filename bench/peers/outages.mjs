// The peers on the same Redis under the same faults, each as its own documentation shows it. Why plain JavaScript: see
// http.mjs.
import { createServer } from 'node:http'
import fastifyCookie from '@fastify/cookie'
import fastifySession from '@fastify/session'
import { RedisStore } from 'connect-redis'
import express from 'express'
import session from 'express-session'
import fastify from 'fastify'
import { createClient, createCluster, createSentinel } from 'redis'

const SECRET = 'a secret of thirty-two characters, at the least'

const HOST = '127.0.0.1'

const makes = {
  single: ({ ports: [port] }) => createClient({ url: `redis://${HOST}:${port}` }),
  sentinel: ({ ports, master }) =>
    createSentinel({ name: master, sentinelRootNodes: ports.map((port) => ({ host: HOST, port })) }),
  cluster: ({ ports }) => createCluster({ rootNodes: ports.map((port) => ({ url: `redis://${HOST}:${port}` })) }),
}

async function client(address) {
  const made = makes[address.topology](address)
  made.on('error', () => undefined)
  await made.connect()
  return made
}

export const contenders = {
  async 'express-session, connect-redis'(address) {
    const redis = await client(address)
    const app = express()
    app.use(
      session({ store: new RedisStore({ client: redis }), secret: SECRET, resave: false, saveUninitialized: false }),
    )
    app.post('/sign-in', (request, response, next) => {
      request.session.regenerate((error) => {
        if (error) return next(error)
        request.session.userId = 'ada'
        response.json({})
      })
    })
    app.get('/me', (request, response) => {
      response.json({ userId: request.session.userId ?? null })
    })
    app.post('/write', (request, response) => {
      request.session.n = (request.session.n ?? 0) + 1
      response.json({ userId: request.session.userId ?? null })
    })
    // As Express's own, which writes to the console besides.
    app.use((_error, _request, response, _next) => {
      if (response.headersSent) response.destroy()
      else response.status(500).end()
    })
    return { server: createServer(app), close: () => redis.destroy() }
  },

  async '@fastify/session, connect-redis'(address) {
    const redis = await client(address)
    const app = fastify()
    await app.register(fastifyCookie)
    await app.register(fastifySession, {
      store: new RedisStore({ client: redis }),
      secret: SECRET,
      saveUninitialized: false,
      cookie: { secure: false },
    })
    app.post('/sign-in', async (request) => {
      await request.session.regenerate()
      request.session.userId = 'ada'
      return {}
    })
    app.get('/me', async (request) => ({ userId: request.session.userId ?? null }))
    app.post('/write', async (request) => {
      request.session.n = (request.session.n ?? 0) + 1
      return { userId: request.session.userId ?? null }
    })
    await app.ready()
    return { server: app.server, close: () => redis.destroy() }
  },
}
