import type { SessionEvent } from '../../core/events/events.ts'
import type { SessionsOptions } from '../../core/sessions/options.ts'
import type { Session } from '../../core/sessions/session.ts'
import type { Sessions } from '../../core/sessions/sessions.ts'
import type { Store } from '../../core/store/store.ts'
import { createSessions } from '../../index.ts'
import { expectEqual } from '../assert.ts'
import { type BarrierStore, barrierStore } from '../barrier-store.ts'
import type { Case } from '../cases.ts'
import { type ManualClock, manualClock } from '../clock.ts'
import { type CookieJar, cookieJar } from '../cookie-jar.ts'
import { type CountingStore, countingStore } from '../counting-store.ts'
import { type FaultStore, faultStore } from '../fault-store.ts'
import { intercept } from '../intercept.ts'
import { type ManualTimers, manualTimers } from '../manual-timers.ts'

export interface AdapterData {
  n: number
  [key: string]: unknown
}

export type AdapterSessions = Sessions<Partial<AdapterData>, AdapterData>
export type AdapterSession = Session<Partial<AdapterData>>

/** What a route answers, for the test's glue to say in the framework's words. */
export interface Reply {
  /** Default 200. */
  readonly status?: number | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** A text is sent whole, of chunks each when it comes. Absent: no body. */
  readonly body?: string | AsyncIterable<string> | undefined
}

/** What a route may ask of its request. */
export interface RouteRequest {
  readonly method: string
  /** The fields of its body, read when asked for. */
  readonly form: () => Promise<{ get(name: string): unknown }>
  /** The pieces of its body as they come, for a route that stops reading when it has had enough. */
  readonly chunks: () => AsyncIterable<{ readonly length: number }>
}

/** A route of the application that each adapter serves. What it throws, the framework answers in its own way. */
export type AdapterRoute = (session: () => Promise<AdapterSession>, request: RouteRequest) => Reply | Promise<Reply>

/** By path. All methods; the request's body is read only where the route asks for its form. */
export type AdapterRoutes = Readonly<Record<string, AdapterRoute>>

export interface Sent {
  readonly method?: string | undefined
  readonly path: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | undefined
  /** Hangs up when aborted. */
  readonly signal?: AbortSignal | undefined
}

/** An answer as it came over the socket. */
export interface Received {
  readonly status: number
  /** In the order in which they came, names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
  /** False where the connection ended before the answer did. */
  readonly complete: boolean
}

/** A server of the adapter under test, on a free port of the loopback. */
export interface Served {
  readonly port: number
  /** Sends one request over a connection of its own. Rejects where no head of an answer came. */
  readonly send: (request: Sent) => Promise<Received>
  /** Writes a text to a new connection, and answers the first `answers` answers, one after the other. */
  readonly pipeline: (text: string, answers: number) => Promise<readonly Received[]>
  readonly close: () => Promise<void>
}

/** What a case about an adapter works on. */
export interface AdapterContext {
  /** Empty. */
  readonly store: Store
  /**
   * Serves the routes; those whose path `isServedInOutage` with the adapter's `whenStoreIsOut`, and those whose path
   * `isServedPassively` with its `passive`.
   */
  readonly serve: (sessions: AdapterSessions, routes: AdapterRoutes) => Promise<Served>
  /** The session is opened before the handler, which needs it at once. */
  readonly opensAhead: boolean
  /** What changes while a body streams is written at its end; else `session.save()` has to be called. */
  readonly savesLate: boolean
  /** The server under the framework breaks an answer off whose stream failed; that of Hono for Node ends it with the error's message. */
  readonly breaksOff: boolean
  /** Epoch milliseconds at which the clock of the case begins, as in `StoreContext`. */
  readonly start?: number | undefined
  readonly close?: (() => Promise<void>) | undefined
}

export interface AdapterKit {
  readonly clock: ManualClock
  readonly timers: ManualTimers
  readonly counting: CountingStore
  readonly barrier: BarrierStore
  readonly fault: FaultStore
  readonly sessions: AdapterSessions
  readonly events: SessionEvent[]
  /** Lets a route go on that waits for `go`. */
  readonly go: () => void
  readonly served: Served
  readonly visitor: () => Visitor
  /** A visitor who has signed in at `/sign-in`, a route that every case has. */
  readonly signedIn: () => Promise<Visitor>
}

/** Routes that are to be opened with `whenStoreIsOut: 'anonymous'`. */
export function isServedInOutage(path: string): boolean {
  return path.startsWith('/anyway/')
}

/** Routes that are to be opened with `passive: true`. */
export function isServedPassively(path: string): boolean {
  return path.startsWith('/passively/')
}

/** A client with cookies, as a browser has them; it takes every cookie that it is sent, or the case fails. */
export interface Visitor {
  readonly jar: CookieJar
  /** The token that it holds in a cookie, or undefined. */
  readonly token: (cookie?: string) => string | undefined
  /** Sends the cookies, and keeps those of the answer. */
  readonly visit: (request: Sent | string) => Promise<Received>
  /** As a browser goes to a page: only such an answer may bring a renewed token. */
  readonly navigate: (path: string) => Promise<Received>
  /** Keeps the cookies of an answer. */
  readonly take: (answer: Received) => void
  /** Another client with the same cookies at this moment: a stolen token. */
  readonly copy: () => Visitor
}

export const NAVIGATION = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' } as const

/** Routes that many cases need. */
const common = (sessions: AdapterSessions): AdapterRoutes => ({
  '/sign-in': async (session) => {
    await (await session()).signIn(await sessions.begin('ada'))
    return { body: 'signed in' }
  },
  '/me': async (session) => {
    const { userId, ended, data } = await session()
    return { body: JSON.stringify({ userId, ended: ended?.reason ?? null, data }) }
  },
  '/none': () => ({ body: 'none' }),
})

/** `manualTimers`: timers run out by `kit.timers` alone. */
type CaseOptions = Partial<SessionsOptions<AdapterData>> & { readonly manualTimers?: boolean }

export function adapterCase(
  promise: number | null,
  name: string,
  routes: (sessions: AdapterSessions, go: Promise<void>) => AdapterRoutes,
  run: (kit: AdapterKit, context: AdapterContext) => Promise<void>,
  { manualTimers: isByHand = false, ...options }: CaseOptions = {},
): Case<AdapterContext> {
  return {
    name,
    promise,
    async run(context) {
      const clock = manualClock(context.start)
      // Limits of store calls are timers as well, and no time passes for a call while the clock is moved.
      const { guarantees } = context.store
      const inner = intercept(context.store, (_, proceed) => proceed())
      const fault = faultStore(isByHand ? { ...inner, guarantees: { ...guarantees, bounded: true } } : context.store)
      const barrier = barrierStore(fault)
      const counting = countingStore(barrier)
      const keys = 'a-signing-key-of-the-adapters-0123456789'
      const timers = manualTimers(clock)
      const runtime = { now: clock.now, warn: () => undefined, ...(isByHand && { after: timers.after }) }
      const sessions = createSessions<AdapterData>({ store: counting, keys, runtime, ...options })
      const events: SessionEvent[] = []
      sessions.on((event) => events.push(event))
      const going = Promise.withResolvers<void>()
      const served = await context.serve(sessions, { ...common(sessions), ...routes(sessions, going.promise) })
      const url = options.origin ?? 'http://localhost'
      const visitor = () => makeVisitor(served, `${url}/`, cookieJar({ clock }))
      const signedIn = async () => {
        const client = visitor()
        await client.visit('/sign-in')
        return client
      }
      try {
        const go = going.resolve
        await run({ clock, timers, counting, barrier, fault, sessions, events, go, served, visitor, signedIn }, context)
      } finally {
        barrier.releaseAll()
        fault.heal()
        await served.close()
      }
    },
  }
}

function makeVisitor(served: Served, url: string, jar: CookieJar): Visitor {
  const take: Visitor['take'] = (answer) => {
    expectEqual(jar.take(url, headersOf(answer, 'set-cookie')), [], 'A browser refuses a cookie.')
  }
  const visit: Visitor['visit'] = async (given) => {
    const request = typeof given === 'string' ? { path: given } : given
    const cookie = jar.header(url)
    const answer = await served.send({
      ...request,
      headers: { ...(cookie === null ? {} : { cookie }), ...originFor(request, url), ...request.headers },
    })
    take(answer)
    return answer
  }
  return {
    jar,
    token: (cookie = 'sid') => jar.cookies().find(({ name }) => name === cookie)?.value,
    take,
    visit,
    navigate: (path) => visit({ path, headers: NAVIGATION }),
    copy: () => makeVisitor(served, url, jar.copy()),
  }
}

/** Browsers say where every unsafe request was made. */
function originFor({ method = 'GET' }: Sent, url: string): { readonly origin?: string } {
  return method === 'GET' || method === 'HEAD' ? {} : { origin: new URL(url).origin }
}

export function headersOf({ headers }: Received, name: string): readonly string[] {
  return headers.filter(([one]) => one === name).map(([, value]) => value)
}

export function headerOf(answer: Received, name: string): string | null {
  return headersOf(answer, name)[0] ?? null
}

/** What `/me` says of the visitor. */
export async function me(visitor: Visitor): Promise<{ userId: string | null; ended: string | null; data: object }> {
  return JSON.parse((await visitor.visit('/me')).body)
}
