import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { addAccount, setRole } from '../../src/actions/administering.ts'
import { Client, PASSWORD } from '../running.ts'
import { behind, PROXIES, type ProxyName } from './behind.ts'

const PAGE = { accept: 'text/html' }

/** What the application says it knows, or where one is led, or the status. */
async function seen(client: Client, path: string, headers = {}) {
  const answer = await client.get(path, headers)
  const body = await answer.text()
  if (answer.status !== 200) return `${answer.status} ${answer.headers.get('location') ?? ''}`.trim()
  const { user, role, session } = JSON.parse(body)
  return { user, role, hasSession: /^[\w-]{22}$/.test(session) }
}

async function withAlice(name: ProxyName, changes = {}) {
  const server = await behind(name, changes)
  await addAccount(server.services, { username: 'Zoë & Co', password: PASSWORD, role: 'editor' })
  const client = new Client(server.url, { origin: server.url.slice(0, -1) })
  return { ...server, client }
}

describe.each(Object.keys(PROXIES) as ProxyName[])('an application without session code, behind %s', (name) => {
  it('knows who is asking, from the sign-in to the sign-out', async () => {
    const { client } = await withAlice(name)
    expect(await seen(client, '/orders?page=2', PAGE)).toBe('303 /login?next=%2Forders%3Fpage%3D2')
    expect(await seen(client, '/orders')).toMatch(/^401/)
    expect(await seen(client, '/public/terms')).toEqual({ user: '', role: '', hasSession: false })
    const back = { username: 'zoë & co', password: PASSWORD, next: '/orders?page=2' }
    expect(await client.seen(client.post('/login', back))).toBe('303 → /orders?page=2')
    const known = { user: 'Zoë & Co', role: 'editor', hasSession: true }
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
    expect(await seen(client, '/public/terms', forged)).toEqual({ user: '', role: '', hasSession: false })
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
    expect(await seen(client, '/orders', forged)).toMatch(/^(400|401|403|503)/)
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
    // `fetch` would put it straight.
    const cookie = [...client.cookies].map((pair) => pair.join('=')).join('; ')
    const { port } = new URL(client.base)
    const answer = await new Promise<string>((resolve, reject) => {
      const asked = request({ port, path, headers: { cookie, host: `localhost:${port}` } }, async (response) => {
        resolve(`${response.statusCode} ${await text(response)}`)
      })
      asked.once('error', reject).end()
    })
    expect(answer).toMatch(/^(400|403|404|503)/)
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
