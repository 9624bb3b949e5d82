import type { SessionEvent } from '../../../src/core/events/events.ts'
import type { SessionsOptions } from '../../../src/core/sessions/options.ts'
import type { Session } from '../../../src/core/sessions/session.ts'
import { createSessions } from '../../../src/index.ts'
import { barrierStore, countingStore, faultStore, manualClock, modelStore } from '../../../src/testing/index.ts'

export const KEY = 'a-signing-key-of-the-core-0123456789ab'
export const NAVIGATION = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' } as const

export interface Data {
  role?: string
  n?: number | undefined
  cart?: string[]
  [key: string]: unknown
}

type Handler<T> = (session: Session<Data>) => T | Promise<T>

/** An application over a model store that counts, stops and fails its calls on demand. */
export function anApp(options: Partial<SessionsOptions<Data>> = {}) {
  const clock = manualClock()
  const inner = modelStore()
  const faults = faultStore(inner)
  const barrier = barrierStore(faults)
  const counting = countingStore(barrier)
  const warnings: string[] = []
  const runtime = { now: clock.now, warn: (text: string) => warnings.push(text) }
  const make = (more: Partial<SessionsOptions<Data>> = {}) =>
    createSessions<Data>({ store: counting, keys: KEY, runtime, ...options, ...more })
  const sessions = make()
  const events: SessionEvent[] = []
  sessions.on((event) => events.push(event))

  /** A client that keeps the cookies of its answers. */
  const aClient = (of = sessions) => {
    const jar = new Map<string, string>()
    const request = (headers: Readonly<Record<string, string>> = {}) => {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
      return new Request('https://app.example/', { headers: { ...(cookie === '' ? {} : { cookie }), ...headers } })
    }
    const take = (response: Response) => {
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        if (line.includes('; Max-Age=0;')) jar.delete(name)
        else jar.set(name, value)
      }
      return response
    }
    const visit = async <T>(handler: Handler<T>, headers?: Readonly<Record<string, string>>, status = 200) => {
      const session = await of.open(request(headers))
      const result = await handler(session)
      take(await of.commit(session, new Response(null, { status })))
      return result
    }
    const copy = () => {
      const other = aClient(of)
      for (const [name, value] of jar) other.jar.set(name, value)
      return other
    }
    return { jar, request, take, visit, copy }
  }

  const signedIn = async (data: Data = {}, userId = 'ada') => {
    const client = aClient()
    await client.visit(async (session) => session.signIn(await sessions.begin(userId), { data }))
    return client
  }

  return { clock, inner, faults, barrier, counting, sessions, events, warnings, make, aClient, signedIn }
}

/** What a promise was rejected with; fails where it was not. */
export async function rejection(work: Promise<unknown>): Promise<unknown> {
  const answered = Symbol('answered')
  const outcome = await work.then(
    () => answered,
    (error: unknown) => error,
  )
  if (outcome === answered) throw new Error('It was not rejected.')
  return outcome
}
