import { describe, expect, test } from 'vitest'
import { CsrfError } from '../../../src/index.ts'
import { anApp, rejection } from './app.ts'
import { FORM, formsOf, OWN } from './forms.ts'

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

  test('a required token is asked of every unsafe method', async () => {
    const app = anApp(REQUIRED)
    const ada = formsOf(app)
    await ada.signIn()
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']) {
      expect([method, await reasonOf(app, ada, { ...OWN, ...JSON_TYPE }, method)]).toEqual([method, 'missing-token'])
    }
    expect(await reasonOf(app, ada, { ...OWN, ...JSON_TYPE }, 'GET')).toBe(undefined)
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
    expect(await reasonOf(app, visitor, { ...FORM, referer: 'https://app.example/' })).toBe('unproven')
    visitor.jar.clear()
    expect(await reasonOf(app, visitor, { ...FORM, referer: 'https://app.example/' })).toBe(undefined)
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
    [{ origin: 'http://x;=hyperlink(char(104)&char(116)&a1);y' }, { origin: 'malformed', site: null }],
    [{ origin: "http://x'onload='y" }, { origin: 'malformed', site: null }],
    [{ origin: 'http://[2001:db8::1]:8080' }, { origin: 'http://[2001:db8::1]:8080', site: null }],
    [{ origin: 'http://xn--bcher-kva.example_1.org' }, { origin: 'http://xn--bcher-kva.example_1.org', site: null }],
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

describe('a page of ours behind a proxy that nobody told of', () => {
  const sent = (url: string, origin: string) => ({ method: 'POST', url, headers: new Headers({ origin }) })

  test('is refused, with a word that names the setting, once', async () => {
    const { sessions, warnings } = anApp()
    for (let i = 0; i < 2; i++) {
      expect(await sessions.csrfFault(sent('http://shop.example/', 'https://shop.example'))).toBeInstanceOf(CsrfError)
    }
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain("set `origin: 'https://shop.example'`")
  })

  test.each([
    ['another host', 'http://shop.example/', 'https://evil.example', {}],
    ['another port', 'http://shop.example/', 'https://shop.example:8443', {}],
    ['a page in the clear', 'https://shop.example/', 'http://shop.example', {}],
    ['an origin that is set', 'http://shop.example/', 'https://shop.example', { origin: 'https://other.example' }],
  ])('is not taken for %s', async (_, url, origin, options) => {
    const { sessions, warnings } = anApp(options)
    expect(await sessions.csrfFault(sent(url, origin))).toMatchObject({ reason: 'foreign-origin' })
    expect(warnings).toEqual([expect.stringContaining(`${origin} is not in \`csrf.trustedOrigins\``)])
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

describe('a request with none of the headers that browsers send', () => {
  const faultOf = async (
    options: Parameters<typeof anApp>[0],
    headers: Readonly<Record<string, string>> = {},
    method = 'POST',
  ) => {
    const app = anApp(options)
    const ada = await app.signedIn()
    const { headers: given } = ada.request({ ...FORM, ...headers })
    const fault = await app.sessions.csrfFault({ method, url: 'https://app.example/', headers: given })
    return { reason: fault?.reason, ...app }
  }

  test.each([
    ['lax', undefined],
    ['strict', undefined],
    ['none', 'unproven'],
  ] as const)('with a cookie of SameSite=%s is %s', async (sameSite, reason) => {
    expect((await faultOf({ cookie: { sameSite } })).reason).toBe(reason)
  })

  test('is refused where each request has to say its origin', async () => {
    expect((await faultOf({ csrf: { requireOrigin: true } })).reason).toBe('unproven')
    expect((await faultOf({ csrf: { requireOrigin: true } }, { 'sec-fetch-site': 'same-origin' })).reason).toBe(
      undefined,
    )
  })

  test('may be no handshake, and has no Referer', async () => {
    expect((await faultOf({}, { upgrade: 'websocket' }, 'GET')).reason).toBe('unproven')
    expect((await faultOf({}, { referer: 'https://app.example/' })).reason).toBe('unproven')
  })

  test('can change the session', async () => {
    const app = anApp()
    const ada = await app.signedIn()
    const { headers } = ada.request(FORM)
    const session = await app.sessions.open({ method: 'POST', url: 'https://app.example/', headers })
    session.data.n = 1
    await app.sessions.save(session)
    expect(await ada.visit(({ data }) => data.n)).toBe(1)
  })
})

describe('a form whose origin is hidden', () => {
  const HIDDEN = { origin: 'null', ...FORM }
  const at = (headers: Headers, method = 'POST') => ({ method, url: 'https://app.example/', headers })

  test('is refused where nobody reads forms, as in a gate, and at a handshake', async () => {
    const { sessions } = anApp()
    const headers = new Headers(HIDDEN)
    expect(await sessions.csrfFault(at(headers))).toBe(null)
    expect(await sessions.csrfFault(at(headers), { readsForms: false })).toMatchObject({ reason: 'opaque-origin' })
    const upgrade = new Headers({ ...HIDDEN, upgrade: 'websocket' })
    expect(await sessions.csrfFault(at(upgrade, 'GET'))).toMatchObject({ reason: 'opaque-origin' })
  })

  test.each(['text/plain', 'application/json', ''])('is none with the content type %j', async (type) => {
    const { sessions } = anApp()
    const headers = new Headers({ origin: 'null', ...(type !== '' && { 'content-type': type }) })
    expect(await sessions.csrfFault(at(headers))).toMatchObject({ reason: 'opaque-origin' })
  })

  test('opens the session to nothing until its token was found to count', async () => {
    const app = anApp()
    const ada = formsOf(app)
    await ada.signIn()
    const token = await ada.shown()
    const open = async () => await app.sessions.open(at(ada.request(HIDDEN).headers))
    const session = await open()
    for (const look of [() => session.userId, () => session.data, () => session.ended, () => session.signedIn]) {
      expect(look).toThrow(CsrfError)
    }
    expect(await rejection(session.signOut())).toMatchObject({ code: 'ERR_CSRF', reason: 'opaque-origin' })
    expect(await (await open()).checkCsrf('junk')).toEqual({ allowed: false, reason: 'invalid-token' })
    const checked = await open()
    expect(await checked.checkCsrf(token)).toEqual({ allowed: true, reason: null })
    expect(checked.userId).toBe('ada')
    await checked.rotate()
  })
})

test('each reason is a warning once, which names what to set', async () => {
  const { sessions, warnings } = anApp()
  const send = async (headers: Record<string, string>) =>
    await sessions.csrfFault({ method: 'POST', url: 'https://app.example/', headers: new Headers(headers) })
  for (const port of [5173, 5174]) await send({ origin: `http://localhost:${port}`, 'sec-fetch-site': 'same-site' })
  for (let i = 0; i < 2; i++) await send({ origin: 'null' })
  await send({ 'sec-fetch-site': 'cross-site' })
  await send({ origin: 'https://user:word@evil.example/path?token=1' })
  expect(warnings).toEqual([
    expect.stringContaining('http://localhost:5173 is not in `csrf.trustedOrigins`'),
    expect.stringContaining('Referrer-Policy'),
    expect.stringContaining('`csrf.trustedOrigins`'),
    expect.stringContaining('https://evil.example is not in `csrf.trustedOrigins`'),
  ])
  expect(warnings.join()).not.toMatch(/word|token=/)
})

describe('the client', () => {
  const headers = new Headers({
    origin: 'https://shop.example',
    'x-forwarded-for': '203.0.113.9',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'shop.example',
  })
  const request = { method: 'POST', url: 'http://10.0.0.7/', headers }
  const proxied = { trustProxy: { networks: ['10.0.0.0/8'] } }
  const given = { address: '10.0.0.1' }

  test.each([
    ['a value', given],
    ['a function', () => given],
  ])('is the same for every call, as %s', async (_, client) => {
    const { sessions } = anApp(proxied)
    expect(await sessions.csrfFault(request, { client })).toBe(null)
    expect(sessions.arrival(request, client)).toEqual({ origin: 'https://shop.example', address: '203.0.113.9' })
    expect(sessions.withheld(request, client)).toBe(null)
    const session = await sessions.open(request, { client })
    session.data.n = 1
    expect((await sessions.save(session)).cookies).toEqual([expect.stringMatching(/^__Host-vid=/)])
    expect(session.client?.address).toBe('203.0.113.9')
  })

  test('is not asked for at a safe method', () => {
    const { sessions } = anApp()
    const client = () => {
      throw new Error('asked')
    }
    expect(sessions.csrfFault({ ...request, method: 'GET' }, { client })).toBe(null)
  })
})

test('a request of node:http is refused with a word that names what makes one of ours', async () => {
  const { sessions } = anApp()
  const request = Object({ method: 'GET', url: '/', headers: { host: 'localhost' } })
  const refusal = { code: 'ERR_OPTION', option: 'request', message: expect.stringContaining('requestLike(request)') }
  expect(await rejection(sessions.open(request))).toMatchObject(refusal)
  expect(() => sessions.csrfFault(request)).toThrow(expect.objectContaining(refusal))
  expect(() => sessions.withheld(request)).toThrow(expect.objectContaining(refusal))
})

test('an origin of an app is told as it came', async () => {
  const { sessions, events } = anApp()
  const headers = new Headers({ origin: 'capacitor://localhost', 'sec-fetch-site': 'cross-site' })
  const request = { method: 'POST', url: 'https://app.example/', headers }
  expect(await sessions.csrfFault(request)).toMatchObject({ reason: 'cross-site' })
  expect(events).toMatchObject([{ origin: 'capacitor://localhost' }])
  const trusting = anApp({ csrf: { trustedOrigins: ['capacitor://localhost'] } }).sessions
  expect(await trusting.csrfFault(request)).toBe(null)
})
