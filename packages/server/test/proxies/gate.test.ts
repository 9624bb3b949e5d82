import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { addAccount, removeAccount, setRole } from '../../src/actions/administering.ts'
import { databaseOf } from '../../src/data-folder.ts'
import { Client, PASSWORD } from '../running.ts'
import { ask } from './asking.ts'
import { type ApplicationName, behind, PROXIES, type ProxyName } from './behind.ts'

const PAGE = { accept: 'text/html' }
const NOBODY = { user: '', hasId: false, role: '', hasSession: false }

/** What the application says it knows, or where one is led, or the status. */
async function seen(client: Client, path: string, headers = {}) {
  const answer = await client.get(path, headers)
  const body = await answer.text()
  if (answer.status !== 200) return `${answer.status} ${answer.headers.get('location') ?? ''}`.trim()
  const { user, userId, role, session } = JSON.parse(body)
  return { user, hasId: /^[\w-]{22}$/.test(userId), role, hasSession: /^[\w-]{22}$/.test(session) }
}

async function withAlice(name: ProxyName, changes = {}, application: ApplicationName = 'python') {
  const server = await behind(name, changes, application)
  await addAccount(server.services, { username: 'Zoë & Co', password: PASSWORD, role: 'editor' })
  const client = new Client(server.url, { origin: server.url.slice(0, -1) })
  return { ...server, client }
}

describe.each(Object.keys(PROXIES) as ProxyName[])('an application without session code, behind %s', (name) => {
  it('knows who is asking, from the sign-in to the sign-out', async () => {
    const { client } = await withAlice(name)
    expect(await seen(client, '/orders?page=2', PAGE)).toBe('303 /login?next=%2Forders%3Fpage%3D2')
    expect(await seen(client, '/orders')).toMatch(/^401/)
    expect(await seen(client, '/public/terms')).toEqual(NOBODY)
    const back = { username: 'zoë & co', password: PASSWORD, next: '/orders?page=2' }
    expect(await client.seen(client.post('/login', back))).toBe('303 → /orders?page=2')
    const known = { user: 'Zoë & Co', hasId: true, role: 'editor', hasSession: true }
    expect(await seen(client, '/orders?page=2', PAGE)).toEqual(known)
    expect(await seen(client, '/public/terms')).toEqual(known)
    const copy = new Client(client.base)
    for (const [cookie, value] of client.cookies) copy.cookies.set(cookie, value)
    expect(await client.seen(client.post('/logout'))).toBe('303 → /login?goodbye')
    for (const one of [client, copy]) expect(await seen(one, '/orders', PAGE)).toBe('303 /login?next=%2Forders')
  })

  it('is not reached after an ending elsewhere, and roles count at the next request', async () => {
    const { client, services, url } = await withAlice(name)
    await client.signIn('zoë & co')
    expect(await seen(client, '/admin/users')).toBe('403')
    expect(await seen(client, '/write')).toMatchObject({ role: 'editor' })
    await setRole(services, 'zoë & co', 'admin')
    expect(await seen(client, '/admin/users')).toMatchObject({ role: 'admin' })
    const phone = new Client(url, { origin: url.slice(0, -1) })
    await phone.signIn('zoë & co')
    await phone.post('/account/sessions/end-others')
    expect(await seen(client, '/admin/users', PAGE)).toBe('303 /login?next=%2Fadmin%2Fusers')
  })

  it('asks for the password again where the sign-in is too old for the path', async () => {
    const { client } = await withAlice(name)
    await client.signIn('zoë & co')
    expect(await seen(client, '/payments')).toMatchObject({ user: 'Zoë & Co' })
    await new Promise((resolve) => setTimeout(resolve, 1_050))
    expect(await seen(client, '/payments', PAGE)).toBe('303 /reauth?next=%2Fpayments')
    const again = client.post('/reauth', { password: PASSWORD, next: '/payments' })
    expect(await client.seen(again)).toBe('303 → /payments')
    expect(await seen(client, '/payments')).toMatchObject({ user: 'Zoë & Co' })
  })

  it.each([
    { 'x-coatcheck-user': 'root', 'x-coatcheck-role': 'admin', 'x-coatcheck-session': 'A'.repeat(22) },
    { 'X-Coatcheck-User': 'root', X_Coatcheck_User: 'root', x_coatcheck_role: 'admin' },
  ])('is not deceived by what a client makes up: %j', async (forged) => {
    const { client } = await withAlice(name)
    expect(await seen(client, '/public/terms', forged)).toEqual(NOBODY)
    expect(await seen(client, '/orders', forged)).toMatch(/^401/)
    await client.signIn('zoë & co')
    expect(await seen(client, '/orders', forged)).toMatchObject({ user: 'Zoë & Co', role: 'editor' })
    expect(await seen(client, '/admin', forged)).toBe('403')
  })

  it.each([
    { 'x-forwarded-uri': '/public', 'x-forwarded-method': 'GET' },
    { 'x-original-uri': '/public', 'x-original-method': 'GET' },
  ])('is not reached by another path than the one that is asked for: %j', async (forged) => {
    const { client } = await withAlice(name)
    expect(await seen(client, '/orders', forged)).toMatch(/^(400|401|403)/)
    await client.signIn('zoë & co')
    expect(JSON.stringify(await seen(client, '/admin', forged))).not.toContain('Zoë')
  })

  it.each([
    '//admin',
    '/public/../admin',
    '/public/%2e%2e/admin',
    '/%61dmin',
    '/public%2f..%2fadmin',
    '/ADMIN',
    '/public/..;/admin',
  ])('is not reached by a path that is written otherwise: %s', async (path) => {
    const { client } = await withAlice(name)
    await client.signIn('zoë & co')
    const { status } = await ask(client, path)
    expect([400, 403, 404]).toContain(status)
  })

  it.each([
    'x-coatcheck-user',
    'X-COATCHECK-ROLE, close',
    'x-coatcheck-user-id, keep-alive',
    'x-coatcheckx-coatcheck-a-user',
    'xx-coatcheck-session',
    'close, x-coatcheck-x-coatcheck-user-user, x-coatcheck-role',
  ])('is told who is asking, though the client calls that a header of its connection: %s', async (connection) => {
    const { client } = await withAlice(name)
    await client.signIn('zoë & co')
    const { status, body } = await ask(client, '/orders', { headers: [['Connection', connection]] })
    expect(status).toBe(200)
    const { user, userId, role, session } = JSON.parse(body)
    expect([user, role]).toEqual(['Zoë & Co', 'editor'])
    expect([userId, session].every((id) => /^[\w-]{22}$/.test(id))).toBe(true)
  })

  it('is told the id of the account, which a later account of the same name does not have', async () => {
    const { client, services } = await withAlice(name)
    const idOf = async () => {
      await client.signIn('zoë & co')
      return JSON.parse(await (await client.get('/orders')).text()).userId
    }
    const first = await idOf()
    expect(first).toBe((await services.accounts.find('zoë & co'))?.id)
    await removeAccount(services, 'zoë & co')
    await addAccount(services, { username: 'Zoë & Co', password: PASSWORD, role: 'editor' })
    const second = await idOf()
    expect(second).toBe((await services.accounts.find('zoë & co'))?.id)
    expect(second).not.toBe(first)
  })

  it.each([
    ['a path that is too long', { method: 'GET' }, `/orders/${'x'.repeat(5_000)}`],
    ['a method with a dash', { method: 'M-SEARCH' }, '/orders'],
  ])('is not reached by what the gate cannot read, and that is no outage: %s', async (_, asked, path) => {
    const { client } = await withAlice(name)
    await client.signIn('zoë & co')
    const { status, headers } = await ask(client, path, asked)
    expect([status, headers['retry-after']]).toEqual([400, undefined])
  })

  it('is protected from forms of other sites', async () => {
    const { client } = await withAlice(name)
    await client.signIn('zoë & co')
    expect((await client.post('/orders', {}, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await client.post('/orders')).status).toBe(200)
  })

  it('is unavailable for a moment where nobody can tell who is asking: 503, with Retry-After', async () => {
    const { client, services, stop } = await withAlice(name)
    await client.signIn('zoë & co')
    await services.sessions.close()
    const answer = await client.get('/orders')
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
    await stop().catch(() => undefined)
    expect((await client.get('/orders')).status).toBeGreaterThanOrEqual(502)
  })
})

/** `X-Coatcheck-User` and the others with every separator that a header's name may have in the place of a dash. */
function forgedHeaders(): (readonly [string, string])[] {
  const forged: (readonly [string, string])[] = []
  for (const a of ['-', '_', '.']) {
    for (const b of ['-', '_', '.']) {
      forged.push([`X${a}Coatcheck${b}User`, 'root'], [`x${a}coatcheck${b}role`, 'admin'])
      forged.push([`X${a}COATCHECK${b}SESSION`, 'A'.repeat(22)])
      for (const c of ['-', '_', '.']) forged.push([`X${a}Coatcheck${b}User${c}Id`, 'B'.repeat(22)])
    }
  }
  return forged
}

describe.each(Object.keys(PROXIES) as ProxyName[])('behind %s', (name) => {
  it.each(['php', 'wsgi'] as const)(
    'a CGI-like application, to which dashes and underscores are one, is not deceived by what a client makes up: %s',
    async (application) => {
      const { client, services } = await withAlice(name, {}, application)
      const seenAs = async (path: string, headers: readonly (readonly [string, string])[]) => {
        const { status, body } = await ask(client, path, { headers })
        expect(status).toBe(200)
        const { user, userId, role, session } = JSON.parse(body)
        return { user, userId, role, session: session === '' ? '' : 'some' }
      }
      const nobody = { user: '', userId: '', role: '', session: '' }
      for (const one of forgedHeaders()) expect(await seenAs('/public/terms', [one]), one[0]).toEqual(nobody)
      await client.signIn('zoë & co')
      const { id = '' } = (await services.accounts.find('zoë & co')) ?? {}
      const known = { user: 'Zoë & Co', userId: id, role: 'editor', session: 'some' }
      for (const one of forgedHeaders()) expect(await seenAs('/orders', [one]), one[0]).toEqual(known)
      expect(await seenAs('/orders', forgedHeaders())).toEqual(known)
    },
  )

  it('WebSockets get through with who is asking, and those of other sites and of nobody do not', async () => {
    const { client, url } = await withAlice(name, {}, 'plain')
    const handshake = (upgrade: string, origin: string) => ({
      headers: [
        ['Connection', 'Upgrade'],
        ['Upgrade', upgrade],
        ['Origin', origin],
        ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
        ['Sec-WebSocket-Version', '13'],
      ] as const,
    })
    const own = url.slice(0, -1)
    expect(await ask(client, '/chat', handshake('websocket', own))).toMatchObject({ status: 401 })
    await client.signIn('zoë & co')
    const opened = await ask(client, '/chat', handshake('websocket', own))
    expect(opened.status).toBe(101)
    expect(JSON.parse(opened.body)).toMatchObject({ path: '/chat', user: 'Zoë & Co', role: 'editor' })
    expect(await ask(client, '/chat', handshake('websocket', 'http://evil.localhost'))).toMatchObject({ status: 403 })
    // HTTP/2 in the clear would be a tunnel to the application past the gate.
    expect(await ask(client, '/chat', handshake('h2c', own))).toMatchObject({ status: 200 })
    expect(await ask(client, '/chat', handshake('websocket, h2c', own))).toMatchObject({ status: 200 })
  })
})

describe('behind nginx', () => {
  it('no cache keeps an answer of the application that carries a renewed token', async () => {
    const { client, services } = await withAlice('nginx', {}, 'plain')
    const navigation = [
      ['Sec-Fetch-Mode', 'navigate'],
      ['Sec-Fetch-Dest', 'document'],
    ] as const
    const heard = async (path: string) => {
      const { headers } = await ask(client, path, { headers: navigation })
      const cookies = headers['set-cookie']?.map((line) => line.split('=', 1)[0]) ?? []
      return [cookies, headers['cache-control'], headers['cdn-cache-control']]
    }
    await client.signIn('zoë & co')
    // All lines of the application's, of which browsers and caches make one list.
    const kept = [[], 'max-age=600, private', 'max-age=700, must-revalidate']
    expect(await heard('/public/page')).toEqual(kept)
    const database = new DatabaseSync(databaseOf(services.config))
    onTestFinished(() => database.close())
    for (const path of ['/public/page', '/public/missing']) {
      // Two hours older than it is, so that it is renewed.
      database.exec('UPDATE coatcheck_sessions SET renewed_at = renewed_at - 7200000')
      expect(await heard(path)).toEqual([['sid'], `${kept[1]}, no-store`, `${kept[2]}, no-store`])
    }
  })
})
