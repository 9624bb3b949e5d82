import { describe, expect, it } from 'vitest'
import { Client, dataFolder, PASSWORD } from '../running.ts'
import { coatcheck } from './command.ts'
import { startProcess } from './process.ts'

/** What an open page is told when its session is over; that a page is open keeps no session alive. */
async function toldAtOnce(client: Client): Promise<() => Promise<string>> {
  const answer = await client.get('/account/events')
  expect(answer.status).toBe(200)
  const text = answer.text()
  return () => text
}

const asks = { 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/admin/x' }

describe('by the command, while the server runs', () => {
  it('a role is in force at the next request of each session, on pages, in the API and at the gate', async () => {
    const data = dataFolder()
    const environment = { COATCHECK_ROLES: 'editor=articles:write', COATCHECK_GATE_RULES: '/admin=role:editor' }
    const { url } = await startProcess({ PORT: '0', COATCHECK_DATA: data, ...environment })
    const clients = [new Client(url), new Client(url), new Client(url)]
    await clients[0]?.signUp('alice')
    for (const client of clients) await client.signIn('alice')
    const command = async (...args: string[]) => (await coatcheck(data, ['users', ...args], '', environment)).code
    const seen = async () =>
      await Promise.all(
        clients.map(async (client) => {
          const page = /<dt>Role<\/dt><dd>(\w+)/.exec(await client.seen(client.get('/dashboard')))?.[1]
          const { user } = (await (await client.get('/api/session')).json()) as { user: object }
          return [page, user, (await client.get('/gate', asks)).status]
        }),
      )
    const user = ['user', { name: 'alice', role: 'user', permissions: [] }, 403]
    const editor = ['editor', { name: 'alice', role: 'editor', permissions: ['articles:write'] }, 200]
    const before = clients.map(({ cookies }) => [...cookies])
    expect(await seen()).toEqual([user, user, user])
    expect(await command('role', 'alice', 'editor')).toBe(0)
    expect(await seen()).toEqual([editor, editor, editor])
    expect(await command('role', 'alice', 'user')).toBe(0)
    expect(await seen()).toEqual([user, user, user])
    expect(clients.map(({ cookies }) => [...cookies])).toEqual(before)
  })

  it('an account is disabled: each of its sessions is over at the next request, is told why, and nobody else’s is', async () => {
    const data = dataFolder()
    const { url } = await startProcess({ PORT: '0', COATCHECK_DATA: data })
    const [desk, phone, bob] = [new Client(url), new Client(url, { 'accept-language': 'de' }), new Client(url)]
    await desk.signUp('alice')
    await bob.signUp('bob')
    for (const client of [desk, phone]) await client.signIn('alice')
    await bob.signIn('bob')
    const told = await toldAtOnce(desk)
    expect((await coatcheck(data, ['users', 'disable', 'alice'])).code).toBe(0)
    const why = 'You were signed out because your account was disabled.'
    expect(await desk.seen(desk.get('/dashboard'))).toBe('303 → /login')
    expect(await desk.seen(desk.get('/login'))).toContain(why)
    expect(await phone.seen(phone.get('/api/devices'))).toMatch(/^401 .*"reason":"not-signed-in"/)
    expect(await phone.seen(phone.get('/login'))).toContain('weil Ihr Konto gesperrt wurde')
    expect(await told()).toContain(why)
    expect(await desk.signIn('alice')).toMatch(/^403 .*This account is disabled/s)
    expect(await desk.signIn('alice', 'not the password')).toMatch(/^401 /)
    expect(await bob.seen(bob.get('/dashboard'))).toContain('Welcome, bob!')
    expect((await coatcheck(data, ['users', 'enable', 'alice'])).code).toBe(0)
    expect(await desk.signIn('alice', PASSWORD)).toBe('303 → /dashboard')
  })
})

describe('with COATCHECK_IDLE=3s and COATCHECK_ABSOLUTE=12s', () => {
  it('who does nothing is signed out and told why; who goes on lives to the absolute time, and is told that', async () => {
    const timeouts = { COATCHECK_IDLE: '3s', COATCHECK_ABSOLUTE: '12s' }
    const { url } = await startProcess({ PORT: '0', COATCHECK_DATA: dataFolder(), ...timeouts })
    const [idle, active] = [new Client(url), new Client(url)]
    await idle.signUp('alice')
    await active.signIn('alice')
    await idle.signIn('alice')
    const told = await toldAtOnce(idle)
    let isTold = false
    void told().then(() => {
      isTold = true
    })
    let visitsAfterwards = 0
    for (;;) {
      const page = await active.seen(active.get('/dashboard'))
      if (!page.includes('Welcome, alice!')) break
      // Older than the other one, and still there.
      if (isTold) visitsAfterwards++
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(visitsAfterwards).toBeGreaterThan(0)
    expect(await told()).toContain('because nothing happened for a while')
    expect(await idle.seen(idle.get('/dashboard'))).toBe('303 → /login')
    expect(await idle.seen(idle.get('/login'))).toContain('because nothing happened for a while')
    expect(await active.seen(active.get('/login'))).toContain('because your sign-in was as old as it may get')
  })
})
