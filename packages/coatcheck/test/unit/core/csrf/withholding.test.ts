import { describe, expect, test } from 'vitest'
import { CookieWithheldError, type SameSite, type Session } from '../../../../src/index.ts'
import { cookieJar } from '../../../../src/testing/index.ts'
import { anApp, type Data, rejection } from '../app.ts'

const URL_OF = 'https://app.example/return'
const BANK = { origin: 'https://bank.example', 'sec-fetch-site': 'cross-site' }

/** A visitor with a browser's jar, in an application with this attribute. */
function aVisitor(sameSite: SameSite, options: Parameters<typeof anApp>[0] = {}) {
  const app = anApp({ ...options, cookie: { sameSite } })
  const jar = cookieJar()
  type Visit = {
    readonly method?: string
    readonly from?: 'same-site' | 'cross-site-navigation' | 'cross-site-subrequest'
  }
  const visit = async <T>(
    act: (session: Session<Data>) => T | Promise<T>,
    headers: Readonly<Record<string, string>> = {},
    { method = 'GET', from = 'same-site' }: Visit = {},
  ) => {
    const cookie = jar.header(URL_OF, from)
    const given = { ...headers, ...(cookie !== null && { cookie }) }
    const session = await app.sessions.open(new Request(URL_OF, { method, headers: given }))
    const result = await act(session)
    const { cookies } = await app.sessions.save(session)
    // A form that another site's page sends is a navigation: its answer may set cookies.
    jar.take(URL_OF, cookies)
    return { result, cookies, session }
  }
  const addHat = () =>
    visit(({ data }) => {
      data.cart = ['hat']
    })
  const cart = async () => (await visit(({ data }) => data.cart)).result
  return { ...app, jar, visit, addHat, cart }
}

const note = ({ data }: Session<Data>) => {
  data.n = 1
}

const WITHOUT_COOKIE = [
  ['lax', 'POST', 'cross-site-subrequest'],
  ['strict', 'POST', 'cross-site-subrequest'],
  ['strict', 'GET', 'cross-site-navigation'],
] as const

describe.each(WITHOUT_COOKIE)('SameSite=%s and a %s of another site’s page', (sameSite, method, from) => {
  const visiting = { method, from }

  test('leave the guest’s session alone, whatever is written', async () => {
    const app = aVisitor(sameSite)
    await app.addHat()
    const write = app.visit(note, BANK, visiting)
    if (method === 'POST') expect(await rejection(write)).toBeInstanceOf(CookieWithheldError)
    else expect((await write).cookies).toEqual([])
    expect(await app.cart()).toEqual(['hat'])
    const told = app.events.filter(({ type }) => type === 'cookie-withheld')
    expect(told).toMatchObject([{ reason: 'cross-site' }])
    expect(app.warnings).toEqual([expect.stringContaining('303')])
  })

  test('say so before anything is written', async () => {
    const app = aVisitor(sameSite)
    const { result, cookies } = await app.visit((session) => session.withheld, BANK, visiting)
    expect(result).toContain('303')
    expect(cookies).toEqual([])
    expect(app.events).toEqual([])
  })

  test('set no cookie for a form', async () => {
    const app = aVisitor(sameSite)
    const { cookies } = await app.visit((session) => session.csrfToken(), BANK, visiting)
    expect(cookies).toEqual([])
    expect(app.events).toMatchObject([{ type: 'cookie-withheld', reason: 'cross-site' }])
  })

  test('sign in with the cookie of the sign-in alone', async () => {
    const app = aVisitor(sameSite)
    await app.addHat()
    const signIn = async (session: Session<Data>) => session.signIn(await app.sessions.begin('ada'), { data: { n: 2 } })
    const { cookies } = await app.visit(signIn, BANK, visiting)
    expect(cookies.map((line) => line.split('=')[0])).toEqual(['__Host-sid'])
    expect(app.jar.cookies().map(({ name }) => name)).toEqual(['__Host-vid', '__Host-sid'])
    expect((await app.visit(({ userId }) => userId)).result).toBe('ada')
  })

  test('leave the guest’s cookie where it is at a sign-out', async () => {
    const app = aVisitor(sameSite)
    await app.addHat()
    const { cookies } = await app.visit((session) => session.signOut(), BANK, visiting)
    expect(cookies.map((line) => line.split('=')[0])).toEqual(['__Host-sid'])
    expect(await app.cart()).toEqual(['hat'])
  })

  test('begin a session where that is meant', async () => {
    const app = aVisitor(sameSite)
    await app.addHat()
    const act = async (session: Session<Data>) => {
      await session.begin({ crossSite: true })
      session.data.n = 3
    }
    const { cookies, session } = await app.visit(act, BANK, visiting)
    expect(cookies.map((line) => line.split('=')[0])).toEqual(['__Host-vid'])
    expect(session.withheld).toBe(null)
    expect((await app.visit(({ data }) => ({ ...data }))).result).toEqual({ n: 3 })
    expect(app.events.filter(({ type }) => type === 'cookie-withheld')).toEqual([])
  })

  test('begin none where that is not said', async () => {
    const app = aVisitor(sameSite)
    const begin = app.visit((session) => session.begin(), BANK, visiting)
    expect(await rejection(begin)).toMatchObject({ code: 'ERR_COOKIE_WITHHELD', status: 500 })
    expect(app.counting.counts()).toEqual({})
  })

  test('are told by a foreign origin where a browser says nothing of the site', async () => {
    for (const origin of ['https://bank.example', 'null']) {
      const app = aVisitor(sameSite)
      await app.addHat()
      const write = app.visit(note, { origin }, visiting)
      await write.catch(() => undefined)
      expect([origin, await app.cart()]).toEqual([origin, ['hat']])
    }
  })

  test.each([
    ['our own page', { origin: 'https://app.example', 'sec-fetch-site': 'same-origin' }],
    ['another port', { origin: 'https://app.example:8443' }],
    ['a host above ours', { origin: 'https://example' }],
    ['a host of our site', { origin: 'https://www.app.example', 'sec-fetch-site': 'same-site' }],
    ['a program', {}],
  ])('are not taken for %s', async (_, headers) => {
    const app = aVisitor(sameSite)
    const { cookies } = await app.visit(note, headers, { method })
    expect(cookies.map((line) => line.split('=')[0])).toEqual(['__Host-vid'])
  })
})

describe('what goes on as ever', () => {
  test.each([
    ['lax', 'GET'],
    ['lax', 'HEAD'],
    ['none', 'POST'],
    ['none', 'GET'],
  ] as const)('SameSite=%s and a %s begin a session', async (sameSite, method) => {
    const app = aVisitor(sameSite)
    const { cookies } = await app.visit(note, BANK, {
      method,
      from: 'cross-site-navigation',
    })
    expect(cookies.map((line) => line.split('=')[0])).toEqual(['__Host-vid'])
    expect(app.events).toMatchObject([{ type: 'created' }])
  })

  test('a request that brought a cookie of ours is no such request', async () => {
    const app = anApp()
    const ada = await app.signedIn()
    const headers = { ...BANK, cookie: ada.request().headers.get('cookie') ?? '' }
    const session = await app.sessions.open(new Request(URL_OF, { method: 'POST', headers }))
    session.data.n = 1
    await app.sessions.save(session)
    expect(await ada.visit(({ data }) => data.n)).toBe(1)
  })
})

test('`begin` begins a session without data, once', async () => {
  const app = anApp()
  const client = app.aClient()
  const act = async (session: Session<Data>) => {
    await session.begin()
    await session.begin()
    return session.id
  }
  const id = await client.visit(act)
  expect([...client.jar.keys()]).toEqual(['__Host-vid'])
  expect(await client.visit((session) => session.id)).toBe(id)
  expect(app.counting.counts()).toMatchObject({ create: 1 })
})

test('`begin` takes what was written before', async () => {
  const app = anApp()
  const client = app.aClient()
  await client.visit(async (session) => {
    session.data.n = 1
    await session.begin()
    session.data.role = 'guest'
  })
  expect(await client.visit(({ data }) => ({ ...data }))).toEqual({ n: 1, role: 'guest' })
})

test('a domain that is not that of the request is an event and one warning, and begins no session', async () => {
  const app = anApp({ cookie: { domain: 'shpo.example' } })
  for (const host of ['www.shop.example', 'shop.example']) {
    const session = await app.sessions.open(new Request(`https://${host}/`))
    session.data.n = 1
    expect((await app.sessions.save(session)).cookies).toEqual([])
  }
  expect(app.events).toMatchObject([
    { type: 'cookie-withheld', reason: 'domain', why: expect.stringMatching(/'shpo\.example'.*www\.shop\.example/) },
    { type: 'cookie-withheld', reason: 'domain' },
  ])
  expect(app.warnings).toHaveLength(1)
  expect(app.counting.counts()).toEqual({})
})
