import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { browser, examples, type RunningExample, startExample } from './running.ts'

const password = 'correct horse battery'
const someone = () => `Ada ${randomUUID()}`

test('each adapter has an example', () => {
  expect(examples).toEqual(expect.arrayContaining(['express', 'express-commonjs', 'fetch', 'hono', 'node']))
})

describe.each(examples)('the example %s', (example) => {
  let running: RunningExample
  const ada = someone()
  // The command sets up and builds where that has not been done.
  beforeAll(async () => {
    running = await startExample(example)
    await newMember(ada)
  }, 120_000)
  afterAll(async () => await running.stop())

  /** Somebody who has just signed up. */
  async function newMember(name: string) {
    const visitor = browser(running.url)
    expect(await visitor.post('/signup', { name, password })).toMatchObject({ status: 303, location: '/' })
    return visitor
  }

  /** Ada, at one more browser. */
  async function member() {
    const visitor = browser(running.url)
    expect(await visitor.post('/login', { name: ada, password })).toMatchObject({ status: 303, location: '/' })
    return visitor
  }

  test('a visitor who looks around gets no cookie', async () => {
    const visitor = browser(running.url)
    for (const path of ['/', '/signup', '/login']) expect((await visitor.get(path)).status).toBe(200)
    expect(visitor.cookieNames()).toEqual([])
  })

  test('a cart is kept without an account, and taken along by the sign-up', async () => {
    const name = someone()
    const visitor = browser(running.url)
    expect((await visitor.get('/')).text).toContain('Hats in your cart: 0')
    expect(await visitor.post('/cart')).toMatchObject({ status: 303, location: '/' })
    expect((await visitor.get('/')).text).toContain('Hats in your cart: 1')
    expect(visitor.cookieNames()).toEqual(['vid'])

    await visitor.post('/signup', { name, password })
    const { text } = await visitor.get('/')
    expect(text).toContain(`Welcome, ${name}!`)
    expect(text).toContain('Hats in your cart: 1')
    expect(visitor.cookieNames()).toEqual(['sid'])
  })

  test('of hats that come at once, none is lost', async () => {
    const visitor = await member()
    await Promise.all(Array.from({ length: 10 }, () => visitor.post('/cart')))
    expect((await visitor.get('/')).text).toContain('Hats in your cart: 10')
  })

  test('a wrong password and an unknown name are refused alike', async () => {
    const visitor = browser(running.url)
    const wrong = await visitor.post('/login', { name: ada, password: `${password}!` })
    const unknown = await visitor.post('/login', { name: 'Nobody', password })
    expect([wrong.status, unknown.status]).toEqual([401, 401])
    expect(wrong.text).toContain('Name or password is wrong.')
    expect(wrong.text.replaceAll(ada, '')).toBe(unknown.text.replaceAll('Nobody', ''))
    expect(visitor.cookieNames()).toEqual([])
  })

  test('a sign-up that cannot be says why, and signs nobody in', async () => {
    const visitor = browser(running.url)
    const refusals = [
      [{ name: ada, password }, 'This name is taken.'],
      [{ name: someone(), password: 'short' }, 'A password has 15 to 200 characters.'],
      [{ name: 'x'.repeat(200_000), password }, ''],
      [{ name: '', password }, 'A name has 1 to 50 characters.'],
      [{}, 'A name has 1 to 50 characters.'],
    ] as const
    for (const [fields, why] of refusals) {
      const { status, text } = await visitor.post('/signup', fields)
      expect([400, 413]).toContain(status)
      expect(text).toContain(why)
    }
    expect(visitor.cookieNames()).toEqual([])
  })

  test('a name is text, not markup', async () => {
    const name = `<b title='"&'> ${randomUUID().slice(0, 8)}`
    const visitor = await newMember(name)
    const { text } = await visitor.get('/')
    expect(text).toMatch(/Welcome, (?:&lt;|&#60;)b title=/)
    expect(text).not.toContain('<b ')
    const refused = await visitor.post('/login', { name: '"><script>', password: 'wrong' })
    expect(refused.text).not.toContain('<script>')
  })

  test('what is for members leads through the sign-in, and nowhere else', async () => {
    const visitor = browser(running.url)
    const { status, location } = await visitor.get('/account')
    expect([status, location]).toEqual([303, '/login?next=%2Faccount'])
    expect((await visitor.post('/logout-others')).location).toBe('/login')

    const credentials = { name: ada, password }
    expect((await visitor.post('/login?next=%2F%2Fevil.example', credentials)).location).toBe('/')
    expect((await visitor.post(location ?? '', credentials)).location).toBe('/account')
    expect((await visitor.get('/account')).text).toContain('This one')
  })

  test('two browsers of one person are two sessions, and one can end the other', async () => {
    const name = someone()
    const home = await newMember(name)
    await home.post('/cart')
    const away = browser(running.url)
    await away.post('/login', { name, password })
    const { text } = await away.get('/')
    expect(text).toContain(`Welcome, ${name}!`)
    expect(text).toContain('Hats in your cart: 0')
    expect((await home.get('/account')).text.match(/<li>/g)).toHaveLength(2)

    expect(await away.post('/logout-others')).toMatchObject({ status: 303, location: '/account' })
    expect((await away.get('/account')).text.match(/<li>/g)).toHaveLength(1)
    expect((await home.get('/account')).location).toBe('/login?next=%2Faccount')
    expect((await home.get('/')).text).toContain('The hat shop')
  })

  test('after the sign-out a copy of the cookie is worth nothing', async () => {
    const visitor = await member()
    const thief = visitor.copy()
    expect((await thief.get('/account')).status).toBe(200)
    expect(await visitor.post('/logout')).toMatchObject({ status: 303, location: '/' })
    expect(visitor.cookieNames()).toEqual([])
    expect((await visitor.get('/')).text).toContain('The hat shop')
    expect((await thief.get('/account')).status).toBe(303)
    expect((await thief.get('/')).text).not.toContain('Welcome')
  })

  test("another site's page changes nothing", async () => {
    const visitor = await member()
    for (const path of ['/cart', '/logout', '/logout-others', '/login', '/signup']) {
      expect((await visitor.lure(path, { name: someone(), password })).status).toBe(403)
    }
    const { text } = await visitor.get('/')
    expect(text).toContain('Welcome, Ada')
    expect(text).toContain('Hats in your cart: 0')
  })

  test('cookies are out of reach of scripts and of other sites', async () => {
    const visitor = browser(running.url)
    const lines = [await visitor.post('/cart'), await visitor.post('/signup', { name: someone(), password })]
      .flatMap(({ headers }) => headers.getSetCookie())
      .map((line) => line.replace(/=cc1\.[^;]+/, ''))
    const attributes = 'Path=/; HttpOnly; SameSite=Lax'
    expect(lines).toEqual(expect.arrayContaining([`vid; ${attributes}`, `sid; ${attributes}`]))
    expect(lines.filter((line) => !line.includes('Max-Age=0'))).toHaveLength(2)
  })

  test('every page has the security headers, and is kept by no cache', async () => {
    const visitor = await member()
    for (const path of ['/', '/account']) {
      const { headers } = await visitor.get(path)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('content-security-policy') ?? 'none').toContain("object-src 'none'")
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }
  })
})
