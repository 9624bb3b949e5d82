// The requirements of ASVS 5.0 about what a request may do, one test for each.
import { describe, expect, test } from 'vitest'
import { REFUSALS } from '../../src/actions/refusals.ts'
import { exchange, requestBytes } from '../raw-http.ts'
import { pathsOf } from '../routes.ts'
import { Client, PASSWORD } from '../running.ts'
import { requiredServer } from './answers.ts'

const FOREIGN = [
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site', origin: 'http://sibling.localhost' },
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { referer: 'https://evil.example/' },
] as const

/** What somebody else's request could have changed: who is signed in where, and what was chosen. */
async function stateOf(alice: Client) {
  const { devices } = (await (await alice.request('/api/devices')).json()) as { devices: readonly { id: string }[] }
  return [devices.map(({ id }) => id), await (await alice.request('/api/preferences')).json()]
}

async function twoDevices() {
  const server = await requiredServer()
  const phone = new Client(server.base)
  await phone.signIn('alice')
  const state = await stateOf(server.alice)
  expect(state[0]).toHaveLength(2)
  return { ...server, phone, state }
}

interface Operation {
  readonly method: string
  readonly path: string
  readonly hasBody: boolean
}

/** The operations of the API that are not safe, by its own description. */
async function unsafeOperations({ alice }: { alice: Client }): Promise<readonly Operation[]> {
  const { paths } = (await (await alice.get('/api/openapi.json')).json()) as {
    paths: Record<string, Record<string, { requestBody?: object }>>
  }
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([method]) => method !== 'get')
      .map(([method, { requestBody }]) => ({ method: method.toUpperCase(), path, hasBody: requestBody !== undefined })),
  )
}

describe('requests of other sites', () => {
  test('ASVS 3.5.1: change nothing, on any route that changes something', async () => {
    const server = await twoDevices()
    const posts = pathsOf(server.services, ['x'], 'POST').filter((path) => !path.startsWith('/api/'))
    const all = [...posts.map((path) => ({ method: 'POST', path })), ...(await unsafeOperations(server))]
    expect(all.length).toBeGreaterThan(15)
    for (const { method, path } of all) {
      for (const headers of FOREIGN) {
        const { status } = await server.alice.request(path, { method, headers })
        expect([method, path, headers, status]).toEqual([method, path, headers, 403])
      }
    }
    expect(await stateOf(server.alice)).toEqual(server.state)
  })

  test('ASVS 3.5.2: are not taken for JSON where a form could send them', async () => {
    const server = await twoDevices()
    const types = [
      'text/plain',
      'text/plain; application/json',
      'multipart/form-data',
      'application/x-www-form-urlencoded',
      '',
    ]
    for (const { method, path, hasBody } of await unsafeOperations(server)) {
      if (!hasBody) continue
      for (const type of types) {
        const headers: [string, string][] = [['Cookie', `sid=${server.alice.cookies.get('sid')}`]]
        if (type !== '') headers.push(['Content-Type', type])
        const { status } = await exchange(server.port, requestBytes({ method, target: path, headers, body: '{}' }))
        expect([path, type, status]).toEqual([path, type, REFUSALS['not-json']])
      }
    }
  })

  test('ASVS 3.5.3, 7.6.2: by a safe method change nothing, and sign nobody in', async () => {
    const { alice, services, base, state } = await twoDevices()
    for (const path of pathsOf(services, ['x'])) {
      for (const method of ['GET', 'HEAD', 'OPTIONS']) {
        const answer = await alice.request(`${path}?username=alice&password=${PASSWORD}`, { method })
        await answer.body?.cancel()
        const nobody = new Client(base)
        await (await nobody.request(`${path}?username=alice&password=${PASSWORD}`, { method })).body?.cancel()
        expect([path, method, nobody.cookies.has('sid')]).toEqual([path, method, false])
      }
    }
    expect(await stateOf(alice)).toEqual(state)
  })
})

test('ASVS 3.7.2: a redirect leads to a path of our own, or home', async () => {
  const { alice } = await requiredServer()
  const elsewhere = [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/.//evil.example',
    'javascript:alert(1)',
    '/a\r\nSet-Cookie: sid=x',
    'evil.example',
  ]
  for (const next of elsewhere) {
    for (const path of ['/login', '/reauth']) {
      const answer = await alice.post(path, { username: 'alice', password: PASSWORD, next })
      expect([path, next, answer.headers.get('location')]).toEqual([path, next, '/dashboard'])
    }
    const page = await alice.seen(alice.get(`/reauth?next=${encodeURIComponent(next)}`))
    expect(page).not.toContain('evil.example')
  }
})

test('ASVS 4.1.3: what a client says was forwarded is believed of nobody', async () => {
  const { base, alice } = await requiredServer()
  const forged = {
    'x-forwarded-for': '203.0.113.9',
    forwarded: 'for=203.0.113.9;proto=https;host=evil.example',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'evil.example',
  }
  const client = new Client(base, forged)
  expect(await client.signIn('alice')).toBe('303 → /dashboard')
  expect([...client.cookies.keys()].toSorted()).toEqual(['known', 'sid'])
  expect(await alice.seen(alice.get('/account/sessions'))).not.toContain('203.0.113.9')
})

test('ASVS 4.1.4, 13.4.4: a method that a path has not does nothing, and TRACE gives nothing back', async () => {
  const server = await twoDevices()
  const cookie = ['Cookie', `sid=${server.alice.cookies.get('sid')}`] as const
  for (const target of pathsOf(server.services, ['x'])) {
    for (const method of ['TRACE', 'PATCH', 'PROPFIND']) {
      const { status, text } = await exchange(server.port, requestBytes({ method, target, headers: [cookie] }))
      expect([method, target, [404, 405].includes(status ?? 0)]).toEqual([method, target, true])
      expect(text).not.toContain(cookie[1])
      if (status === 405) expect(text).toMatch(/^allow: [A-Z, ]+\r$/im)
    }
  }
  expect(await stateOf(server.alice)).toEqual(server.state)
})

describe('fields that nobody asked for', () => {
  test('ASVS 15.3.3: give no role', async () => {
    const { base, services } = await requiredServer()
    const more = { role: 'admin', disabledAt: '0', email: 'a@example.org', emailVerified: '1', id: 'x' }
    const client = new Client(base)
    await client.post('/signup', { username: 'mallory', password: PASSWORD, ...more })
    expect(await services.accounts.find('mallory')).toMatchObject({ role: 'user', email: null })
    await client.signIn('mallory')
    await client.post('/account/preferences', { theme: 'dark', language: 'en', ...more, name: 'root' })
    expect(await client.seen(client.get('/api/session'))).toContain('"user":{"name":"mallory","role":"user"')
    const json = { method: 'PUT', headers: { 'content-type': 'application/json' } }
    const body = JSON.stringify({ theme: 'dark', language: 'en', ...more })
    expect((await client.request('/api/preferences', { ...json, body })).status).toBe(400)
  })

  test('ASVS 15.3.7: given twice count as not given', async () => {
    const { base } = await requiredServer()
    const body = new URLSearchParams([
      ['username', 'alice'],
      ['username', 'mallory'],
      ['password', PASSWORD],
    ])
    expect((await new Client(base).request('/login', { method: 'POST', body })).status).toBe(401)
  })

  test('ASVS 15.3.6: change no prototype', async () => {
    const { alice } = await requiredServer()
    const body = `{"__proto__":{"role":"admin"},"constructor":{"prototype":{"role":"admin"}},"theme":null,"language":null}`
    const headers = { 'content-type': 'application/json' }
    expect((await alice.request('/api/preferences', { method: 'PUT', body, headers })).status).toBe(400)
    expect(Reflect.get({}, 'role')).toBeUndefined()
  })
})

describe('who is signed in', () => {
  test('ASVS 7.4.4: can sign out on every page', async () => {
    const { alice, services } = await requiredServer()
    let pages = 0
    for (const path of [...pathsOf(services, ['x'], 'GET'), '/nowhere']) {
      const answer = await alice.get(path)
      if (answer.headers.get('content-type')?.startsWith('text/html') !== true) {
        await answer.body?.cancel()
        continue
      }
      pages++
      const forms = (await answer.text()).match(/<form[^>]*>/g) ?? []
      const isThere = forms.some((form) => form.includes('method="post"') && form.includes('action="/logout"'))
      expect([path, isThere]).toEqual([path, true])
    }
    expect(pages).toBeGreaterThan(5)
  })

  test('ASVS 7.5.2: sees each session by a handle that signs nobody in', async () => {
    const { alice, base } = await twoDevices()
    const page = await alice.seen(alice.get('/account/sessions'))
    const handles = [...page.matchAll(/\/account\/sessions\/([\w-]{22})\/end/g)].map(([, handle = '']) => handle)
    expect(new Set(handles).size).toBe(2)
    for (const handle of handles) {
      const thief = new Client(base)
      for (const name of ['sid', 'vid', '__Host-sid']) thief.cookies.set(name, handle)
      expect(await thief.seen(thief.get('/dashboard'))).toBe('303 → /login')
    }
  })
})
