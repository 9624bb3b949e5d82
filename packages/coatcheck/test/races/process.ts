import type { Session } from '../../src/core/sessions/session.ts'
import { createSessions } from '../../src/index.ts'
import { sqliteStore } from '../../src/stores/sqlite.ts'
import { cookieJar } from '../../src/testing/index.ts'

/** What a process of `sessions-child.ts` is given. */
export interface Input {
  readonly file: string
  /** Which of several processes it is. */
  readonly number: number
  /** Epoch milliseconds: the time at which it works. */
  readonly now: number
  /** Of the sessions that it works on, one a round. */
  readonly tickets?: readonly Ticket[]
  readonly count?: number
}

/** A session as its client and its operator know it. */
export interface Ticket {
  readonly id: string
  readonly cookie: string
}

/** What became of a slow request: `done` or why it was refused; and the cookies that it was given. */
export interface Outcome {
  readonly outcome: string
  readonly cookie: string | null
}

export interface Data {
  n: number
  [key: string]: unknown
}

export type RequestSession = Session<Partial<Data>>

const HOME = 'https://app.example/'

/** An application's process: sessions over a file that others use too. */
export function openProcess({ file, now }: Pick<Input, 'file' | 'now'>) {
  const store = sqliteStore(file, { timeout: '20s' })
  const sessions = createSessions<Data>({
    store,
    keys: 'a-signing-key-of-four-processes-0123456789',
    policy: { renewal: '20m' },
    runtime: { now: () => now, warn: () => undefined },
  })
  return {
    store,
    sessions,
    open: (cookie: string, headers: Readonly<Record<string, string>> = {}) =>
      sessions.open(new Request(HOME, { headers: { cookie, ...headers } })),
    /** Answers the cookies that a browser has after the answer. */
    async commit(session: RequestSession): Promise<string | null> {
      const jar = cookieJar()
      jar.take(HOME, (await sessions.commit(session, new Response())).headers.getSetCookie())
      return jar.header(HOME)
    },
  }
}

export type Process = ReturnType<typeof openProcess>
