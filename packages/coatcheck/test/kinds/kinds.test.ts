import { describe, expect, test } from 'vitest'
import type { KindFactory } from '../../src/core/kind.ts'
import type { SessionsOptions } from '../../src/core/sessions/options.ts'
import { Sessions } from '../../src/core/sessions/sessions.ts'
import { opaque } from '../../src/tokens/opaque.ts'
import { anApp, type Data, KEY, NAVIGATION, rejection } from '../unit/core/app.ts'
import { accessToy } from './access-toy.ts'
import { sealedToy } from './sealed-toy.ts'

const MINUTE = 60_000
const FETCH = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' } as const

/**
 * Each kind with what is its own: how often a request reads the store, what a client holds, and whether a copy of that goes
 * on after the session has ended, at once and five minutes later.
 */
const KINDS = [
  {
    name: 'opaque',
    kind: opaque(),
    reads: 1,
    cookies: ['__Host-sid'],
    goesOn: { at: false, later: false },
  },
  {
    name: 'access and refresh',
    kind: accessToy(5 * MINUTE),
    reads: 0,
    cookies: ['__Host-sid', '__Host-sid-access'],
    goesOn: { at: true, later: false },
  },
  {
    name: 'sealed',
    kind: sealedToy(),
    reads: 0,
    cookies: ['__Host-sid'],
    goesOn: { at: true, later: true },
  },
] as const

function anAppOf(kind: KindFactory, options: Partial<SessionsOptions<Data>> = {}) {
  const app = anApp({ kind, ...options })
  if (kind.needsStore) return { ...app, calls: () => app.counting.total() }
  // Without a store whatever asks for one throws.
  const runtime = { now: app.clock.now, warn: (text: string) => app.warnings.push(text) }
  const given = { keys: KEY, runtime, kind, ...options } as unknown as SessionsOptions<Data>
  const sessions = new Sessions<Data>(given, opaque())
  sessions.on((event) => app.events.push(event))
  const aClient = (of = sessions) => app.aClient(of)
  const signedIn = async (data: Data = {}, userId = 'ada') => {
    const client = aClient()
    await client.visit(async (session) => session.signIn(await sessions.begin(userId), { data }))
    return client
  }
  return { ...app, sessions, aClient, signedIn, calls: () => 0 }
}

type Client = ReturnType<ReturnType<typeof anApp>['aClient']>
const userOf = (client: Client, headers?: Readonly<Record<string, string>>) =>
  client.visit(({ userId }) => userId, headers)

describe.each(KINDS)('$name', ({ kind, reads, cookies, goesOn }) => {
  test('opens what it has begun, with its data, at its cost in calls of the store', async () => {
    const { signedIn, calls } = anAppOf(kind)
    const ada = await signedIn({ role: 'admin' })
    expect([...ada.jar.keys()].toSorted()).toEqual(cookies)
    const before = calls()
    expect(await ada.visit(({ userId, data }) => [userId, data.role])).toEqual(['ada', 'admin'])
    expect(calls() - before).toBe(reads)
  })

  test('costs a visitor without a cookie nothing', async () => {
    const { aClient, calls } = anAppOf(kind)
    const client = aClient()
    expect(await userOf(client, NAVIGATION)).toBeNull()
    expect([client.jar.size, calls()]).toEqual([0, 0])
  })

  test('commits what changed, and the next request sees it', async () => {
    const { signedIn } = anAppOf(kind)
    const ada = await signedIn({ role: 'admin' })
    await ada.visit((session) => {
      session.data.n = 7
      delete session.data.role
    })
    expect(await ada.visit(({ data }) => ({ ...data }))).toEqual({ n: 7 })
    await ada.visit((session) => session.update('n', (n) => (n ?? 0) + 1))
    await ada.visit(async (session) => {
      session.data.cart = ['a']
      await session.save()
      session.data.cart.push('b')
    })
    expect(await ada.visit(({ data }) => ({ ...data }))).toEqual({ n: 8, cart: ['a', 'b'] })
  })

  test('signs in after a guest, whose session goes, with the data that is kept', async () => {
    const { aClient, sessions, events, clock } = anAppOf(kind)
    const guest = aClient()
    await guest.visit((session) => {
      session.data.cart = ['a']
      session.data.role = 'admin'
    })
    const before = guest.copy()
    const id = await guest.visit((session) => session.id)
    expect([...guest.jar.keys()].filter((name) => name.includes('vid'))).toEqual(['__Host-vid'])
    await guest.visit(async (session) => session.signIn(await sessions.begin('ada'), { keep: ['cart'] }))
    expect([...guest.jar.keys()].toSorted()).toEqual(cookies)
    expect(await guest.visit((session) => [session.userId, { ...session.data }])).toEqual(['ada', { cart: ['a'] }])
    expect(events).toContainEqual(expect.objectContaining({ type: 'ended', sessionId: id, reason: 'replaced' }))
    expect((await before.copy().visit((session) => session.id)) !== null).toBe(goesOn.at)
    clock.advance(5 * MINUTE)
    expect((await before.visit((session) => session.id)) !== null).toBe(goesOn.later)
  })

  test('is renewed on a navigation, and the token before it counts until the new one was seen', async () => {
    const { signedIn, clock, events } = anAppOf(kind, { policy: { renewal: '10m', idle: '3h' } })
    const ada = await signedIn({ role: 'admin' })
    const [before] = ada.jar.values()
    clock.advance(10 * MINUTE)
    expect(await userOf(ada, FETCH)).toBe('ada')
    expect(ada.jar.get('__Host-sid')).toBe(before)
    const lost = ada.copy()
    expect(await userOf(ada, NAVIGATION)).toBe('ada')
    expect(ada.jar.get('__Host-sid')).not.toBe(before)
    expect(events.filter(({ type }) => type === 'renewed')).toHaveLength(1)
    // Its answer was lost on the way, so that the client presents the token before it again.
    expect(await userOf(lost, FETCH)).toBe('ada')
    expect(await userOf(lost, NAVIGATION)).toBe('ada')
    expect(await userOf(lost)).toBe('ada')
    expect(await ada.visit(({ userId, data }) => [userId, data.role])).toEqual(['ada', 'admin'])
  })

  test('is opened by a token in the open, which then brings no cookie', async () => {
    const { aClient, sessions } = anAppOf(kind, { bearer: true })
    const program = aClient()
    const token = await program.visit(async (session) => {
      await session.signIn(await sessions.begin('ada'))
      return session.takeToken()
    })
    expect(program.jar.size).toBe(0)
    const authorization = `Bearer ${token}`
    expect(await userOf(program, { authorization, ...NAVIGATION })).toBe('ada')
    expect(program.jar.size).toBe(0)
    const ada = aClient()
    await ada.visit(async (session) => session.signIn(await sessions.begin('ada')))
    expect(await userOf(ada, { authorization })).toBeNull()
  })

  test('is refused where two of its cookies are of different sessions, and not where one is nothing', async () => {
    const { signedIn, events } = anAppOf(kind)
    const ada = await signedIn()
    const eve = await signedIn({}, 'eve')
    const [mine = '', theirs = ''] = [ada, eve].map(({ jar }) => jar.get('__Host-sid'))
    const visitWith = (cookie: string) => ada.copy().visit(({ userId }) => userId, { cookie })
    expect(await visitWith(`__Host-sid=${mine}; __Host-sid=${theirs}`)).toBeNull()
    expect(events.at(-1)).toMatchObject({ type: 'refused', reason: 'ambiguous' })
    expect(await visitWith(`__Host-sid=nothing; __Host-sid=${mine}`)).toBe('ada')
  })

  test('is over after a sign-out for whoever has its cookies deleted', async () => {
    const { signedIn } = anAppOf(kind)
    const ada = await signedIn()
    await ada.visit((session) => session.signOut())
    expect(ada.jar.size).toBe(0)
  })
})

test('sessions without a store are neither listed, found, ended from elsewhere nor swept: each says why', async () => {
  const { sessions } = anAppOf(sealedToy())
  const asked = [
    sessions.list('ada'),
    sessions.find('an id'),
    sessions.revoke('an id'),
    sessions.revokeUser('ada'),
    sessions.revokeAll(),
    sessions.updateUser('ada', { set: { role: 'user' } }),
    sessions.sweep(),
  ]
  const code = 'ERR_OPTION'
  for (const one of asked) expect(await rejection(one)).toMatchObject({ code, option: 'store' })
  await sessions.close()
})

describe('an access text', () => {
  const appOf = () => anApp({ kind: accessToy(5 * MINUTE) })

  test('that has expired is issued anew by the refresh token, on any answer, without another refresh token', async () => {
    const { signedIn, clock, counting } = appOf()
    const ada = await signedIn()
    const [refresh, access] = ada.jar.values()
    clock.advance(5 * MINUTE - 1)
    await userOf(ada, FETCH)
    clock.advance(1)
    const before = counting.total('read')
    expect(await userOf(ada, FETCH)).toBe('ada')
    expect(counting.total('read') - before).toBe(1)
    expect(ada.jar.get('__Host-sid')).toBe(refresh)
    expect(ada.jar.get('__Host-sid-access')).not.toBe(access)
    expect(await userOf(ada, FETCH)).toBe('ada')
    expect(counting.total('read') - before).toBe(1)
  })

  test('of another session beside the refresh token counts for nothing, and is no event', async () => {
    const { signedIn, events, counting } = appOf()
    const ada = await signedIn()
    const eve = await signedIn({}, 'eve')
    const [refresh, theirs] = [ada.jar.get('__Host-sid'), eve.jar.get('__Host-sid-access')]
    const before = [events.length, counting.total('read')]
    const cookie = `__Host-sid=${refresh}; __Host-sid-access=${theirs}`
    expect(await ada.copy().visit(({ userId }) => userId, { cookie })).toBe('ada')
    expect([events.length, counting.total('read')]).toEqual([before[0], (before[1] ?? 0) + 1])
  })

  test('alone opens nothing', async () => {
    const { signedIn } = appOf()
    const ada = await signedIn()
    ada.jar.delete('__Host-sid')
    expect(await userOf(ada)).toBeNull()
  })

  test('says what its session is after a change of data', async () => {
    const { signedIn, counting } = appOf()
    const ada = await signedIn({ role: 'admin' })
    await ada.visit((session) => {
      session.data.role = 'user'
    })
    const before = counting.total('read')
    expect(await ada.visit(({ data }) => data.role)).toBe('user')
    expect(counting.total('read')).toBe(before)
  })
})

describe('a text of several chunks', () => {
  const appOf = () => anAppOf(sealedToy())
  const LONG = 'x'.repeat(5_000)
  const fill = (client: Client, role: string) =>
    client.visit((session) => {
      session.data.role = role
    })

  test('is put together, and a shorter one leaves no chunk behind', async () => {
    const { signedIn } = appOf()
    const ada = await signedIn()
    await fill(ada, LONG)
    expect([...ada.jar.keys()].toSorted()).toEqual(['__Host-sid', '__Host-sid.1'])
    expect([...ada.jar].map(([name, value]) => name.length + value.length <= 4_096)).toEqual([true, true])
    expect(await ada.visit(({ data }) => data.role)).toBe(LONG)
    await fill(ada, 'short')
    expect([...ada.jar.keys()]).toEqual(['__Host-sid'])
    expect(await ada.visit(({ data }) => data.role)).toBe('short')
  })

  test('is deleted whole at the sign-out', async () => {
    const { signedIn } = appOf()
    const ada = await signedIn()
    await fill(ada, LONG)
    await ada.visit((session) => session.signOut())
    expect(ada.jar.size).toBe(0)
  })

  test('of which one is missing, or is of an older text, opens nothing', async () => {
    const { signedIn, events } = appOf()
    const ada = await signedIn()
    await fill(ada, LONG)
    const older = ada.copy()
    await fill(ada, `y${LONG}`)
    const mixed = ada.copy()
    mixed.jar.set('__Host-sid.1', older.jar.get('__Host-sid.1') ?? '')
    expect(await userOf(mixed)).toBeNull()
    expect(events.at(-1)).toMatchObject({ type: 'refused', reason: 'forged' })
    const broken = ada.copy()
    broken.jar.delete('__Host-sid.1')
    expect(await userOf(broken)).toBeNull()
    expect(events.at(-1)).toMatchObject({ type: 'refused', reason: 'malformed' })
  })
})

describe('kinds side by side', () => {
  test('open each their own, and the first begins', async () => {
    const app = anApp()
    const ada = await app.signedIn({ role: 'admin' })
    const both = app.make({ kind: accessToy(5 * MINUTE), also: [opaque()] })
    expect(await userOf(ada)).toBe('ada')
    const eve = app.aClient(both)
    await eve.visit(async (session) => session.signIn(await both.begin('eve')))
    expect([...eve.jar.keys()]).toEqual(['__Host-sid', '__Host-sid-access'])
    const sealed = app.make({ kind: sealedToy(), also: [opaque()] })
    const moved = app.aClient(sealed)
    for (const [name, value] of ada.jar) moved.jar.set(name, value)
    expect(await moved.visit(({ userId, data }) => [userId, data.role])).toEqual(['ada', 'admin'])
    await moved.visit((session) => {
      session.data.n = 1
    })
    expect(await ada.visit(({ data }) => data.n)).toBe(1)
  })

  test('a text of a later one is ignored where the first has one, and undoes no ending', async () => {
    const foreign = (await anAppOf(sealedToy()).signedIn({}, 'eve')).jar.get('__Host-sid') ?? ''
    const own = anApp({ also: [sealedToy()] })
    const ada = await own.signedIn()
    const id = (await ada.visit((session) => session.id)) ?? ''
    const mine = ada.jar.get('__Host-sid') ?? ''
    const visitWith = (...texts: string[]) =>
      own.aClient().visit(({ userId, ended }) => [userId, ended?.reason], {
        cookie: texts.map((text) => `__Host-sid=${text}`).join('; '),
      })
    const before = own.events.length
    for (const texts of [
      [mine, foreign],
      [foreign, mine],
    ])
      expect(await visitWith(...texts)).toEqual(['ada', undefined])
    expect(own.events).toHaveLength(before)
    await own.sessions.revoke(id)
    for (const texts of [
      [mine, foreign],
      [foreign, mine],
    ])
      expect(await visitWith(...texts)).toEqual([null, 'revoked'])
    expect(await visitWith('planted', foreign)).toEqual(['eve', 'malformed'])
    expect(await visitWith(foreign)).toEqual(['eve', undefined])
  })
})

describe('a step that is overtaken in its own request brings nothing back', () => {
  test.each(['save', 'update', 'rotate'] as const)('%s, where the visitor signs out meanwhile', async (step) => {
    const { signedIn, sessions } = anAppOf(sealedToy(5))
    const ada = await signedIn({ n: 1 })
    const session = await sessions.open(ada.request())
    session.data.n = 2
    const steps = {
      save: () => session.save(),
      update: () => session.update('n', () => 3),
      rotate: () => session.rotate(),
    }
    const running = steps[step]().catch(() => undefined)
    await session.signOut()
    await running
    ada.take(await sessions.commit(session, new Response()))
    expect([session.userId, ada.jar.size]).toEqual([null, 0])
  })

  test.each(['rotate', 'reauthenticate'] as const)(
    'a rotation beside a %s of the same request loses nothing',
    async (step) => {
      const app = anApp()
      const ada = await app.signedIn()
      const attempt = await app.sessions.begin('ada')
      const session = await app.sessions.open(ada.request())
      const steps = { rotate: () => session.rotate(), reauthenticate: () => session.reauthenticate(attempt) }
      await Promise.all([session.rotate(), steps[step]()])
      expect(session.userId).toBe('ada')
      ada.take(await app.sessions.commit(session, new Response()))
      expect(await userOf(ada)).toBe('ada')
    },
  )

  test('what is written late is told of the session that it was meant for, and stays out of the next one', async () => {
    const app = anApp()
    const ada = await app.signedIn({ n: 1 })
    const id = await ada.visit((session) => session.id)
    const session = await app.sessions.open(ada.request())
    const { promise, resolve } = Promise.withResolvers<number>()
    const running = rejection(session.update('n', () => promise))
    await new Promise((done) => setTimeout(done, 1))
    await session.signIn(await app.sessions.begin('bob'))
    resolve(5)
    expect(await running).toMatchObject({ code: 'ERR_SESSION_ENDED' })
    expect([session.userId, session.data.n]).toEqual(['bob', undefined])
    const refused = app.events.filter(({ type }) => type === 'write-refused')
    expect(refused).toEqual([expect.objectContaining({ sessionId: id, userId: 'ada' })])
  })
})

test('a migration beside a rotation of another request goes on to be read, with the data brought up', async () => {
  const app = anApp()
  const ada = await app.signedIn({ n: 1 })
  const newer = app.make({ data: { version: 1, migrate: (data) => ({ ...data, role: 'new' }) } })
  const other = ada.copy()
  const barrier = app.barrier.stopBefore('update')
  const opening = newer.open(ada.request())
  await barrier.reached
  await other.visit((session) => session.rotate())
  barrier.release()
  const session = await opening
  expect([session.userId, { ...session.data }]).toEqual(['ada', { n: 1, role: 'new' }])
})

test('data that the request with the new token has migrated already are not migrated a second time', async () => {
  const app = anApp()
  const ada = await app.signedIn({ n: 1 })
  const newer = app.make({ data: { version: 1, migrate: (data) => ({ ...data, n: Number(data['n']) + 1 }) } })
  const other = app.aClient(newer)
  for (const [name, value] of ada.jar) other.jar.set(name, value)
  const barrier = app.barrier.stopBefore('update')
  const opening = newer.open(ada.request())
  await barrier.reached
  await other.visit((session) => session.rotate())
  barrier.release()
  expect((await opening).data.n).toBe(2)
})

test('a change that waits for its turn is not made in the session of who signs in meanwhile', async () => {
  const app = anApp()
  const ada = await app.signedIn({ n: 1 })
  const session = await app.sessions.open(ada.request())
  const { promise, resolve } = Promise.withResolvers<number>()
  const first = rejection(session.update('n', () => promise))
  const second = rejection(session.update('n', () => 7))
  await new Promise((done) => setTimeout(done, 1))
  await session.signIn(await app.sessions.begin('bob'))
  resolve(5)
  expect([await first, await second]).toMatchObject([{ code: 'ERR_SESSION_ENDED' }, { code: 'ERR_SESSION_ENDED' }])
  expect((await app.inner.read(session.id ?? ''))?.data.size).toBe(0)
})
