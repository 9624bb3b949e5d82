import type { Session, Sessions } from 'coatcheck'
import type { Accounts } from './accounts/accounts.ts'
import type { Passwords } from './accounts/passwords.ts'
import type { Log } from './log.ts'

/** What the server keeps in a session. */
export interface SessionData {
  /** The account's name, as its owner wrote it. */
  name: string
}

export type ServerSessions = Sessions<Partial<SessionData>, SessionData>
export type ServerSession = Session<Partial<SessionData>>

/** What the routes work with. */
export interface Services {
  readonly sessions: ServerSessions
  readonly accounts: Accounts
  readonly passwords: Passwords
  readonly log: Log
  /** As configured; null: from each request. */
  readonly origin: string | null
}

/** Hono's types: what middleware puts into a request's context. */
export interface Environment {
  Variables: {
    /** The request's session, opened when first asked for. */
    openSession: () => Promise<ServerSession>
    services: Services
  }
}
