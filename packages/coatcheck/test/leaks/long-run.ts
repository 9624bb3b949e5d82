import type { Session } from '../../src/core/sessions/session.ts'
import type { Store } from '../../src/core/store/store.ts'
import { createSessions } from '../../src/index.ts'
import type { Runtime } from '../../src/runtime/index.ts'
import { runtime } from '../../src/runtime/node.ts'
import { type CookieJar, cookieJar, manualClock, type Seeded, seeded } from '../../src/testing/index.ts'
import type { Search } from './search.ts'

interface Data {
  n: number
  bad: Date
  [key: string]: unknown
}

type Handler = (session: Session<Partial<Data>>) => unknown

const HOME = 'https://app.example/'
const NAVIGATION = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
const OLDER = 'the-first-key-of-the-long-run-0123456789'
const NEWER = 'the-second-key-of-the-long-run-9876543210'
const MINUTE = 60_000

/** Everything that is random or made with a key is looked for from the moment at which it is there. */
function watched(search: Search, random: Seeded): Pick<Runtime, 'random' | 'macKey'> {
  return {
    random(bytes) {
      const text = random.bytes(bytes)
      // 16 bytes are ids and nonces, which the store has to hold.
      if (bytes === 32) search.addSecret(text)
      return text
    },
    async macKey(secret) {
      search.addText(secret)
      const key = await runtime.macKey(secret)
      return {
        async mac(text) {
          const mac = await key.mac(text)
          search.addSecret(mac)
          return mac
        },
      }
    },
  }
}

/** What can be read of a run besides the store itself. */
export interface Run {
  readonly events: readonly unknown[]
  readonly errors: readonly Error[]
  /** How many tokens browsers were given. */
  readonly tokens: number
}

/**
 * Some browsers on one store: they sign in and out, renew, come back with old cookies, make mistakes; the key is rotated
 * on the way. Each token that is given out goes into the search.
 */
export async function longRun(store: Store, steps: number, search: Search): Promise<Run> {
  const clock = manualClock()
  const random = seeded('leaks')
  const shared = { store, runtime: { now: clock.now, warn: () => undefined, ...watched(search, random) } }
  const policy = { renewal: '20m', touch: '1m' } as const
  const before = createSessions<Data>({ ...shared, policy, keys: OLDER })
  const after = createSessions<Data>({ ...shared, policy, keys: [NEWER, OLDER] })
  const events: unknown[] = []
  for (const sessions of [before, after]) sessions.on((event) => events.push(event))
  const errors: Error[] = []
  const tokens = new Set<string>()
  let sessions = before

  const visit = async (jar: CookieJar, handler: Handler, headers: Readonly<Record<string, string>> = {}) => {
    const cookie = jar.header(HOME) ?? ''
    const session = await sessions.open(new Request(HOME, { headers: { cookie, ...headers } }))
    await handler(session)
    const response = await sessions.commit(session, new Response())
    jar.take(HOME, response.headers.getSetCookie())
    for (const { value } of jar.cookies()) tokens.add(value)
  }
  const doings: readonly ((jar: CookieJar) => Promise<unknown>)[] = [
    (jar) => visit(jar, async (session) => session.signIn(await sessions.begin(random.pick(['ada', 'bob'])))),
    (jar) => visit(jar, async (session) => session.reauthenticate(await sessions.begin('ada'))),
    (jar) => visit(jar, (session) => session.rotate()),
    (jar) => visit(jar, (session) => session.update('n', (n) => (n ?? 0) + 1)),
    (jar) => visit(jar, (session) => Object.assign(session.data, { [`key ${random.int(9)}`]: random.int(1_000) })),
    (jar) => visit(jar, (session) => session.requireFresh({ maxAge: '1m' })),
    (jar) => visit(jar, (session) => Object.assign(session.data, { bad: new Date(0) })),
    (jar) => visit(jar, (session) => session.signOut()),
    (jar) => visit(jar, () => undefined, NAVIGATION),
    (jar) => visit(jar, () => undefined, NAVIGATION),
    () => sessions.updateUser('ada', { set: { n: 0 } }),
    () => sessions.revokeUser('bob'),
    () => sessions.sweep(),
  ]
  const jars = Array.from({ length: 8 }, () => cookieJar({ clock }))
  for (let step = 0; step < steps; step++) {
    if (step === Math.floor(steps / 3)) sessions = after
    const place = random.int(jars.length)
    const jar = jars[place] ?? cookieJar({ clock })
    // Now and then an old cookie comes back.
    if (random.int(10) === 0) jars[random.int(jars.length)] = jar.copy()
    await random
      .pick(doings)(jar)
      .catch((error: Error) => errors.push(error))
    clock.advance(random.int(random.int(10) === 0 ? 40 * MINUTE : 5 * MINUTE))
  }
  for (const token of tokens) search.addText(token)
  return { events, errors, tokens: tokens.size }
}
