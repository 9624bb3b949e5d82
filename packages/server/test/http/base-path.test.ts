import { describe, expect, it } from 'vitest'
import { makeApp } from '../../src/app.tsx'
import { readConfig } from '../../src/config.ts'
import { parseGateRules } from '../../src/gate/rules.ts'
import { OWN_PARTS } from '../../src/own-paths.ts'
import { linkIn, mailServer } from '../mail-server.ts'
import { Client, dataFolder, PASSWORD, runningServer } from '../running.ts'
import { staffed } from './staffed.ts'

const BELOW = { basePath: '/auth' }

/** Where the links, forms, scripts and style sheets of a page lead. */
const addressesIn = (page: string) =>
  [...page.matchAll(/ (?:href|src|action)="([^"]*)"/g)].map(([, address = '']) => address)

describe('a server below a path', () => {
  it('leads to itself by every link, form and redirect, and answers there', async () => {
    const { url, admin, desk, id } = await staffed(BELOW)
    expect(new URL(url).pathname).toBe('/auth/')
    const seen = new Set<string>()
    const clients = { admin, desk, nobody: new Client(url) }
    const starts: readonly (readonly [keyof typeof clients, string])[] = [
      ...['', 'login', 'signup', 'forgot', 'reset?code=x', 'verify?code=x', 'setup', 'nowhere'].map(
        (path) => ['nobody', path] as const,
      ),
      ...['dashboard', 'account', 'account/delete', 'account/email', 'logout'].map((path) => ['desk', path] as const),
      ...['admin', `admin/users/${id}`, 'admin/events?type=signed-in'].map((path) => ['admin', path] as const),
    ]
    for (const [who, path] of starts) {
      const waiting = [path]
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const answer = await clients[who].get(next)
        const body = await answer.text()
        const found = [...addressesIn(body), answer.headers.get('location') ?? []].flat()
        for (const address of found) {
          if (address.startsWith('#')) continue
          expect(address, `${who} ${next}`).toMatch(/^\/auth(?:\/|$)/)
          const [page = ''] = address.split('?')
          if (seen.has(`${who} ${page}`)) continue
          seen.add(`${who} ${page}`)
          if (body.includes(`href="${address}"`)) waiting.push(address)
        }
        if (next !== path) expect([200, 303, 403], next).toContain(answer.status)
      }
    }
    // What it found is not only the first page.
    for (const page of ['nobody /auth/assets/style.css', 'desk /auth/account/password', 'admin /auth/admin/policy']) {
      expect(seen).toContain(page)
    }
  })

  it('is walked from the sign-up to the sign-out, whether its path comes along or was cut off by the proxy', async () => {
    const { url } = await runningServer(dataFolder(), BELOW)
    for (const [name, base] of [
      ['whole', url],
      ['cut', new URL('/', url).href],
    ] as const) {
      const client = new Client(base)
      const at = (path: string) => new URL(path, base).pathname
      const post = (path: string, fields = {}) => client.seen(client.post(at(path), fields))
      const account = { username: name, password: PASSWORD }
      expect(await client.seen(client.get(at('dashboard')))).toBe('303 → /auth/login')
      expect(await client.seen(client.get(at('account')))).toBe('303 → /auth/login?next=%2Fauth%2Faccount')
      expect(await post('signup', account)).toMatch(/^303 → \/auth\/login\?welcome/)
      expect(await post('login', { ...account, next: '/auth/account?a=b' })).toBe('303 → /auth/account?a=b')
      expect(await client.seen(client.get(at('account')))).toMatch(/^200 /)
      const api = await client.get(at('api/session'))
      expect(await api.json()).toMatchObject({ signedIn: true, user: { name } })
      const description = await (await client.get(at('api/openapi.json'))).json()
      expect(description).toMatchObject({ servers: [{ url: '/auth' }] })
      expect(await post('account/sessions/end-all')).toBe('303 → /auth/login?goodbye')
    }
  })

  it('has its cookies at the whole host, so that the gate before other applications sees them, and leads back to those', async () => {
    const { url } = await runningServer(dataFolder(), { ...BELOW, gateRules: parseGateRules('/public=anyone') ?? [] })
    const client = new Client(url)
    await client.signUp('alice')
    const ask = async () => {
      const { status, headers } = await client.get('/gate', {
        'x-original-method': 'GET',
        'x-original-uri': '/orders?p=2',
      })
      return [status, headers.get('location')]
    }
    expect(await ask()).toEqual([401, '/auth/login?next=%2Forders%3Fp%3D2'])
    const answer = await client.post('login', { username: 'alice', password: PASSWORD, next: '/orders?p=2' })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/orders?p=2'])
    for (const line of answer.headers.getSetCookie()) expect(line).toContain('; Path=/;')
    expect(await ask()).toEqual([200, null])
  })

  it('writes its path into the links of mails and invitations', async () => {
    const mails = await mailServer()
    const { admin, desk, url } = await staffed({ ...BELOW, smtp: mails.url })
    await desk.post('account/email', { email: 'alice@example.org', password: PASSWORD })
    const letter = await mails.arrived(1)
    expect(letter.text).toContain(`${url}verify?code=`)
    const link = linkIn(letter)
    expect(await desk.seen(desk.get(link))).toContain('alice@example.org')
    const page = await admin.seen(admin.post('admin/invite', { role: 'user' }))
    expect(page).toContain(`>${url}signup?invitation=`)
  })

  it('signs nobody out of another server of the same host that has another cookie', async () => {
    const one = await runningServer(dataFolder(), { basePath: '/one', cookieName: 'one' })
    const two = await runningServer(dataFolder(), { basePath: '/two', cookieName: 'two' })
    const usual = await runningServer()
    const browser = new Client(one.url)
    const servers = [one, two, usual].map(({ url }) => url)
    for (const url of servers) {
      await browser.post(`${url}signup`, { username: 'alice', password: PASSWORD })
      await browser.post(`${url}login`, { username: 'alice', password: PASSWORD })
    }
    for (const url of servers) expect(await browser.seen(browser.get(`${url}dashboard`))).toContain('Welcome, alice!')
    expect([...browser.cookies.keys()].toSorted()).toEqual(['known', 'one', 'one-known', 'sid', 'two', 'two-known'])
    await browser.post(`${one.url}logout`)
    expect((await browser.get(`${one.url}dashboard`)).status).toBe(303)
    expect((await browser.get(`${two.url}dashboard`)).status).toBe(200)
  })

  it('has no path that begins as one of its own does', async () => {
    const { services } = await runningServer()
    const parts = makeApp(services).routes.map(({ path }) => path.split('/')[1] ?? '')
    expect(new Set(parts.filter((part) => !['', '*'].includes(part)))).toEqual(OWN_PARTS)
    for (const COATCHECK_BASE_PATH of ['/auth', '/auth/', '/tools/auth', '/login2']) {
      expect(readConfig({ COATCHECK_BASE_PATH }).basePath).toBe(COATCHECK_BASE_PATH.replace(/\/$/, ''))
    }
    expect(readConfig({ COATCHECK_BASE_PATH: '/' }).basePath).toBe('')
    for (const COATCHECK_BASE_PATH of [
      'auth',
      '/account',
      '/api/auth',
      '//auth',
      '/a/../b',
      '/a b',
      '/a"b',
      '/ä',
      '/a//b',
    ]) {
      expect(() => readConfig({ COATCHECK_BASE_PATH }), COATCHECK_BASE_PATH).toThrow(
        'COATCHECK_BASE_PATH cannot be used',
      )
    }
    for (const COATCHECK_COOKIE_NAME of ['known', 'vid', 'form', 'pre', '__Host-sid', 'a b', 'a;b', 'a'.repeat(33)]) {
      expect(() => readConfig({ COATCHECK_COOKIE_NAME }), COATCHECK_COOKIE_NAME).toThrow('COATCHECK_COOKIE_NAME cannot')
    }
  })
})
