// Our sessions under the faults of the peers: Express, with the store in memory, in a file and in Redis.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { createSessions, type Store } from 'coatcheck'
import { expressSessions } from 'coatcheck/adapters/express'
import { memoryStore } from 'coatcheck/stores/memory'
import { redisStore } from 'coatcheck/stores/redis'
import { sqliteStore } from 'coatcheck/stores/sqlite'
import express, { type Request as ExpressRequest, type Response as ExpressResponse } from 'express'
import { createClient } from 'redis'
import { startRedis } from '../../scripts/engines.ts'
import { countKeys, join, play } from '../play.ts'
import type { Contenders } from '../server.ts'

function serve(store: Store, cleanUp: () => unknown = () => undefined) {
  const sessions = createSessions<Record<string, boolean>>({ store, keys: randomBytes(32).toString('base64url') })
  const web = expressSessions(sessions)
  const app = express()
  app.post('/meet/:name', async (request, response) => {
    const { status, body } = await join(request.params.name)
    response.status(status).json(body)
  })
  app.use(web)
  app.use(
    web.handler<ExpressRequest, ExpressResponse>(async ({ path, session }, response) => {
      const { status, body } = await play(path, {
        userId: () => session.userId,
        keys: () => countKeys(session.data),
        signIn: async () => await session.signIn(await sessions.begin('ada')),
        write: (key) => {
          session.data[key] = true
        },
        signOut: () => session.signOut(),
      })
      response.status(status).json(body)
    }),
  )
  const close = async () => {
    await sessions.close()
    await cleanUp()
  }
  return { server: createServer(app), close }
}

export const contenders: Contenders = {
  'Coatcheck, memory': () => serve(memoryStore()),

  'Coatcheck, SQLite'() {
    const folder = mkdtempSync(joinPath(tmpdir(), 'coatcheck-bench-'))
    return serve(sqliteStore(joinPath(folder, 'sessions.db')), () => rmSync(folder, { recursive: true, force: true }))
  },

  async 'Coatcheck, Redis'() {
    const redis = await startRedis()
    const client = createClient({ url: `redis://127.0.0.1:${redis.port}` })
    await client.connect()
    return serve(redisStore(client), async () => {
      client.destroy()
      await redis.stop()
    })
  },
}
