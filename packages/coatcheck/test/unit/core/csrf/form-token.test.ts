import { describe, expect, test } from 'vitest'
import { CsrfError } from '../../../../src/index.ts'
import { anApp, rejection } from '../app.ts'
import { formsOf, GOOD, refused } from '../forms.ts'

describe('the token of a form', () => {
  test('counts for the session of the page, and costs no store call', async () => {
    const app = anApp()
    const ada = formsOf(app)
    await ada.signIn()
    const token = await ada.shown()
    const session = await ada.open()
    app.counting.reset()
    expect(await session.checkCsrf(token)).toEqual(GOOD)
    expect(await session.csrfToken()).not.toBe(token)
    expect(app.counting.counts()).toEqual({})
    expect(app.events.filter(({ type }) => type === 'csrf-blocked')).toEqual([])
  })

  test('is another one in each rendering, and all of them count, more than once', async () => {
    const ada = formsOf(anApp())
    await ada.signIn()
    const tokens = [await ada.shown(), await ada.shown(), await ada.shown()]
    expect(new Set(tokens).size).toBe(3)
    for (const token of [...tokens, ...tokens]) expect(await ada.check(token)).toEqual(GOOD)
  })

  test('goes on after a renewal and after a rotation', async () => {
    const app = anApp({ policy: { renewal: '5m' } })
    const ada = formsOf(app)
    await ada.signIn()
    const token = await ada.shown()
    await ada.visit((session) => session.rotate())
    app.clock.advance('6m')
    const before = ada.jar.get('__Host-sid')
    await ada.visit((session) => session.id, { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' })
    expect(ada.jar.get('__Host-sid')).not.toBe(before)
    expect(await ada.check(token)).toEqual(GOOD)
  })

  test('is stale after the user was authenticated again, wherever the request was made', async () => {
    const app = anApp()
    const ada = formsOf(app)
    await ada.signIn()
    const token = await ada.shown()
    app.clock.advance('1ms')
    await ada.signIn()
    expect(await ada.check(token)).toEqual(refused('stale-token'))
    expect(await ada.check(token, {})).toEqual(refused('stale-token'))
    expect(await ada.check(await ada.shown())).toEqual(GOOD)
  })

  test('of another session does not count', async () => {
    const app = anApp()
    const [ada, eve] = [formsOf(app), formsOf(app)]
    await ada.signIn()
    await eve.signIn()
    const token = await eve.shown()
    expect(await ada.check(token, {})).toEqual(refused('foreign-token'))
    // Sent by a page of our own it is a form from before a sign-out and another sign-in.
    expect(await ada.check(token)).toEqual(refused('stale-token'))
  })

  test.each([
    ['nothing', undefined, 'missing-token'],
    ['null', null, 'missing-token'],
    ['an empty text', '', 'missing-token'],
    ['a list', ['x'], 'missing-token'],
    ['junk', 'x', 'invalid-token'],
  ])('%s is none', async (_, token, reason) => {
    const ada = formsOf(anApp())
    await ada.signIn()
    expect(await ada.check(token)).toEqual(refused(reason))
  })

  test('that is truncated is none', async () => {
    const ada = formsOf(anApp())
    await ada.signIn()
    expect(await ada.check((await ada.shown()).slice(0, -1))).toEqual(refused('invalid-token'))
  })

  test('of an old key counts', async () => {
    const NEWER = 'a-newer-signing-key-of-the-core-9876543'
    const app = anApp()
    const ada = formsOf(app)
    await ada.signIn()
    const token = await ada.shown()
    const after = app.make({ keys: [NEWER, 'a-signing-key-of-the-core-0123456789ab'] })
    expect(await (await after.open(ada.request())).checkCsrf(token)).toEqual(GOOD)
    const alone = app.make({ keys: NEWER })
    expect(await (await alone.open(ada.request())).checkCsrf(token)).toEqual(refused('invalid-token'))
  })

  test('forbids caching the page that it is in', async () => {
    const app = anApp()
    const session = await app.sessions.open(new Request('https://app.example/'))
    expect(app.sessions.adapter.isUsed(session)).toBe(false)
    await session.csrfToken()
    expect(app.sessions.adapter.isUsed(session)).toBe(true)
    const ada = formsOf(app)
    await ada.signIn()
    const signedIn = await ada.open()
    expect(app.sessions.adapter.isUsed(signedIn)).toBe(false)
    await signedIn.csrfToken()
    expect(app.sessions.adapter.isUsed(signedIn)).toBe(true)
  })
})

describe('after a token that does not count', () => {
  test('nothing changes the session for the rest of the request, though it can be read', async () => {
    const app = anApp()
    const ada = formsOf(app)
    await ada.signIn()
    const session = await ada.open()
    expect(await session.checkCsrf('junk')).toEqual(refused('invalid-token'))
    expect([session.userId, session.data]).toEqual(['ada', {}])
    const attempt = await app.sessions.begin('ada')
    session.data.n = 1
    const changes = [
      () => session.signIn(attempt),
      () => session.reauthenticate(attempt),
      () => session.signOut(),
      () => session.rotate(),
      () => session.update('n', () => 1),
      () => session.save(),
      () => app.sessions.commit(session, new Response()),
    ]
    for (const change of changes) {
      const error = await rejection(change())
      expect(error).toBeInstanceOf(CsrfError)
      expect(error).toMatchObject({ code: 'ERR_CSRF', reason: 'invalid-token' })
    }
    expect(await ada.visit(({ userId, data }) => ({ userId, data: { ...data } }))).toEqual({ userId: 'ada', data: {} })
    expect(app.events.filter(({ type }) => type === 'csrf-blocked')).toHaveLength(1)
  })

  test('the form can be shown again, and its new token counts', async () => {
    const app = anApp()
    const ada = formsOf(app)
    await ada.signIn()
    const stale = await ada.shown()
    app.clock.advance('1ms')
    await ada.signIn()
    const session = await ada.open()
    expect((await session.checkCsrf(stale)).reason).toBe('stale-token')
    const token = await session.csrfToken()
    ada.take(new Response())
    expect(await ada.check(token)).toEqual(GOOD)
  })

  test('one that counts opens the session again', async () => {
    const ada = formsOf(anApp())
    await ada.signIn()
    const token = await ada.shown()
    const session = await ada.open()
    await session.checkCsrf('junk')
    expect(await session.checkCsrf(token)).toEqual(GOOD)
    await session.rotate()
  })
})

describe('where a token is required', () => {
  const REQUIRED = { csrf: { requireToken: 'forms' } } as const

  test('a form that nobody checked changes nothing, and is told of', async () => {
    const app = anApp(REQUIRED)
    const ada = formsOf(app)
    await ada.signIn()
    const session = await ada.open()
    expect(session.userId).toBe('ada')
    for (let i = 0; i < 3; i++) expect(await rejection(session.rotate())).toMatchObject({ reason: 'missing-token' })
    expect(app.events.filter(({ type }) => type === 'csrf-blocked')).toMatchObject([
      { reason: 'missing-token', enforced: true },
    ])
    expect(await session.checkCsrf('')).toEqual(refused('missing-token'))
    expect(await rejection(session.rotate())).toBeInstanceOf(CsrfError)
    expect(app.events.filter(({ type }) => type === 'csrf-blocked')).toHaveLength(2)
    expect(await session.checkCsrf(await ada.shown())).toEqual(GOOD)
    await session.rotate()
  })

  test('a form of which nothing says where it was made cannot even read the session', async () => {
    const ada = formsOf(anApp(REQUIRED))
    await ada.signIn()
    const token = await ada.shown()
    const session = await ada.open({})
    expect(() => session.userId).toThrow(CsrfError)
    expect(await session.checkCsrf('junk')).toEqual(refused('invalid-token'))
    expect(() => session.data).toThrow(CsrfError)
    expect(await session.checkCsrf(token)).toEqual(GOOD)
    expect(session.userId).toBe('ada')
  })

  test('a sign-in form needs one as well', async () => {
    const app = anApp(REQUIRED)
    const visitor = formsOf(app)
    const token = await visitor.shown()
    const session = await visitor.open()
    const attempt = await app.sessions.begin('ada')
    expect(await rejection(session.signIn(attempt))).toMatchObject({ reason: 'missing-token' })
    expect(await session.checkCsrf(token)).toEqual(GOOD)
    await session.signIn(attempt)
    expect(session.userId).toBe('ada')
  })

  test.each([
    ['a GET', { method: 'GET' }, {}],
    ['JSON', { method: 'POST', headers: { 'content-type': 'application/json' } }, {}],
    ['an exempt path', { method: 'POST' }, { exempt: ['/form'] }],
    ['a request exempt by a function', { method: 'POST' }, { exempt: () => true }],
  ])('%s needs none', async (_, init, csrf) => {
    const app = anApp({ csrf: { requireToken: 'forms', ...csrf } })
    const session = await app.sessions.open(new Request('https://app.example/form', init))
    await session.signIn(await app.sessions.begin('ada'))
    expect(session.userId).toBe('ada')
  })

  test('of everything, JSON needs one', async () => {
    const app = anApp({ csrf: { requireToken: true } })
    const headers = { 'content-type': 'application/json' }
    const session = await app.sessions.open(new Request('https://app.example/form', { method: 'POST', headers }))
    expect(await rejection(session.signIn(await app.sessions.begin('ada')))).toMatchObject({ reason: 'missing-token' })
  })
})

describe('in report-only mode', () => {
  test('everything goes on, and is told of', async () => {
    const app = anApp({ csrf: { reportOnly: true, requireToken: true } })
    const ada = formsOf(app)
    const attempt = await app.sessions.begin('ada')
    await ada.visit((session) => session.signIn(attempt))
    const session = await ada.open({})
    expect(session.userId).toBe('ada')
    await session.rotate()
    expect(await session.checkCsrf('junk')).toEqual(GOOD)
    await session.rotate()
    const told = app.events.filter(({ type }) => type === 'csrf-blocked')
    expect(told).toMatchObject([
      { reason: 'missing-token', enforced: false },
      { reason: 'invalid-token', enforced: false },
    ])
  })
})

test('switched off, nothing is refused but what is asked for', async () => {
  const app = anApp({ csrf: 'unprotected' })
  const request = new Request('https://app.example/', { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } })
  expect(app.sessions.csrfFault(request)).toBe(null)
  expect(await (await app.sessions.open(request)).checkCsrf('junk')).toEqual(refused('invalid-token'))
})
