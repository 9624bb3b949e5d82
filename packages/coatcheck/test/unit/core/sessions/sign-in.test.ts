import { describe, expect, test, vi } from 'vitest'
import type { Attempt } from '../../../../src/core/sessions/sign-in.ts'
import { anApp, rejection } from '../app.ts'

const STRONG = { level: 2, methods: ['pwd', 'otp'] }

describe('a user id', () => {
  test.each([
    ['empty', ''],
    ['too long by one', 'u'.repeat(513)],
    ['a number', 7],
    ['undefined', undefined],
  ])('that is %s is refused wherever one is taken', async (_, userId) => {
    const { sessions, counting } = anApp()
    const id = userId as string
    for (const call of [sessions.begin(id), sessions.list(id), sessions.revokeUser(id), sessions.updateUser(id, {})]) {
      expect(await rejection(call)).toMatchObject({ code: 'ERR_OPTION', option: 'userId' })
    }
    expect(counting.counts()).toEqual({})
  })

  test('may be any string of up to 512 characters', async () => {
    const { clock, sessions } = anApp()
    for (const userId of ['u'.repeat(512), '0', '__proto__', 'a\0b']) {
      expect(await sessions.begin(userId)).toEqual({ userId, epoch: 0, beganAt: clock.now() })
    }
  })
})

test('an attempt cannot be turned into that of another user', async () => {
  const { sessions } = anApp()
  const attempt: Attempt = await sessions.begin('ada')
  expect(Object.isFrozen(attempt)).toBe(true)
})

test('the attempt of one user authenticates no session of another, nor one of nobody', async () => {
  const { sessions, signedIn, aClient, counting } = anApp()
  const bob = await sessions.begin('bob')
  for (const client of [await signedIn(), aClient()]) {
    const work = client.visit((session) => session.reauthenticate(bob, { data: { role: 'admin' } }))
    expect(await rejection(work)).toMatchObject({ code: 'ERR_NOT_SIGNED_IN' })
  }
  expect(counting.total('rotate')).toBe(0)
})

test('an attempt of 30 days authenticates nobody, whether they are signed in or not', async () => {
  const { sessions, signedIn, aClient, clock } = anApp({ policy: { idle: 'none', absolute: '90d' } })
  const ada = await signedIn()
  const attempt = await sessions.begin('ada')
  const again = () => ada.visit((session) => session.reauthenticate(attempt))
  clock.advance(30 * 86_400_000 - 1)
  await again()
  clock.advance(1)
  expect(await rejection(again())).toMatchObject({ code: 'ERR_USER_CHANGED' })
  const signingIn = aClient().visit((session) => session.signIn(attempt))
  expect(await rejection(signingIn)).toMatchObject({ code: 'ERR_USER_CHANGED' })
})

describe('the assurance', () => {
  test.each([0, 4, 1.5, Number.NaN, '2'])('of level %s is refused, and nothing happens', async (level) => {
    const { sessions, aClient, counting, signedIn } = anApp()
    const given = { assurance: { level: level as number, methods: [] } }
    const attempt = await sessions.begin('ada')
    const newcomer = aClient()
    const ada = await signedIn()
    counting.reset()
    const refused = { code: 'ERR_OPTION', option: 'assurance.level' }
    expect(await rejection(newcomer.visit((session) => session.signIn(attempt, given)))).toMatchObject(refused)
    expect(await rejection(ada.visit((session) => session.reauthenticate(attempt, given)))).toMatchObject(refused)
    expect(counting.counts()).toEqual({ read: 1 })
  })

  test('is that of the last authentication, and a copy of what was given', async () => {
    const { sessions, signedIn } = anApp()
    const ada = await signedIn()
    expect(await ada.visit((session) => session.assurance)).toEqual({ level: 1, methods: [] })
    const assurance = { level: 2, methods: ['pwd', 'otp'] }
    const attempt = await sessions.begin('ada')
    await ada.visit((session) => session.reauthenticate(attempt, { assurance }))
    assurance.methods.push('made-up')
    expect(await ada.visit((session) => session.assurance)).toEqual(STRONG)
    await ada.visit((session) => session.reauthenticate(attempt))
    expect(await ada.visit((session) => session.assurance)).toEqual({ level: 1, methods: [] })
  })
})

describe('freshness', () => {
  test('is of level and age, each to the point', async () => {
    const { sessions, clock, aClient } = anApp()
    const ada = aClient()
    await ada.visit(async (session) => session.signIn(await sessions.begin('ada'), { assurance: STRONG }))
    const isFresh = (need: { maxAge?: '5m'; level?: number }) => ada.visit((session) => session.isFresh(need))
    expect([await isFresh({ level: 1 }), await isFresh({ level: 2 }), await isFresh({ level: 3 })]).toEqual([
      true,
      true,
      false,
    ])
    clock.advance(299_999)
    expect(await isFresh({ maxAge: '5m', level: 2 })).toBe(true)
    clock.advance(1)
    expect([await isFresh({ maxAge: '5m' }), await isFresh({ level: 2 })]).toEqual([false, true])
  })

  test('that is missing is named by the error', async () => {
    const { signedIn, aClient, clock } = anApp()
    const ada = await signedIn()
    clock.advance('6m')
    const need = (maxAge?: '5m', level?: number) =>
      rejection(ada.visit((session) => session.requireFresh({ maxAge, level })))
    expect(await need('5m')).toMatchObject({ code: 'ERR_NOT_FRESH', need: { maxAge: 300_000, level: null } })
    expect(await need(undefined, 2)).toMatchObject({ code: 'ERR_NOT_FRESH', need: { maxAge: null, level: 2 } })
    expect(await aClient().visit((session) => session.isFresh({ level: 1 }))).toBe(false)
  })
})

describe('data at an authentication', () => {
  const limited = { data: { maxBytes: 40 } }
  const LARGE = { code: 'ERR_DATA', fault: 'size', key: 'role' }

  test('over the limits is refused at a sign-in, and no session is made', async () => {
    const { sessions, aClient, counting } = anApp(limited)
    const attempt = await sessions.begin('ada')
    const work = aClient().visit((session) => session.signIn(attempt, { data: { role: 'x'.repeat(40) } }))
    expect(await rejection(work)).toMatchObject(LARGE)
    expect(counting.total('create')).toBe(0)
  })

  test('over the limits is refused when the user authenticates again, and the token stays', async () => {
    const { sessions, signedIn, counting } = anApp(limited)
    const ada = await signedIn({ n: 1 })
    const attempt = await sessions.begin('ada')
    const give = (role: string) => ada.visit((session) => session.reauthenticate(attempt, { data: { role } }))
    expect(await rejection(give('x'.repeat(33)))).toMatchObject(LARGE)
    expect(counting.total('rotate')).toBe(0)
    await give('x'.repeat(32))
    expect(await ada.visit((session) => [session.userId, session.data.n])).toEqual(['ada', 1])
  })

  test('that does not fit the schema is refused when the user authenticates again', async () => {
    const schema = {
      '~standard': {
        version: 1 as const,
        validate: (value: unknown) =>
          typeof value === 'object' && value !== null && 'role' in value && value.role === 'root'
            ? { issues: [{ path: ['role'] }] }
            : {},
      },
    }
    const { sessions, signedIn } = anApp({ data: { schema } })
    const ada = await signedIn()
    const attempt = await sessions.begin('ada')
    const give = (role: string) => ada.visit((session) => session.reauthenticate(attempt, { data: { role } }))
    expect(await rejection(give('root'))).toMatchObject({ code: 'ERR_DATA', fault: 'schema', key: 'role' })
    await give('user')
    expect(await ada.visit((session) => session.data.role)).toBe('user')
  })

  test('is set, removed and seen at once when the user authenticates again', async () => {
    const { sessions, signedIn } = anApp()
    const ada = await signedIn({ role: 'user', n: 1, cart: ['hat'] })
    const attempt = await sessions.begin('ada')
    const seen = await ada.visit(async (session) => {
      session.data.cart?.push('coat')
      await session.reauthenticate(attempt, { data: { role: 'admin', n: undefined } })
      return { ...session.data }
    })
    expect(seen).toEqual({ role: 'admin', n: undefined, cart: ['hat', 'coat'] })
    expect(await ada.visit((session) => ({ ...session.data }))).toEqual({ role: 'admin', cart: ['hat', 'coat'] })
  })

  test('is not written a second time by the commit', async () => {
    const { sessions, signedIn, counting } = anApp()
    const ada = await signedIn({ role: 'user' })
    const attempt = await sessions.begin('ada')
    await ada.visit(async (session) => {
      expect(session.data.role).toBe('user')
      await session.reauthenticate(attempt, { data: { role: 'admin' } })
    })
    expect([counting.total('rotate'), counting.total('update')]).toEqual([1, 0])
  })

  test('given at a sign-in wins over what is kept, and a key that is not there is not kept', async () => {
    const { sessions, aClient } = anApp()
    const client = aClient()
    await client.visit((session) => {
      session.data.n = 1
      session.data.role = 'planted'
    })
    const attempt = await sessions.begin('ada')
    await client.visit((session) =>
      session.signIn(attempt, { data: { role: 'user' }, keep: ['n', 'role', 'cart', 'toString'] }),
    )
    expect(await client.visit((session) => ({ ...session.data }))).toEqual({ n: 1, role: 'user' })
  })
})

describe('being remembered', () => {
  test('needs a policy for it', async () => {
    const { sessions, aClient } = anApp()
    const attempt = await sessions.begin('ada')
    const work = aClient().visit((session) => session.signIn(attempt, { remember: true }))
    expect(await rejection(work)).toMatchObject({ code: 'ERR_OPTION', option: 'remember' })
  })

  test('lasts over an authentication that does not mention it, and ends with one that says no', async () => {
    const { sessions, aClient, clock } = anApp({ policy: { rememberMe: { idle: '7d', absolute: '30d' } } })
    const ada = aClient()
    const attempt = await sessions.begin('ada')
    await ada.visit((session) => session.signIn(attempt, { remember: true }))
    clock.advance('1d')
    await ada.visit((session) => session.reauthenticate(attempt))
    const times = () => ada.visit((session) => [session.persistent, (session.expiresAt ?? 0) - clock.now()])
    expect(await times()).toEqual([true, 30 * 86_400_000])
    await ada.visit((session) => session.reauthenticate(attempt, { remember: false }))
    expect(await times()).toEqual([false, 12 * 3_600_000])
  })

  test('is over at the next authentication where the policy no longer has it', async () => {
    const { sessions, aClient, make, clock } = anApp({ policy: { rememberMe: { idle: '7d', absolute: '30d' } } })
    const ada = aClient()
    await ada.visit(async (session) => session.signIn(await sessions.begin('ada'), { remember: true }))
    const later = make({ policy: {} })
    const session = await later.open(ada.request())
    await session.signIn(await later.begin('ada'))
    expect([session.persistent, (session.expiresAt ?? 0) - clock.now()]).toEqual([false, 12 * 3_600_000])
    const again = await later.begin('ada')
    expect(await rejection(session.signIn(again, { remember: true }))).toMatchObject({ option: 'remember' })
  })
})

describe('signing out', () => {
  test('of a signed-in session deletes its cookie and no other', async () => {
    const { signedIn, sessions } = anApp()
    const session = await sessions.open((await signedIn()).request())
    await session.signOut()
    expect((await sessions.save(session)).cookies).toEqual([expect.stringMatching(/^__Host-sid=;/)])
    expect(session.ended?.reason).toBe('signed-out')
  })

  test('while the store is out deletes the cookie, says that it is not confirmed, and tries again until it is', async () => {
    const { signedIn, sessions, faults, events } = anApp()
    const ada = await signedIn()
    const thief = ada.copy()
    faults.failBefore('end', { times: 1 })
    const session = await sessions.open(ada.request())
    expect(await rejection(session.signOut())).toMatchObject({ code: 'ERR_SIGN_OUT_UNCONFIRMED', status: 503 })
    expect([session.userId, session.ended?.reason]).toEqual([null, 'signed-out'])
    ada.take(await sessions.commit(session, new Response(null, { status: 503 })))
    expect(ada.jar.size).toBe(0)
    expect(events).toContainEqual(expect.objectContaining({ type: 'sign-out-unconfirmed', isWaiting: true }))
    await vi.waitUntil(() => events.some(({ type }) => type === 'ended'), 5_000)
    expect(await thief.visit((now) => now.ended?.reason)).toBe('signed-out')
  })

  test('where the answer of the store was lost has happened, and deletes the cookie', async () => {
    const { signedIn, faults, sessions } = anApp()
    const ada = await signedIn()
    const copy = ada.copy()
    faults.failAfter('end', { times: 1 })
    const session = await sessions.open(ada.request())
    expect(await rejection(session.signOut())).toMatchObject({ code: 'ERR_SIGN_OUT_UNCONFIRMED' })
    ada.take(await sessions.commit(session, new Response(null, { status: 503 })))
    expect(ada.jar.size).toBe(0)
    expect(await copy.visit((now) => now.ended?.reason)).toBe('signed-out')
  })

  test('of an anonymous session ends it and deletes both cookies, without a session only deletes', async () => {
    const { aClient, sessions, counting } = anApp()
    const client = aClient()
    await client.visit((session) => {
      session.data.n = 1
    })
    await client.visit((session) => session.signOut())
    expect([client.jar.size, counting.total('end')]).toEqual([0, 1])
    const session = await sessions.open(aClient().request())
    await session.signOut()
    const names = (await sessions.save(session)).cookies.map((line) => line.slice(0, line.indexOf(';')))
    expect(names).toEqual(['__Host-sid=', '__Host-vid='])
    expect(counting.total('end')).toBe(1)
  })
})

test('a sign-in that cannot end the session before it is none: nothing is sent, and the old one goes on', async () => {
  const app = anApp()
  const ada = await app.signedIn()
  const session = await app.sessions.open(ada.request())
  app.faults.failBefore('end', { times: 1 })
  const signingIn = session.signIn(await app.sessions.begin('bob'))
  expect(await rejection(signingIn)).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
  expect([session.userId, (await app.sessions.save(session, 503)).cookies]).toEqual([null, []])
  expect(session.ended).toEqual({ reason: 'unknown', at: null, note: null })
  expect(app.events.filter(({ type }) => type === 'ended')).toEqual([
    {
      type: 'ended',
      sessionId: expect.stringMatching(/^[\w-]{22}$/),
      userId: 'bob',
      reason: 'replaced',
      note: null,
      seq: app.events.length,
      at: app.clock.now(),
      severity: 'info',
    },
  ])
  expect(await app.sessions.list('bob')).toEqual([])
  expect(await ada.visit(({ userId }) => userId)).toBe('ada')
  await ada.visit(async (again) => again.signIn(await app.sessions.begin('bob')))
  expect([await ada.visit(({ userId }) => userId), await app.sessions.list('ada')]).toEqual(['bob', []])
})

test('where the new session cannot be ended either, the failure is told and the token was never held', async () => {
  const app = anApp()
  const ada = await app.signedIn()
  const session = await app.sessions.open(ada.request())
  app.faults.failBefore('end', { times: 2 })
  const signingIn = session.signIn(await app.sessions.begin('bob'))
  expect(await rejection(signingIn)).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
  expect(app.events.at(-1)).toMatchObject({ type: 'store-failed', operation: 'end' })
  expect((await app.sessions.save(session, 503)).cookies).toEqual([])
})

test('an authentication that began more than 30 days ago is void as a sign-in is', async () => {
  const app = anApp({ policy: { idle: 'none', absolute: '365d', renewal: 'none' } })
  const ada = await app.signedIn()
  const attempt = await app.sessions.begin('ada')
  app.clock.advance('31d')
  const session = await app.sessions.open(ada.request())
  expect(await rejection(session.reauthenticate(attempt))).toMatchObject({ code: 'ERR_USER_CHANGED' })
})

test.each([
  ['nothing', undefined],
  ['a user id', 'ada'],
  ['a promise that nobody awaited', Promise.resolve({ userId: 'ada', epoch: 0, beganAt: 0 })],
  ['an object without what it needs', { userId: 'ada' }],
])('%s is no attempt, which is said as that', async (_, attempt) => {
  const { sessions, signedIn } = anApp()
  const session = await sessions.open((await signedIn()).request())
  for (const call of [session.signIn(attempt as Attempt), session.reauthenticate(attempt as Attempt)]) {
    expect(await rejection(call)).toMatchObject({ code: 'ERR_OPTION', option: 'attempt' })
  }
})

test('a text is no list of keys to keep', async () => {
  const { sessions, aClient } = anApp()
  const session = await sessions.open(aClient().request())
  const options = { keep: 'cart' } as unknown as { keep: string[] }
  expect(await rejection(session.signIn(await sessions.begin('ada'), options))).toMatchObject({ option: 'keep' })
})
