import { describe, expect, test } from 'vitest'
import { CsrfError } from '../../../src/index.ts'
import { anApp, rejection } from './app.ts'

const OWN = { origin: 'https://app.example' }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** A client whose requests are forms; `headers` say where they were made. */
function formsOf(app: ReturnType<typeof anApp>) {
  const client = app.aClient()
  const request = (headers: Readonly<Record<string, string>> = OWN) => {
    const { headers: given } = client.request({ ...FORM, ...headers })
    return new Request('https://app.example/form', { method: 'POST', headers: given })
  }
  const shown = () => client.visit((session) => session.csrfToken())
  const signIn = () => client.visit(async (session) => session.signIn(await app.sessions.begin('ada')))
  const open = async (headers?: Readonly<Record<string, string>>) => await app.sessions.open(request(headers))
  const check = async (token: unknown, headers?: Readonly<Record<string, string>>) =>
    await (await open(headers)).checkCsrf(token)
  const names = () => [...client.jar.keys()]
  return { ...client, request, shown, signIn, open, check, names }
}

const GOOD = { allowed: true, reason: null }
const refused = (reason: string) => ({ allowed: false, reason })

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
    const ada = formsOf(anApp())
    await ada.signIn()
    const token = await ada.shown()
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
    expect(app.sessions.concerns(session)).toBe(false)
    await session.csrfToken()
    expect(app.sessions.concerns(session)).toBe(true)
    const ada = formsOf(app)
    await ada.signIn()
    const signedIn = await ada.open()
    expect(app.sessions.concerns(signedIn)).toBe(false)
    await signedIn.csrfToken()
    expect(app.sessions.concerns(signedIn)).toBe(true)
  })
})

describe('a visitor without a session', () => {
  test('gets a cookie when a form asks for a token, and costs no store call', async () => {
    const app = anApp()
    const visitor = formsOf(app)
    const session = await app.sessions.open(visitor.request())
    const token = await session.csrfToken()
    const { cookies } = await app.sessions.save(session)
    expect(cookies).toHaveLength(1)
    expect(cookies[0]).toMatch(/^__Host-pre=[A-Za-z0-9_-]{22}; Path=\/; Secure; HttpOnly; SameSite=Lax$/)
    expect(token).not.toContain(/=([^;]*)/.exec(cookies[0]!)?.[1])
    expect((await app.sessions.save(session)).cookies).toEqual([])
    expect(app.counting.counts()).toEqual({})
  })

  test('keeps the cookie that there is, and each of its tokens counts', async () => {
    const visitor = formsOf(anApp())
    const one = await visitor.shown()
    const cookie = visitor.jar.get('__Host-pre')
    const two = await visitor.shown()
    expect(visitor.jar.get('__Host-pre')).toBe(cookie)
    for (const token of [one, two]) expect(await visitor.check(token)).toEqual(GOOD)
    expect(await visitor.check(one, {})).toEqual(GOOD)
  })

  test('gets one cookie for two forms of one page', async () => {
    const visitor = formsOf(anApp())
    const tokens = await visitor.visit(async (session) => [await session.csrfToken(), await session.csrfToken()])
    for (const token of tokens) expect(await visitor.check(token)).toEqual(GOOD)
  })

  test('has a stale form where its cookie is gone, unless that may be an attack', async () => {
    const visitor = formsOf(anApp())
    const token = await visitor.shown()
    visitor.jar.clear()
    expect(await visitor.check(token)).toEqual(refused('stale-token'))
    expect(await visitor.check(token, { 'sec-fetch-site': 'same-origin' })).toEqual(refused('stale-token'))
    expect(await visitor.check(token, {})).toEqual(refused('foreign-token'))
    expect(await visitor.check(token, { origin: 'https://evil.example' })).toEqual(refused('foreign-token'))
  })

  test('cannot use the token of another one', async () => {
    const app = anApp()
    const [visitor, eve] = [formsOf(app), formsOf(app)]
    await visitor.shown()
    expect(await visitor.check(await eve.shown(), {})).toEqual(refused('foreign-token'))
  })

  test('with two such cookies has none, and one that is misshapen is none', async () => {
    const visitor = formsOf(anApp())
    const token = await visitor.shown()
    const value = visitor.jar.get('__Host-pre')
    const good = { ...OWN, cookie: `__Host-pre=${value}` }
    expect(await visitor.check(token, good)).toEqual(GOOD)
    const tossed = { ...OWN, cookie: `__Host-pre=${value}; __Host-pre=${'A'.repeat(22)}` }
    expect(await visitor.check(token, tossed)).toEqual(refused('stale-token'))
    visitor.jar.set('__Host-pre', 'short')
    await visitor.shown()
    expect(visitor.jar.get('__Host-pre')).toMatch(/^[A-Za-z0-9_-]{22}$/)
  })

  test('whose anonymous session began with the page can send its form', async () => {
    const visitor = formsOf(anApp())
    const token = await visitor.visit(async (session) => {
      session.data.n = 1
      return await session.csrfToken()
    })
    expect(visitor.names().toSorted()).toEqual(['__Host-pre', '__Host-vid'])
    expect(await visitor.check(token)).toEqual(GOOD)
    expect(await visitor.check(await visitor.shown())).toEqual(GOOD)
  })

  test('has no use for the form from before the sign-in after it, nor after the sign-out', async () => {
    const visitor = formsOf(anApp())
    const token = await visitor.shown()
    await visitor.signIn()
    expect(visitor.names()).toEqual(['__Host-sid'])
    expect(await visitor.check(token)).toEqual(refused('stale-token'))
    await visitor.visit((session) => session.signOut())
    expect(visitor.names()).toEqual([])
    expect(await visitor.check(token, {})).toEqual(refused('foreign-token'))
  })

  test('signed in with the cookie planted again has no use for it', async () => {
    const visitor = formsOf(anApp())
    const token = await visitor.shown()
    const planted = visitor.jar.get('__Host-pre')!
    await visitor.signIn()
    visitor.jar.set('__Host-pre', planted)
    expect(await visitor.check(token, {})).toEqual(refused('foreign-token'))
  })

  test('keeps the cookie on its own host where sessions are shared with others', async () => {
    const { sessions } = anApp({ cookie: { domain: 'app.example', sameSite: 'strict' } })
    const session = await sessions.open(new Request('https://app.example/'))
    await session.csrfToken()
    const { cookies } = await sessions.save(session)
    expect(cookies[0]).toMatch(/^__Host-pre=[^;]+; Path=\/; Secure; HttpOnly; SameSite=Strict$/)
  })

  test('on this machine has the cookie without prefix, in the clear over a network none', async () => {
    const { sessions, events } = anApp()
    const linesAt = async (url: string) => {
      const session = await sessions.open(new Request(url))
      await session.csrfToken()
      return (await sessions.save(session)).cookies
    }
    expect((await linesAt('http://localhost/'))[0]).toMatch(/^pre=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/)
    expect(events).toEqual([])
    expect(await linesAt('http://app.example/')).toEqual([])
    expect(events.map(({ type }) => type)).toEqual(['cookie-withheld'])
  })

  test('in the clear over a network is not known by a cookie of that name either', async () => {
    const { sessions } = anApp()
    const at = async (host: string) =>
      await sessions.open(new Request(`http://${host}/`, { headers: { cookie: `pre=${'A'.repeat(22)}` } }))
    const token = await (await at('localhost')).csrfToken()
    expect(await (await at('localhost')).checkCsrf(token)).toEqual(GOOD)
    expect(await (await at('app.example')).checkCsrf(token)).toEqual(refused('foreign-token'))
  })

  test('whose token came after the headers gets no cookie, and an event says so', async () => {
    const { sessions, events } = anApp()
    const session = await sessions.open(new Request('https://app.example/'))
    await sessions.save(session)
    await session.csrfToken()
    await sessions.saveLate(session)
    expect((await sessions.save(session)).cookies).toEqual([])
    expect(events.map(({ type }) => type)).toEqual(['cookie-withheld'])
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
    const ada = formsOf(anApp())
    await ada.signIn()
    const stale = await ada.shown()
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
    expect(await rejection(session.rotate())).toMatchObject({ reason: 'missing-token' })
    expect(app.events.at(-1)).toMatchObject({ type: 'csrf-blocked', reason: 'missing-token', enforced: true })
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

describe('before the handler', () => {
  const REQUIRED = { csrf: { requireToken: true } } as const
  const JSON_TYPE = { 'content-type': 'application/json' }

  /** The reason of the refusal of a request with these headers, or undefined. */
  async function reasonOf(
    app: ReturnType<typeof anApp>,
    client: ReturnType<typeof formsOf>,
    headers: Readonly<Record<string, string>>,
    method = 'POST',
  ) {
    const { headers: given } = client.request(headers)
    return (await app.sessions.csrfFault({ method, url: 'https://app.example/', headers: given }))?.reason
  }

  test('a required token that is neither in the header nor possibly in a form is missed', async () => {
    const app = anApp(REQUIRED)
    const ada = formsOf(app)
    await ada.signIn()
    const token = await ada.shown()
    expect(await reasonOf(app, ada, { ...OWN, ...JSON_TYPE })).toBe('missing-token')
    expect(await reasonOf(app, ada, { ...OWN, ...FORM })).toBe(undefined)
    expect(await reasonOf(app, ada, { ...OWN, ...JSON_TYPE, 'x-csrf-token': token })).toBe(undefined)
    expect(await reasonOf(app, ada, { ...OWN, ...JSON_TYPE, 'x-csrf-token': 'junk' })).toBe('invalid-token')
    expect(await reasonOf(app, ada, { ...OWN, ...FORM, 'x-csrf-token': 'junk' })).toBe('invalid-token')
    const foreign = { origin: 'https://evil.example', ...JSON_TYPE, 'x-csrf-token': token }
    expect(await reasonOf(app, ada, foreign)).toBe('foreign-origin')
  })

  test('a good token in the header opens the session to changes', async () => {
    const app = anApp(REQUIRED)
    const ada = formsOf(app)
    await ada.signIn()
    const token = await ada.shown()
    const { headers } = ada.request({ ...OWN, ...JSON_TYPE, 'x-csrf-token': token })
    const request = { method: 'POST', url: 'https://app.example/', headers }
    const session = await app.sessions.open(request)
    expect(await rejection(session.rotate())).toBeInstanceOf(CsrfError)
    expect(await app.sessions.csrfFault(request, { open: async () => session })).toBe(null)
    await session.rotate()
  })

  test('the handshake of a WebSocket, which can bring no token, has to come from our own pages all the same', async () => {
    const app = anApp(REQUIRED)
    const ada = formsOf(app)
    await ada.signIn()
    const upgrade = { upgrade: 'websocket' }
    expect(await reasonOf(app, ada, { ...upgrade, ...OWN }, 'GET')).toBe(undefined)
    expect(await reasonOf(app, ada, upgrade, 'GET')).toBe('unproven')
    const { headers } = ada.request({ ...upgrade, ...OWN })
    await (await app.sessions.open({ method: 'GET', url: 'https://app.example/', headers })).rotate()
  })

  test('an anonymous session is a session', async () => {
    const app = anApp()
    const visitor = formsOf(app)
    await visitor.visit(({ data }) => {
      data.n = 1
    })
    expect(visitor.names()).toEqual(['__Host-vid'])
    expect(await reasonOf(app, visitor, FORM)).toBe('unproven')
    visitor.jar.clear()
    expect(await reasonOf(app, visitor, FORM)).toBe(undefined)
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

describe('the event', () => {
  const LONG = `https://${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(63)}.${'e'.repeat(63)}.example`
  test.each([
    [{ origin: 'https://evil.example' }, { origin: 'https://evil.example', site: null }],
    [{ origin: 'https://user:word@evil.example/path?token=1' }, { origin: 'https://evil.example', site: null }],
    [{ origin: 'null' }, { origin: 'null', site: null }],
    [{ origin: 'not an origin' }, { origin: 'malformed', site: null }],
    [{ origin: LONG }, { origin: 'malformed', site: null }],
    [{ 'sec-fetch-site': 'cross-site' }, { origin: null, site: 'cross-site' }],
    [{ 'sec-fetch-site': 'a token?' }, { origin: null, site: 'other' }],
  ])('of %j', async (headers, expected) => {
    const { sessions, events } = anApp()
    const request = new Request('https://app.example/path?secret', { method: 'DELETE', headers })
    expect(await sessions.csrfFault(request)).toBeInstanceOf(CsrfError)
    expect(events).toEqual([
      expect.objectContaining({ type: 'csrf-blocked', method: 'DELETE', enforced: true, ...expected }),
    ])
    expect(JSON.stringify(events)).not.toMatch(/secret|token=|word/)
  })

  test('does not repeat a method that is none', async () => {
    const { sessions, events } = anApp()
    const headers = new Headers({ origin: 'null' })
    await sessions.csrfFault({ method: 'x'.repeat(9_000), headers, url: 'https://app.example/' })
    expect(events).toMatchObject([{ method: 'other' }])
  })
})

describe('a request with a token in the open', () => {
  const bearing = { authorization: `Bearer cc1.0.${'A'.repeat(65)}.${'B'.repeat(28)}`, origin: 'https://spa.example' }

  test('is not one that a page was made to send', async () => {
    const request = new Request('https://app.example/', { method: 'POST', headers: bearing })
    expect(await anApp({ bearer: true }).sessions.csrfFault(request)).toBe(null)
    expect(await anApp().sessions.csrfFault(request)).toMatchObject({ reason: 'foreign-origin' })
  })

  test('counts as any other where that token is none of ours', async () => {
    const headers = { ...bearing, authorization: 'Basic YWRhOmFkYQ==' }
    const request = new Request('https://app.example/', { method: 'POST', headers })
    expect(await anApp({ bearer: true }).sessions.csrfFault(request)).toMatchObject({ reason: 'foreign-origin' })
  })
})

describe('our own origin', () => {
  const faultOf = async (options: Parameters<typeof anApp>[0], url: string | undefined, origin: string, more = {}) =>
    (await anApp(options).sessions.csrfFault({ method: 'POST', url, headers: new Headers({ origin, ...more }) }))
      ?.reason

  test('is that of the request', async () => {
    expect(await faultOf({}, 'https://app.example/form', 'https://app.example')).toBe(undefined)
    expect(await faultOf({}, 'https://app.example:443/form', 'https://app.example')).toBe(undefined)
    expect(await faultOf({}, 'http://app.example/form', 'https://app.example')).toBe('foreign-origin')
    expect(await faultOf({}, undefined, 'https://app.example')).toBe('foreign-origin')
  })

  test('is the option’s alone, where there is one', async () => {
    const options = { origin: 'https://shop.example' }
    expect(await faultOf(options, 'http://10.0.0.7:3000/', 'https://shop.example')).toBe(undefined)
    expect(await faultOf(options, undefined, 'https://shop.example')).toBe(undefined)
    expect(await faultOf(options, 'http://10.0.0.7:3000/', 'http://10.0.0.7:3000')).toBe('foreign-origin')
  })

  test('is not what was forwarded, unless the proxy is believed', async () => {
    const forwarded = {
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'shop.example',
      'x-forwarded-for': '192.0.2.1',
    }
    expect(await faultOf({}, 'http://10.0.0.7/', 'https://shop.example', forwarded)).toBe('foreign-origin')
    expect(await faultOf({ trustProxy: { hops: 1 } }, 'http://10.0.0.7/', 'https://shop.example', forwarded)).toBe(
      undefined,
    )
  })
})

test('switched off, nothing is refused but what is asked for', async () => {
  const app = anApp({ csrf: 'unprotected' })
  const request = new Request('https://app.example/', { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } })
  expect(app.sessions.csrfFault(request)).toBe(null)
  expect(await (await app.sessions.open(request)).checkCsrf('junk')).toEqual(refused('invalid-token'))
})
