// The peers under the same requests, each as its own documentation shows it. Why plain JavaScript: see http.mjs.
import { createServer } from 'node:http'
import fastifyCookie from '@fastify/cookie'
import fastifySession from '@fastify/session'
import { RedisStore } from 'connect-redis'
import cookieSession from 'cookie-session'
import express from 'express'
import session from 'express-session'
import fastify from 'fastify'
import { getIronSession } from 'iron-session'
import { createClient } from 'redis'
import { startRedis } from '../../scripts/engines.ts'
import { countKeys, join, play } from '../play.ts'

const SECRET = 'a secret of thirty-two characters, at the least'

/** An application of Express, whose middleware makes sessions; `seatOf` says how its handlers use them. */
function onExpress(middleware, seatOf) {
  const app = express()
  app.post('/meet/:name', async (request, response) => {
    const { status, body } = await join(request.params.name)
    response.status(status).json(body)
  })
  if (middleware !== null) app.use(middleware)
  app.use(async (request, response) => {
    const { status, body } = await play(request.path, await seatOf(request, response))
    response.status(status).json(body)
  })
  return { server: createServer(app) }
}

/** `request.session` of express-session: its methods take a callback. */
const called = (kept, method) =>
  new Promise((resolve, reject) => {
    kept[method]((error) => (error ? reject(error) : resolve()))
  })

const expressSession = (more = {}) =>
  onExpress(session({ secret: SECRET, resave: false, saveUninitialized: false, ...more }), (request) => ({
    userId: () => request.session.userId ?? null,
    keys: () => countKeys(request.session),
    async signIn() {
      await called(request.session, 'regenerate')
      request.session.userId = 'ada'
    },
    write(key) {
      request.session[key] = true
    },
    signOut: () => called(request.session, 'destroy'),
  }))

export const contenders = {
  'express-session, memory': () => expressSession(),

  async 'express-session, connect-redis'() {
    const redis = await startRedis()
    const client = createClient({ url: `redis://127.0.0.1:${redis.port}` })
    await client.connect()
    const close = async () => {
      client.destroy()
      await redis.stop()
    }
    return { ...expressSession({ store: new RedisStore({ client }) }), close }
  },

  async '@fastify/session, memory'() {
    const app = fastify()
    await app.register(fastifyCookie)
    await app.register(fastifySession, { secret: SECRET, saveUninitialized: false, cookie: { secure: false } })
    app.post('/meet/:name', async (request) => (await join(request.params.name)).body)
    app.post('/*', async (request, reply) => {
      const { status, body } = await play(request.url, {
        userId: () => request.session.userId ?? null,
        keys: () => countKeys(request.session),
        async signIn() {
          await request.session.regenerate()
          request.session.userId = 'ada'
        },
        write(key) {
          request.session[key] = true
        },
        signOut: () => request.session.destroy(),
      })
      return await reply.code(status).send(body)
    })
    await app.ready()
    return { server: app.server }
  },

  'iron-session': () =>
    onExpress(null, async (request, response) => {
      const kept = await getIronSession(request, response, {
        password: SECRET,
        cookieName: 'sid',
        cookieOptions: { secure: false },
      })
      return {
        userId: () => kept.userId ?? null,
        keys: () => countKeys(kept),
        async signIn() {
          kept.userId = 'ada'
          await kept.save()
        },
        async write(key) {
          kept[key] = true
          await kept.save()
        },
        signOut: () => kept.destroy(),
      }
    }),

  'cookie-session': () =>
    onExpress(cookieSession({ name: 'sid', keys: [SECRET] }), (request) => ({
      userId: () => request.session.userId ?? null,
      keys: () => countKeys(request.session),
      signIn() {
        request.session.userId = 'ada'
      },
      write(key) {
        request.session[key] = true
      },
      signOut() {
        request.session = null
      },
    })),
}
