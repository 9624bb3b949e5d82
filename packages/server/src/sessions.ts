import { getConnInfo } from '@hono/node-server/conninfo'
import { createSessions } from 'coatcheck'
import { requestSession } from 'coatcheck/adapters/fetch'
import { sqliteStore } from 'coatcheck/stores/sqlite'
import type { Context, MiddlewareHandler } from 'hono'
import { deviceName } from './devices.ts'
import type { Environment, ServerSessions, SessionData } from './environment.ts'

/** The server's sessions, in the same file as its accounts. */
export function makeSessions(database: string, keys: string, origin: string | null): ServerSessions {
  return createSessions<SessionData>({
    store: sqliteStore(database),
    keys,
    origin: origin ?? undefined,
    // More than anybody uses, and a list that a person can still read.
    sessionsPerUser: { max: 100, atLimit: 'end-idlest' },
  })
}

/** Gives the routes their session, and commits it when they have answered. */
export function withSessions(sessions: ServerSessions): MiddlewareHandler<Environment> {
  return async function openAndCommit(c, next) {
    const { open, finish } = requestSession(sessions, c.req.raw, { client: () => clientOf(c) })
    c.set('openSession', open)
    await next()
    const answer = await finish(c.res)
    // Hono gives a response that replaces another one the cookies of the other, and those alone; the session's would be lost.
    c.res = undefined
    c.res = answer
  }
}

function clientOf(c: Context) {
  return {
    address: getConnInfo(c).remote.address ?? null,
    /** Worked out when it is asked for: only a new session does, and each request makes one of these. */
    get label() {
      return deviceName(c.req.header('user-agent') ?? null)
    },
  }
}
