import type { SessionEvent } from '../../core/events/events.ts'
import type { SessionsOptions } from '../../core/sessions/options.ts'
import type { Session } from '../../core/sessions/session.ts'
import type { Sessions } from '../../core/sessions/sessions.ts'
import type { Store } from '../../core/store/store.ts'
import { createSessions } from '../../index.ts'
import { expectEqual, expectTrue } from '../assert.ts'
import { type BarrierStore, barrierStore } from '../barrier-store.ts'
import type { Case } from '../cases.ts'
import { type ManualClock, manualClock } from '../clock.ts'
import { type CookieJar, cookieJar } from '../cookie-jar.ts'
import { type CountingStore, countingStore } from '../counting-store.ts'
import { type Seeded, seeded } from '../randomness.ts'

/** What a case about the promises works on. */
export interface PromiseContext {
  /** Empty, or with a namespace of its own. */
  readonly store: Store
  /** A second instance over the same records, as another process has it; left out where none can be had. */
  readonly open?: (() => Promise<Store>) | undefined
  /** Epoch milliseconds at which the clock of the case begins, as in `StoreContext`. */
  readonly start?: number | undefined
  /** How often long proofs repeat: 1 for the full length, less for a part of it. Default 0.02. */
  readonly length?: number | undefined
  readonly close?: (() => Promise<void>) | undefined
}

export interface Data {
  role: string
  n: number
  cart: string[]
  [key: string]: unknown
}

export const KEY = 'a-signing-key-of-the-promises-0123456789'
export const OLDER_KEY = 'an-older-key-of-the-promises-9876543210'
export const NAVIGATION = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' } as const
const ORIGIN = 'https://app.example/'

/** What a handler of a test does with the session of its request. */
type Handler<T> = (session: Session<Partial<Data>>) => T | Promise<T>

/** A client with cookies, as a browser has them. */
export interface Browser {
  /** The cookies that it holds, by name. */
  cookies(): ReadonlyMap<string, string>
  /** Puts a cookie into its jar, in place of the one of that name. */
  plant(name: string, value: string): void
  /** One request: opens, lets the handler work, commits, and keeps the cookies of the answer. */
  visit<T>(handler: Handler<T>, headers?: Readonly<Record<string, string>>): Promise<T>
  /** As `visit`, but the answer is lost on its way: it is committed, and its cookies are not kept. */
  visitAndLoseAnswer<T>(handler: Handler<T>, headers?: Readonly<Record<string, string>>): Promise<T>
  request(headers?: Readonly<Record<string, string>>): Request
  /** Takes the cookies of an answer. */
  take(response: Response): void
  /** Another client with the same cookies at this moment: a stolen token, or a second tab. */
  copy(): Browser
}

export interface Kit {
  readonly clock: ManualClock
  readonly random: Seeded
  readonly counting: CountingStore
  readonly barrier: BarrierStore
  readonly sessions: Sessions<Partial<Data>, Data>
  readonly events: SessionEvent[]
  /** Another manager, as another process has it, over the same records (or, where none can be had, the same instance). */
  readonly another: (options?: Partial<SessionsOptions<Data>>) => Promise<Sessions<Partial<Data>, Data>>
  readonly browser: (sessions?: Sessions<Partial<Data>, Data>) => Browser
  /** A browser in which the user has signed in. */
  readonly signedIn: (userId?: string, data?: Partial<Data>) => Promise<Browser>
  /** How often a long proof repeats here. */
  readonly times: (full: number) => number
}

export function promiseCase(
  promise: number,
  name: string,
  run: (kit: Kit) => Promise<void>,
  options: Partial<SessionsOptions<Data>> = {},
): Case<PromiseContext> {
  return {
    name,
    promise,
    async run(context) {
      const { kit, close } = makeKit(context, options)
      try {
        await run(kit)
      } finally {
        await close()
      }
    },
  }
}

function makeKit(context: PromiseContext, options: Partial<SessionsOptions<Data>>) {
  const clock = manualClock(context.start)
  const barrier = barrierStore(context.store)
  const counting = countingStore(barrier)
  const opened: Store[] = []
  const make = (store: Store, more: Partial<SessionsOptions<Data>> = {}) =>
    createSessions<Data>({ store, keys: KEY, runtime: { now: clock.now, warn: () => undefined }, ...options, ...more })
  const sessions = make(counting)
  const events: SessionEvent[] = []
  sessions.on((event) => events.push(event))
  const browser = (of = sessions) => makeBrowser(of, cookieJar({ clock }))
  const kit: Kit = {
    clock,
    random: seeded('promises'),
    counting,
    barrier,
    sessions,
    events,
    async another(more) {
      const store = (await context.open?.()) ?? context.store
      if (store !== context.store) opened.push(store)
      return make(store, more)
    },
    browser,
    async signedIn(userId = 'ada', data = {}) {
      const client = browser()
      await client.visit(async (session) => session.signIn(await sessions.begin(userId), { data }))
      return client
    },
    times: (full) => Math.max(1, Math.round(full * (context.length ?? 0.02))),
  }
  const close = async () => {
    barrier.releaseAll()
    for (const store of opened) await store.close()
  }
  return { kit, close }
}

function makeBrowser(sessions: Sessions<Partial<Data>, Data>, jar: CookieJar): Browser {
  const request: Browser['request'] = (headers = {}) => {
    const cookie = jar.header(ORIGIN)
    return new Request(ORIGIN, { headers: { ...(cookie === null ? {} : { cookie }), ...headers } })
  }
  const answer = async <T>(handler: Handler<T>, headers?: Readonly<Record<string, string>>) => {
    const session = await sessions.open(request(headers))
    const result = await handler(session)
    return { result, response: await sessions.commit(session, new Response('ok')) }
  }
  const browser: Browser = {
    cookies: () => new Map(jar.cookies().map(({ name, value }) => [name, value])),
    plant(name, value) {
      expectEqual(
        jar.take(ORIGIN, [`${name}=${value}; Path=/; Secure; HttpOnly`]),
        [],
        'A browser takes no such cookie.',
      )
    },
    request,
    async visit(handler, headers) {
      const { result, response } = await answer(handler, headers)
      browser.take(response)
      return result
    },
    async visitAndLoseAnswer(handler, headers) {
      return (await answer(handler, headers)).result
    },
    take(response) {
      expectEqual(jar.take(ORIGIN, response.headers.getSetCookie()), [], 'A browser refuses the cookie.')
    },
    copy: () => makeBrowser(sessions, jar.copy()),
  }
  return browser
}

export const SIGNED_IN = '__Host-sid'
export const ANONYMOUS = '__Host-vid'

/** The token that the browser holds in a cookie; fails where it holds none. */
export function tokenOf(browser: Browser, cookie = SIGNED_IN): string {
  const token = browser.cookies().get(cookie)
  expectTrue(token !== undefined, `The browser holds no cookie ${cookie}.`)
  return token
}

/** Why the browser's session no longer counts; `active` where it does, `none` where it has none. */
export async function stateOf(browser: Browser): Promise<string> {
  return await browser.visit((session) => session.ended?.reason ?? (session.id === null ? 'none' : 'active'))
}

/** What settled, without throwing: races are allowed to be refused. */
export async function settle(work: readonly Promise<unknown>[]): Promise<readonly PromiseSettledResult<unknown>[]> {
  return await Promise.allSettled(work)
}
