import { describe, expect, onTestFinished, test } from 'vitest'
import { createSessions } from '../../../src/index.ts'
import { faultStore, manualClock, modelStore } from '../../../src/testing/index.ts'
import {
  type GuardedRequest,
  guardAnswer,
  guardRefusal,
  type Requirement,
  refuseUnknownRequirement,
} from '../../../src/web/guard.ts'
import { anApp, rejection } from '../core/app.ts'

interface Data {
  role: string
  roles: string[]
  permissions: string[]
  n: number
}

async function signedIn(data: Partial<Data>) {
  const clock = manualClock()
  const keys = 'a-signing-key-of-the-guards-0123456789'
  const sessions = createSessions<Data>({ store: modelStore(), keys, runtime: { now: clock.now } })
  const session = await sessions.open({ headers: { get: () => null } })
  await session.signIn(await sessions.begin('ada'), { data })
  return { session, clock, sessions }
}

test('who may be signed in, but the store is out, is not sent to sign in: neither by a guard nor by requireFresh', async () => {
  const faults = faultStore(modelStore())
  const sessions = createSessions({ store: faults, keys: 'a-signing-key-of-the-guards-0123456789' })
  const before = await sessions.open(new Request('https://app.example/'))
  await before.signIn(await sessions.begin('ada'))
  const cookie = (await sessions.save(before)).cookies.map((line) => line.split(';', 1)[0]).join('; ')
  faults.failBefore('read')
  const request = new Request('https://app.example/', { headers: { cookie } })
  const session = await sessions.open(request, { whenStoreIsOut: 'anonymous' })
  await expect(guardRefusal(session, {})).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
  expect(() => session.requireFresh({ maxAge: '5m' })).toThrow(
    expect.objectContaining({ code: 'ERR_STORE_UNAVAILABLE' }),
  )
})

describe('a guard', () => {
  const data = { role: 'editor', permissions: ['read', 'write'], n: 1 }
  const cases: readonly (readonly [Requirement<Partial<Data>>, string | null])[] = [
    [{}, null],
    [{ role: 'editor' }, null],
    [{ role: ['admin', 'editor'] }, null],
    [{ role: 'admin' }, 'forbidden'],
    [{ role: [] }, 'forbidden'],
    [{ role: 'edit' }, 'forbidden'],
    [{ permission: 'read' }, null],
    [{ permission: ['read', 'write'] }, null],
    [{ permission: ['read', 'delete'] }, 'forbidden'],
    [{ permission: [] }, null],
    [{ role: 'editor', permission: 'delete' }, 'forbidden'],
    [{ where: (session) => session.data.n === 1 }, null],
    [{ where: async (session) => session.data.n === 2 }, 'forbidden'],
    [{ fresh: { maxAge: '5m' } }, null],
    [{ fresh: { level: 2 } }, 'stale'],
    [{ role: 'admin', fresh: { level: 2 } }, 'forbidden'],
  ]
  test.each(cases)('with %o says %s', async (requirement, expected) => {
    const { session } = await signedIn(data)
    expect(await guardRefusal(session, requirement)).toBe(expected)
  })

  test('refuses who is not signed in, whatever is in the data', async () => {
    const { sessions } = await signedIn({})
    const visitor = await sessions.open({ headers: { get: () => null } })
    visitor.data.role = 'admin'
    for (const requirement of [{}, { role: 'admin' }, { where: () => true }, { fresh: { maxAge: '1d' } }] as const) {
      expect(await guardRefusal(visitor, requirement)).toBe('signed-out')
    }
  })

  test('reads a list of roles too, and takes nothing else for one', async () => {
    expect(await guardRefusal((await signedIn({ roles: ['a', 'b'] })).session, { role: 'b' })).toBe(null)
    const { session } = await signedIn({})
    for (const roles of [null, 'admin', { admin: true }, { 0: 'admin', length: 1 }, [['admin']]]) {
      Reflect.set(session.data, 'roles', roles)
      expect(await guardRefusal(session, { role: 'admin' })).toBe('forbidden')
    }
    for (const role of [['admin'], { toString: () => 'admin' }]) {
      Reflect.set(session.data, 'role', role)
      expect(await guardRefusal(session, { role: 'admin' })).toBe('forbidden')
    }
    expect(await guardRefusal(session, { role: 'constructor' })).toBe('forbidden')
  })

  test('takes nothing that data inherits, as after a prototype was polluted', async () => {
    const { session } = await signedIn({})
    const names = ['role', 'roles', 'permissions']
    onTestFinished(() => {
      for (const name of names) Reflect.deleteProperty(Object.prototype, name)
    })
    for (const name of names) {
      const value = name === 'role' ? 'admin' : ['admin']
      Object.defineProperty(Object.prototype, name, { configurable: true, value })
    }
    expect(await guardRefusal(session, { role: 'admin' })).toBe('forbidden')
    expect(await guardRefusal(session, { permission: 'admin' })).toBe('forbidden')
  })

  test('forgets a fresh authentication to the millisecond', async () => {
    const { session, clock } = await signedIn({})
    clock.advance(299_999)
    expect(await guardRefusal(session, { fresh: { maxAge: '5m' } })).toBe(null)
    clock.advance(1)
    expect(await guardRefusal(session, { fresh: { maxAge: '5m' } })).toBe('stale')
  })
})

describe('a refused request', () => {
  const page: GuardedRequest = {
    method: 'GET',
    path: '/a?b=c d',
    accept: 'text/html,*/*;q=0.8',
    destination: 'document',
  }
  const locationOf = (request: Partial<GuardedRequest>, pages = {}, refusal: 'signed-out' | 'stale' = 'signed-out') =>
    guardAnswer(refusal, { ...page, ...request }, {}, pages).headers['location']

  test('of a page is led to the sign-in, and knows where it was', () => {
    expect(guardAnswer('signed-out', page, {})).toMatchObject({ status: 303, body: '' })
    expect(locationOf({})).toBe('/login?next=%2Fa%3Fb%3Dc%20d')
    expect(locationOf({ destination: null })).toBe('/login?next=%2Fa%3Fb%3Dc%20d')
    expect(locationOf({}, { signIn: '/enter?x=y' })).toBe('/enter?x=y&next=%2Fa%3Fb%3Dc%20d')
    expect(locationOf({}, {}, 'stale')).toBe('/login?next=%2Fa%3Fb%3Dc%20d')
    expect(locationOf({}, { reauthenticate: '/reauth' }, 'stale')).toBe('/reauth?next=%2Fa%3Fb%3Dc%20d')
  })

  test('of a client that takes a page at whatever weight is one of a page', () => {
    for (const accept of ['application/json, text/html;q=0.1', 'text/html;q=1', 'application/xhtml+xml;q=0.001']) {
      expect(locationOf({ accept, destination: null })).toMatch(/^.login/)
    }
  })

  test('of a form is led there without its path, since what it has sent is lost', () => {
    expect(locationOf({ method: 'POST' })).toBe('/login')
  })

  test('of a page that is forbidden is told so in words', () => {
    const { status, headers, body } = guardAnswer('forbidden', page, { role: 'admin' })
    expect([status, headers['content-type'], body]).toEqual([
      403,
      'text/plain; charset=utf-8',
      'Forbidden. You may not do this.\n',
    ])
  })

  test.each([
    ['a script', { ...page, destination: 'empty' }],
    ['an image', { ...page, destination: 'image' }],
    ['a client that asks for JSON', { ...page, accept: 'application/json', destination: null }],
    ['a client that says nothing', { ...page, accept: null, destination: null }],
    ['a client that takes anything', { ...page, accept: '*/*', destination: null }],
    ['a client that takes no page', { ...page, accept: 'text/html;q=0, application/json', destination: null }],
    [
      'a client that takes no page, in other words',
      { ...page, accept: 'text/html ; level=1; Q=0.000', destination: null },
    ],
    ['a media type that only begins like a page', { ...page, accept: 'text/htmlx', destination: null }],
  ])('of %s gets problem details', (_, request) => {
    const { status, headers, body } = guardAnswer('signed-out', request, {})
    expect([status, headers]).toEqual([
      401,
      {
        'content-type': 'application/problem+json; charset=utf-8',
        'cache-control': 'no-store',
        'www-authenticate': 'Session',
      },
    ])
    expect(JSON.parse(body)).toEqual({
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      detail: 'Sign in first.',
      reason: 'signed-out',
    })
  })

  test('says what was missing', () => {
    const script = { ...page, destination: 'empty' }
    const stale = guardAnswer('stale', script, { fresh: { maxAge: '5m', level: 2 } })
    expect(stale.status).toBe(401)
    expect(JSON.parse(stale.body)).toMatchObject({ reason: 'stale', maxAge: 300, level: 2 })
    const forbidden = guardAnswer('forbidden', script, { role: 'admin', permission: ['a'] })
    expect([forbidden.status, forbidden.headers['www-authenticate']]).toEqual([403, undefined])
    expect(JSON.parse(forbidden.body)).toMatchObject({ reason: 'forbidden', role: 'admin', permission: ['a'] })
  })
})

test.each(['role', 'permission', 'fresh', 'where'])(
  'a requirement that names `%s` without a value is refused',
  async (name) => {
    const { sessions, signedIn } = anApp()
    const session = await sessions.open((await signedIn()).request())
    for (const value of [undefined, null]) {
      const requirement = { [name]: value }
      expect(await rejection(guardRefusal(session, requirement))).toMatchObject({ option: `requirement.${name}` })
      expect(() => refuseUnknownRequirement(requirement)).toThrow('it has no value')
    }
  },
)

test('a guard without a requirement, or with pages that nobody knows, is refused', () => {
  expect(() => refuseUnknownRequirement(undefined as never)).toThrow('`{}` asks for somebody who is signed in')
  expect(() => refuseUnknownRequirement({}, { singIn: '/x' } as never)).toThrow("Did you mean 'signIn'?")
})
