import { describe, expect, it } from 'vitest'
import type { Services } from '../../src/environment.ts'
import { Client, dataFolder, PASSWORD, runningServer } from '../running.ts'

const NEW = 'another one, newly set'
const change = (client: Client, password = PASSWORD, newPassword = NEW) =>
  client.seen(client.post('/account/password', { password, 'new-password': newPassword }))
const remove = (client: Client, password = PASSWORD) => client.seen(client.post('/account/delete', { password }))

/** A server on which something happens once, after a password was found right. */
async function serverWhere(options: Parameters<typeof runningServer>[1] = {}) {
  const meanwhile: { run: ((services: Services) => Promise<unknown>) | null } = { run: null }
  const { url } = await runningServer(dataFolder(), {
    ...options,
    around: (services) => ({
      passwords: {
        ...services.passwords,
        async verify(...given) {
          const fits = await services.passwords.verify(...given)
          const { run } = meanwhile
          meanwhile.run = null
          await run?.(services)
          return fits
        },
      },
    }),
  })
  const client = new Client(url)
  await client.signUp('alice')
  await client.signIn('alice')
  return { url, client, meanwhile }
}

describe('the page of one’s account', () => {
  it('leads to all that can be changed, for who is signed in', async () => {
    const { url, client } = await serverWhere()
    const page = await client.seen(client.get('/account'))
    const links = [...page.matchAll(/<h2><a href="([^"]+)"/g)].map(([, href]) => href)
    expect(links).toEqual([
      '/account/sessions',
      '/account/activity',
      '/account/preferences',
      '/account/password',
      '/account/delete',
    ])
    for (const link of links) expect(await client.seen(client.get(link ?? ''))).toMatch(/^200 /)
    expect(await client.seen(client.get('/dashboard'))).toContain('<a href="/account">')
    const stranger = new Client(url)
    for (const link of ['/account', ...links]) {
      expect(await stranger.seen(stranger.get(link ?? ''))).toBe(`303 → /login?next=${encodeURIComponent(link ?? '')}`)
      expect(await stranger.seen(stranger.post(link ?? ''))).toMatch(/^(303 → \/login|405 )/)
    }
  })
})

describe('a changed password', () => {
  it('ends all other sessions, and this one goes on with a new token', async () => {
    const { url, client } = await serverWhere()
    const other = new Client(url)
    await other.signIn('alice')
    const before = new Client(url)
    for (const [name, value] of client.cookies) before.cookies.set(name, value)
    expect(await change(client, 'not the password')).toMatch(/^403 .*not your current password/s)
    expect(await change(client, PASSWORD, 'too short')).toMatch(/^400 .*at least 15/s)
    expect(await change(client, PASSWORD, 'alice-alice-alice')).toMatch(/^400 .*guessed early/s)
    expect(await other.seen(other.get('/dashboard'))).toContain('Welcome, alice!')
    expect(await change(client)).toBe('303 → /account?changed=password')
    expect(await client.seen(client.get('/account?changed=password'))).toContain('Your password is changed.')
    expect(client.cookies.get('sid')).not.toBe(before.cookies.get('sid'))
    for (const one of [other, before]) expect(await one.seen(one.get('/dashboard'))).toBe('303 → /login')
    expect(await client.signIn('alice', PASSWORD)).toMatch(/^401 /)
    expect(await new Client(url).signIn('alice', NEW)).toBe('303 → /dashboard')
  })

  it('leaves the browser known, and those that knew the old one are no longer', async () => {
    const limits = { failuresPerAccount: 2, failuresPerAddress: 99, signupsPerAddress: 9 }
    const { url, client } = await serverWhere({ limits })
    const [other, stranger] = [new Client(url), new Client(url)]
    await other.signIn('alice')
    await change(client)
    for (let i = 0; i < 2; i++) expect(await stranger.signIn('alice', PASSWORD)).toMatch(/^401 /)
    expect(await other.signIn('alice', NEW)).toMatch(/^429 /)
    expect(await client.signIn('alice', NEW)).toBe('303 → /dashboard')
  })

  it('ends a sign-in with the old one that is under way', async () => {
    const { url, client, meanwhile } = await serverWhere()
    meanwhile.run = async () => expect(await change(client)).toMatch(/^303 /)
    const other = new Client(url)
    expect(await other.signIn('alice')).toMatch(/^401 /)
    expect(await other.seen(other.get('/dashboard'))).toBe('303 → /login')
    expect(await client.seen(client.get('/dashboard'))).toContain('Welcome, alice!')
  })

  it('loses to another change that came first', async () => {
    const { client, meanwhile } = await serverWhere()
    let hash = ''
    meanwhile.run = async ({ accounts, passwords }) => {
      const account = await accounts.find('alice')
      hash = await passwords.hash('what the owner has set', 'owner')
      await accounts.change(account?.id ?? '', { passwordHash: hash })
    }
    expect(await change(client)).toMatch(/^409 .*changed meanwhile/s)
    expect(await client.signIn('alice', NEW)).toMatch(/^401 /)
    expect(await client.signIn('alice', 'what the owner has set')).toBe('303 → /dashboard')
  })

  it('counts though its session was ended meanwhile', async () => {
    const { url, client, meanwhile } = await serverWhere()
    meanwhile.run = async ({ accounts, sessions }) => {
      const account = await accounts.find('alice')
      await sessions.revokeUser(account?.id ?? '')
    }
    expect(await change(client)).toBe('303 → /account?changed=password')
    expect(await client.seen(client.get('/account'))).toMatch(/^303 → \/login/)
    expect(await new Client(url).signIn('alice', NEW)).toBe('303 → /dashboard')
  })
})

describe('wrong passwords on the pages of one’s account', () => {
  const limits = { failuresPerAccount: 3, failuresPerAddress: 99, signupsPerAddress: 9 }

  it('are limited together, the right one too, and signing in is not', async () => {
    const { url, client } = await serverWhere({ limits })
    expect(await change(client, 'not the password')).toMatch(/^403 /)
    expect(await remove(client, 'not the password')).toMatch(/^403 /)
    const email = { email: 'alice@example.org', password: 'not the password' }
    expect(await client.seen(client.post('/account/email/remove', email))).toMatch(/^403 /)
    const answer = await client.post('/account/password', { password: PASSWORD, 'new-password': NEW })
    expect([answer.status, Number(answer.headers.get('retry-after')) > 14 * 60]).toEqual([429, true])
    expect(await remove(client)).toMatch(/^429 /)
    expect(await new Client(url).signIn('alice')).toBe('303 → /dashboard')
  })

  it('are all that counts', async () => {
    const { client } = await serverWhere({ limits })
    for (let i = 0; i < 5; i++) expect(await change(client, PASSWORD, 'short')).toMatch(/^400 /)
  })
})

describe('a deleted account', () => {
  it('is gone with all its sessions, and its name is free', async () => {
    const { url, client } = await serverWhere()
    const other = new Client(url)
    await other.signIn('alice')
    expect(await remove(client, 'not the password')).toMatch(/^403 /)
    expect(await other.seen(other.get('/dashboard'))).toContain('Welcome, alice!')
    const token = client.cookies.get('sid') ?? ''
    expect(await remove(client)).toBe('303 → /login?deleted')
    expect(client.cookies.has('sid')).toBe(false)
    expect(await client.seen(client.get('/login?deleted'))).toContain('Your account is deleted.')
    client.cookies.set('sid', token)
    for (const one of [client, other]) expect(await one.seen(one.get('/dashboard'))).toBe('303 → /login')
    expect(await client.signIn('alice')).toMatch(/^401 /)
    expect(await new Client(url).signUp('alice', NEW)).toBe('303 → /login?welcome')
    expect(await other.seen(other.get('/dashboard'))).toBe('303 → /login')
  })

  it('ends a sign-in that is under way, and one that comes between the two steps', async () => {
    let meanwhile: (() => Promise<unknown>) | null = null
    const { url } = await runningServer(dataFolder(), {
      around: ({ accounts, passwords }) => ({
        accounts: {
          ...accounts,
          async remove(id) {
            await meanwhile?.()
            await accounts.remove(id)
          },
        },
        passwords,
      }),
    })
    const [client, other] = [new Client(url), new Client(url)]
    await client.signUp('alice')
    await client.signIn('alice')
    meanwhile = async () => expect(await other.signIn('alice')).toBe('303 → /dashboard')
    expect(await remove(client)).toBe('303 → /login?deleted')
    expect(await other.seen(other.get('/dashboard'))).toBe('303 → /login')
  })
})
