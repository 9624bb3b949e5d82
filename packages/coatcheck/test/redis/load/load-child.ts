// One of several processes that make random requests on the same sessions, and keep what they were told.
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CoatcheckError } from '../../../src/errors.ts'
import { cookieJar, seeded } from '../../../src/testing/index.ts'
import { perform, turn } from '../../faults/child.ts'
import { type Facts, FIRST_ROLE, type Input, noFacts, USERS } from './facts.ts'
import { openPlace, type RequestSession, sessionsOn } from './places.ts'

const HOME = 'https://app.example/'
const NAVIGATION = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
/** Requests that are under way at once in each process. */
const AT_ONCE = 8
/** What losing a race is answered with. */
const EXPECTED: readonly string[] = ['ERR_SESSION_ENDED', 'ERR_USER_CHANGED', 'ERR_CONTENTION', 'ERR_NOT_SIGNED_IN']

/** Of the token in a cookie. */
function generationOf(cookie: string): number {
  return Number.parseInt(/=cc1\.([0-9a-z]+)\./.exec(cookie)?.[1] ?? '', 36)
}

interface Ticket {
  readonly id: string
  readonly cookie: string
}

async function load({ place, folder, number, milliseconds }: Input): Promise<Facts> {
  const { store, close } = await openPlace(place)
  const sessions = sessionsOn(store)
  const random = seeded(`load ${number}`)
  const facts = noFacts()
  let count = 0
  const aUser = () => random.pick(USERS)

  /** Puts a text in place at once, as whoever reads it finds all of it. */
  function put(name: string, text: string): void {
    const path = join(folder, encodeURIComponent(name))
    writeFileSync(`${path}.${number}.new`, text)
    renameSync(`${path}.${number}.new`, path)
  }
  function get(name: string, otherwise = ''): string {
    try {
      return readFileSync(join(folder, encodeURIComponent(name)), 'utf8')
    } catch {
      return otherwise
    }
  }
  /** The newest token of some session. */
  function aTicket(): Ticket | undefined {
    const names = readdirSync(folder).filter((one) => one.startsWith('ticket-') && !one.endsWith('.new'))
    if (names.length === 0) return undefined
    const name = random.pick(names)
    const id = name.slice('ticket-'.length)
    return { id, cookie: get(name) }
  }

  /** Answers the generation of the token that came with the answer, if one did. */
  async function commit(session: RequestSession, id: string): Promise<number | null> {
    const jar = cookieJar()
    jar.take(HOME, (await sessions.commit(session, new Response())).headers.getSetCookie())
    const cookie = jar.header(HOME)
    if (cookie === null) return null
    put(`ticket-${id}`, cookie)
    return generationOf(cookie)
  }

  /** One request with a session; `work` is done where it is alive. */
  async function withSession(work: (session: RequestSession, id: string) => Promise<unknown>, headers = {}) {
    const ticket = aTicket()
    if (ticket === undefined) return
    const start = Date.now()
    const session = await sessions.open(new Request(HOME, { headers: { cookie: ticket.cookie, ...headers } }))
    if (!session.signedIn) return
    const { id } = ticket
    facts.alive[id] = Math.max(start, facts.alive[id] ?? 0)
    const token = `${id} ${generationOf(ticket.cookie)}`
    facts.generations[token] = Math.max(start, facts.generations[token] ?? 0)
    await work(session, id)
  }

  const acts: Readonly<Record<string, readonly [weight: number, act: (visitor: number) => Promise<unknown>]>> = {
    'sign in': [
      12,
      async () => {
        const user = aUser()
        const attempt = await sessions.begin(user)
        const begunAt = Date.now()
        const role = get(`role-${user}`, FIRST_ROLE)
        const session = await sessions.open(new Request(HOME))
        await session.signIn(attempt, { data: { role } })
        const id = session.id ?? ''
        facts.signedIn.push({ id, user, begunAt })
        await commit(session, id)
      },
    ],
    write: [
      30,
      (visitor) =>
        withSession(async (session, id) => {
          const [key, value] = [`by ${number}.${visitor}`, count++]
          session.data[key] = value
          await commit(session, id)
          if (session.ended !== null) return
          facts.wrote[id] ??= {}
          facts.wrote[id][key] = value
        }),
    ],
    count: [
      15,
      () =>
        withSession(async (session, id) => {
          await session.update('n', (n = 0) => n + 1)
          facts.counted[id] = (facts.counted[id] ?? 0) + 1
        }),
    ],
    renew: [15, () => withSession(commit, NAVIGATION)],
    read: [15, () => withSession(async () => undefined)],
    'authenticate again': [
      4,
      () =>
        withSession(async (session, id) => {
          await session.reauthenticate(await sessions.begin(session.userId ?? ''))
          const ack = Date.now()
          const generation = await commit(session, id)
          if (generation !== null) facts.reauthenticated.push({ id, generation, ack })
        }),
    ],
    end: [
      4,
      async () => {
        const ticket = aTicket()
        if (ticket === undefined) return
        await sessions.revoke(ticket.id)
        facts.ended.push({ id: ticket.id, ack: Date.now() })
      },
    ],
    'end user': [
      1,
      async () => {
        const user = aUser()
        const start = Date.now()
        await sessions.revokeUser(user)
        facts.usersEnded.push({ user, start, ack: Date.now() })
      },
    ],
    'update user': [
      2,
      async () => {
        const user = aUser()
        const role = `role ${number}.${count++}`
        const start = Date.now()
        put(`role-${user}`, role)
        await sessions.updateUser(user, { set: { role } })
        facts.roles.push({ user, role, start, ack: Date.now() })
      },
    ],
    sweep: [1, () => sessions.sweep()],
  }
  const names = Object.entries(acts).flatMap(([name, [weight]]) => Array.from({ length: weight }, () => name))

  async function visit(visitor: number, until: number): Promise<void> {
    while (Date.now() < until) {
      const name = random.pick(names)
      try {
        await acts[name]?.[1](visitor)
        facts.calls[name] = (facts.calls[name] ?? 0) + 1
      } catch (error) {
        const isExpected = error instanceof CoatcheckError && EXPECTED.includes(error.code)
        if (!isExpected) facts.faults.push(`${name}: ${String(error)}`)
      }
    }
  }

  await sessions.begin('nobody')
  await turn()
  const until = Date.now() + milliseconds
  await Promise.all(Array.from({ length: AT_ONCE }, (_, visitor) => visit(visitor, until)))
  await close()
  return facts
}

await perform<Input>({ load })
