// The same routes with the peers, each set as its own documentation recommends. Plain JavaScript that `npm run check` does
// not type-check: the peers are installed by `npm run bench` alone, so their types are not there when the checks run.
import { createServer } from 'node:http'
import fastifyCookie from '@fastify/cookie'
import fastifySession from '@fastify/session'
import { RedisStore } from 'connect-redis'
import express from 'express'
import session from 'express-session'
import fastify from 'fastify'
import { createClient } from 'redis'
import { DOCUMENT } from '../document.ts'

const SECRET = 'a secret of thirty-two characters, at the least'
const BARE = { userId: 'ada', role: DOCUMENT.role }

const about = (kept) => ({ userId: kept.userId ?? null, role: kept.role ?? null })

/** `store`: theirs in memory where there is none. */
function expressServer(store) {
  const app = express()
  app.use(session({ store, secret: SECRET, resave: false, saveUninitialized: false }))
  app.post('/sign-in', (request, response, next) => {
    request.session.regenerate((error) => {
      if (error) return next(error)
      Object.assign(request.session, DOCUMENT, { userId: 'ada' })
      response.json({})
    })
  })
  app.get('/me', (request, response) => {
    response.json(about(request.session))
  })
  return createServer(app)
}

async function fastifyServer(store) {
  const app = fastify()
  await app.register(fastifyCookie)
  await app.register(fastifySession, { store, secret: SECRET, saveUninitialized: false, cookie: { secure: false } })
  app.post('/sign-in', async (request) => {
    await request.session.regenerate()
    Object.assign(request.session, DOCUMENT, { userId: 'ada' })
    return {}
  })
  app.get('/me', async (request) => about(request.session))
  await app.ready()
  return app.server
}

async function onRedis(port, make) {
  const client = createClient({ url: `redis://127.0.0.1:${port}` })
  await client.connect()
  return { server: await make(new RedisStore({ client })), close: async () => client.destroy() }
}

export const contenders = {
  'Express, express-session': () => ({ server: expressServer() }),
  'Express, express-session, connect-redis': (redisPort) => onRedis(redisPort, expressServer),

  async Fastify() {
    const app = fastify()
    app.get('/me', async () => BARE)
    await app.ready()
    return { server: app.server }
  },

  'Fastify, @fastify/session': async () => ({ server: await fastifyServer() }),
  'Fastify, @fastify/session, connect-redis': (redisPort) => onRedis(redisPort, fastifyServer),
}
