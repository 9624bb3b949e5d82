import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SessionsOptions } from '../../src/core/sessions/options.ts'
import type { Session } from '../../src/core/sessions/session.ts'
import { createSessions } from '../../src/index.ts'
import { intercept, manualClock, modelStore } from '../../src/testing/index.ts'
import { type Data, NAVIGATION } from '../unit/core/app.ts'

const KEY = 'a-signing-key-of-the-races-0123456789a'

/**
 * Requests of several processes over one store, whose calls take effect in an order that fast-check chooses and shrinks:
 * whatever the order, the promises hold.
 */
function aWorld(scheduler: fc.Scheduler, options: Partial<SessionsOptions<Data>> = {}) {
  const clock = manualClock()
  const inner = modelStore()
  let racing = false
  const store = intercept(inner, async ({ method, subject }, proceed) => {
    if (racing) await scheduler.schedule(Promise.resolve(), `${method} of ${subject}`)
    const result = await proceed()
    if (racing) await scheduler.schedule(Promise.resolve(), `answer to ${method} of ${subject}`)
    return result
  })
  // Pauses are over at once, and patience never is: the order is the scheduler's.
  const after = (ms: number, task: () => void) => {
    if (ms >= 1_000) return () => undefined
    const timer = setImmediate(task)
    return () => clearImmediate(timer)
  }
  const make = () =>
    createSessions<Data>({
      store,
      keys: KEY,
      policy: { renewal: '10m' },
      runtime: { now: clock.now, after, warn: () => undefined },
      ...options,
    })
  const processes = [make(), make()] as const
  const [first] = processes

  const request = (jar: ReadonlyMap<string, string>, headers: Readonly<Record<string, string>> = {}) =>
    new Request('https://app.example/', {
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '), ...headers },
    })

  /** One request by a process: opens, works, commits, and keeps the cookies of the answer. */
  async function visit<T>(
    process: 0 | 1,
    jar: Map<string, string>,
    work: (session: Session<Data>) => T | Promise<T>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    const session = await processes[process].open(request(jar, headers))
    const result = await work(session)
    for (const line of (await processes[process].save(session)).cookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (line.includes('; Max-Age=0;')) jar.delete(name)
      else jar.set(name, value)
    }
    return result
  }

  async function signedIn(data: Data = {}) {
    const jar = new Map<string, string>()
    await visit(0, jar, async (session) => session.signIn(await first.begin('ada'), { data }))
    return jar
  }

  /** Runs all at once; what is refused on the way may be. */
  async function race(work: readonly (() => Promise<unknown>)[]) {
    racing = true
    const results = await scheduler.waitFor(Promise.allSettled(work.map((each) => each())))
    racing = false
    return results
  }

  return { clock, inner, first, processes, visit, signedIn, race, request }
}

type World = ReturnType<typeof aWorld>
type Doing = (world: World, jar: Map<string, string>, process: 0 | 1) => Promise<unknown>

const DOINGS: Readonly<Record<string, Doing>> = {
  writes: (world, jar, process) =>
    world.visit(process, jar, (session) => {
      session.data.role = 'user'
    }),
  counts: (world, jar, process) => world.visit(process, jar, (session) => session.update('n', (n) => (n ?? 0) + 1)),
  navigates: (world, jar, process) => world.visit(process, jar, () => undefined, NAVIGATION),
  rotates: (world, jar, process) => world.visit(process, jar, (session) => session.rotate()),
  authenticates: (world, jar, process) =>
    world.visit(process, jar, async (session) =>
      session.reauthenticate(await world.processes[process].begin('ada'), { data: { role: 'admin' } }),
    ),
  'signs in as another': (world, jar, process) =>
    world.visit(process, jar, async (session) => session.signIn(await world.processes[process].begin('bob'))),
}

const anyDoing = fc.tuple(fc.constantFrom(...Object.keys(DOINGS)), fc.constantFrom<(0 | 1)[]>(0, 1))

function run(world: World, jar: Map<string, string>, doings: readonly (readonly [string, 0 | 1])[]) {
  return doings.map(
    ([name, process]) =>
      async () =>
        DOINGS[name]?.(world, new Map(jar), process),
  )
}

describe('whatever requests are under way', () => {
  const endings: Readonly<Record<string, (world: World, jar: Map<string, string>, id: string) => Promise<unknown>>> = {
    revoke: ({ first }, _, id) => first.revoke(id),
    revokeUser: ({ first }) => first.revokeUser('ada'),
    revokeAll: ({ first }) => first.revokeAll(),
    'a sign-out': ({ visit }, jar) => visit(0, new Map(jar), (session) => session.signOut()),
  }

  test.each(Object.keys(endings))('after %s has resolved the session is over for good', async (name) => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(anyDoing, { minLength: 1, maxLength: 4 }),
        async (scheduler, doings) => {
          const world = aWorld(scheduler)
          const jar = await world.signedIn({ n: 0 })
          const id = await world.visit(0, jar, (session) => session.id ?? '')
          world.clock.advance('11m')
          const results = await world.race([...run(world, jar, doings), async () => endings[name]?.(world, jar, id)])
          // A sign-out by a token that was replaced meanwhile ends nothing, and the session had gone on without it.
          const record = await world.inner.read(id)
          if (name === 'a sign-out' && record?.ended === null) {
            expect(doings.some(([doing]) => doing === 'rotates' || doing === 'authenticates')).toBe(true)
            return
          }
          expect(results.at(-1)?.status).toBe('fulfilled')
          expect(record?.ended).not.toBeNull()
          expect(record?.data.size).toBe(0)
          expect(await world.first.list('ada')).toEqual([])
          expect(await world.visit(1, jar, (session) => session.userId)).toBeNull()
        },
      ),
      { seed: 1, numRuns: 60 },
    )
  })

  test('no count is lost that was answered as done', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(anyDoing, { maxLength: 3 }), async (scheduler, doings) => {
        const world = aWorld(scheduler)
        const jar = await world.signedIn({ n: 0 })
        const id = await world.visit(0, jar, (session) => session.id ?? '')
        world.clock.advance('11m')
        const counting = [
          ['counts', 0],
          ['counts', 1],
          ['counts', 0],
          ['counts', 1],
        ] as const
        const quiet = doings.filter(([name]) => name !== 'counts' && name !== 'signs in as another')
        const results = await world.race([...run(world, jar, counting), ...run(world, jar, quiet)])
        const done = results.slice(0, 4).filter(({ status }) => status === 'fulfilled').length
        expect((await world.inner.read(id))?.data.get('n')).toBe(String(done))
        if (quiet.every(([name]) => name === 'writes' || name === 'navigates')) expect(done).toBe(4)
      }),
      { seed: 2, numRuns: 80 },
    )
  })

  test('a token from before an authentication neither writes nor reads after it has resolved', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(anyDoing, { maxLength: 3 }), async (scheduler, doings) => {
        const world = aWorld(scheduler)
        const jar = await world.signedIn({ role: 'user' })
        const mine = new Map(jar)
        world.clock.advance('11m')
        const others = doings.filter(([name]) => name === 'writes' || name === 'navigates' || name === 'counts')
        const authenticating = () => DOINGS['authenticates']?.(world, mine, 0) ?? Promise.reject(new Error('none'))
        const results = await world.race([authenticating, ...run(world, jar, others)])
        expect(results[0]?.status).toBe('fulfilled')
        expect(await world.visit(0, mine, (session) => [session.userId, session.data.role])).toEqual(['ada', 'admin'])
        expect(await world.visit(1, new Map(jar), (session) => session.ended?.reason)).toBe('replaced')
      }),
      { seed: 3, numRuns: 80 },
    )
  })
})

test('whoever renews at once, in whichever process, holds the same token, and it counts', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.constantFrom<(0 | 1)[]>(0, 1), { minLength: 2, maxLength: 5 }),
      async (scheduler, by) => {
        const world = aWorld(scheduler)
        const jar = await world.signedIn()
        world.clock.advance('11m')
        const racers = by.map((process) => ({ process, jar: new Map(jar) }))
        await world.race(
          racers.map((racer) => () => world.visit(racer.process, racer.jar, () => undefined, NAVIGATION)),
        )
        const tokens = new Set(racers.map((racer) => racer.jar.get('__Host-sid')))
        expect(tokens.size).toBe(1)
        expect(tokens.has(jar.get('__Host-sid'))).toBe(false)
        for (const racer of racers) expect(await world.visit(1, racer.jar, (session) => session.userId)).toBe('ada')
      },
    ),
    { seed: 4, numRuns: 80 },
  )
})

test('of parallel sign-ins never more live than the limit allows', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.constantFrom('refuse', 'end-oldest', 'end-idlest'),
      async (scheduler, atLimit) => {
        const world = aWorld(scheduler, { sessionsPerUser: { max: 2, atLimit } })
        const jars = Array.from({ length: 4 }, () => new Map<string, string>())
        const attempt = await world.first.begin('ada')
        await world.race(
          jars.map((jar, i) => () => world.visit(i % 2 === 0 ? 0 : 1, jar, (session) => session.signIn(attempt))),
        )
        expect(await world.first.list('ada')).toHaveLength(2)
        const users: (string | null)[] = []
        for (const jar of jars) users.push(await world.visit(0, jar, (session) => session.userId))
        expect(users.filter((user) => user === 'ada')).toHaveLength(2)
      },
    ),
    { seed: 5, numRuns: 60 },
  )
})

test('a migration of several processes at once happens once, and keeps what was written meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const migrate = ({ role, ...rest }: Record<string, unknown>) => ({ ...rest, roles: [role] })
      const world = aWorld(scheduler, { data: { version: 1, migrate } })
      const jar = await world.signedIn({ role: 'user' })
      const id = await world.visit(0, jar, (session) => session.id ?? '')
      await world.inner.update(id, { at: world.clock.now(), fields: { schema: 0 } })
      const write = (process: 0 | 1, key: string) => () =>
        world.visit(process, new Map(jar), (session) => {
          session.data[key] = true
        })
      await world.race([write(0, 'a'), write(1, 'b'), write(0, 'c')])
      expect(await world.visit(0, jar, (session) => ({ ...session.data }))).toEqual({
        roles: ['user'],
        a: true,
        b: true,
        c: true,
      })
    }),
    { seed: 6, numRuns: 80 },
  )
})
