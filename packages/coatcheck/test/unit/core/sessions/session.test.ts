import { expect, test } from 'vitest'
import { anApp, NAVIGATION } from '../app.ts'

const START = Date.UTC(2026, 0, 1)
const MINUTE = 60_000
const HOUR = 60 * MINUTE

test('a visitor has a session of which nothing is known', async () => {
  const { aClient } = anApp()
  const session = await aClient().visit((each) => each)
  const { id, userId, signedIn, ended, createdAt, authenticatedAt, lastSeenAt, expiresAt, endsAt } = session
  expect([id, userId, signedIn, ended]).toEqual([null, null, false, null])
  expect([createdAt, authenticatedAt, lastSeenAt, expiresAt, endsAt]).toEqual([null, null, null, null, null])
  expect([session.persistent, session.assurance, session.client]).toEqual([false, null, null])
})

test('a signed-in session tells its times', async () => {
  const { sessions, aClient, clock } = anApp()
  const ada = aClient()
  await ada.visit((session) => {
    session.data.n = 1
  })
  clock.advance('1m')
  const attempt = await sessions.begin('ada')
  await ada.visit((session) => session.signIn(attempt))
  const began = START + MINUTE
  clock.advance('10m')
  const session = await sessions.open(ada.request())
  expect([session.createdAt, session.authenticatedAt, session.lastSeenAt]).toEqual([began, began, began])
  expect([session.signedIn, session.expiresAt]).toEqual([true, began + 12 * HOUR])
  expect(session.endsAt).toBe(began + 40 * MINUTE)
})

test('a session ends at the absolute timeout where that comes before the idle one', async () => {
  const { signedIn, clock } = anApp({ policy: { idle: '12h' } })
  const ada = await signedIn()
  clock.advance('1h')
  expect(await ada.visit((session) => session.endsAt)).toBe(START + 12 * HOUR)
})

test('an anonymous session was never authenticated', async () => {
  const { aClient } = anApp()
  const client = aClient()
  await client.visit((session) => {
    session.data.n = 1
  })
  const { createdAt, authenticatedAt, assurance, signedIn } = await client.visit((session) => session)
  expect([createdAt, authenticatedAt, assurance, signedIn]).toEqual([START, null, null, false])
})

test('the client is what the application says, else what the request says, and the user agent is cut', async () => {
  const { sessions, aClient } = anApp()
  const attempt = await sessions.begin('ada')
  const clientOf = async (userAgent: string, client?: { address?: string; userAgent?: string; label?: string }) => {
    const session = await sessions.open(aClient().request({ 'user-agent': userAgent }), { client })
    await session.signIn(attempt)
    return session.client
  }
  expect(await clientOf('Firefox')).toEqual({ address: null, userAgent: 'Firefox', label: null })
  expect(await clientOf('x', { address: '192.0.2.7', userAgent: 'Safari', label: 'Phone' })).toEqual({
    address: '192.0.2.7',
    userAgent: 'Safari',
    label: 'Phone',
  })
  expect((await clientOf('u'.repeat(512)))?.userAgent).toBe('u'.repeat(512))
  expect((await clientOf('u'.repeat(513)))?.userAgent).toBe('u'.repeat(512))
})

test('data is the same object however often it is asked for, until the session changes', async () => {
  const { signedIn, sessions } = anApp()
  const ada = await signedIn({ n: 1 })
  const session = await sessions.open(ada.request())
  const before = session.data
  expect(session.data).toBe(before)
  await session.signIn(await sessions.begin('bob'))
  expect({ ...session.data }).toEqual({})
  expect(before.n).toBe(1)
})

test('what is written beside data throws, in sloppy mode too, and says where to write', async () => {
  const session = await anApp()
    .aClient()
    .visit((each) => each)
  expect(() => Reflect.set(session, 'cart', ['hat'])).toThrow('write to session.data.cart')
  expect(Reflect.get(session, 'cart')).toBeUndefined()
  expect(await session).toBe(session)
})

test('a passive request keeps no session alive, renews nothing, and tells when it really ends', async () => {
  const { sessions, signedIn, clock, counting } = anApp({ policy: { renewal: '10m' } })
  const ada = await signedIn()
  const began = clock.now()
  for (let i = 0; i < 29; i++) {
    clock.advance('1m')
    counting.reset()
    const session = await sessions.open(ada.request(NAVIGATION), { passive: true })
    expect([session.userId, session.endsAt]).toEqual(['ada', began + 30 * 60_000])
    expect(counting.counts()).toEqual({ read: 1 })
  }
  clock.advance('1m')
  expect((await sessions.open(ada.request(), { passive: true })).ended?.reason).toBe('idle')
})

test('a passive request brings old data up to date, and records and renews nothing beside', async () => {
  const { make, signedIn, clock, counting } = anApp({ policy: { renewal: '10m' } })
  const ada = await signedIn()
  clock.advance('10m')
  await ada.visit(() => undefined, NAVIGATION)
  clock.advance('10m')
  const present = make({ policy: { renewal: '10m' }, data: { version: 1 } })
  counting.reset()
  await present.open(ada.request(NAVIGATION), { passive: true })
  expect(counting.counts()).toEqual({ read: 1, update: 1 })
})

test('what other libraries have on a session is told of when it is called, and asked for without harm', async () => {
  const session = Object(
    await anApp()
      .aClient()
      .visit((each) => each),
  )
  for (const name of ['destroy', 'regenerate', 'reload', 'touch', 'resetMaxAge']) {
    expect([name, typeof session[name]]).toEqual([name, 'function'])
    expect(() => session[name](() => undefined)).toThrow(`session.${name} is not there: `)
  }
  expect(() => session.cookie.maxAge).toThrow(/`policy`/)
  expect([session.flash, session[Symbol.iterator], session.constructor.name]).toEqual([undefined, undefined, 'Session'])
  expect(Object.getPrototypeOf(session)).toBe(Reflect.get(session, '__proto__'))
  expect(`${session}`).toBe('[object Object]')
})
