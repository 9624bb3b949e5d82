import { createSessions } from 'coatcheck'
import { memoryStore } from 'coatcheck/stores/memory'
import { describe, expect, it } from 'vitest'
import type { ServerSessions, SessionData } from '../../src/session-data.ts'
import { Client, dataFolder, runningServer } from '../running.ts'

type Meanwhile = (sessions: ServerSessions, userId: string) => Promise<unknown>

const endAll: Meanwhile = (sessions, userId) => sessions.revokeUser(userId)

/**
 * A server on which something happens to alice's sessions after her password was found right and before her sign-in goes
 * on, at those checks of a password that are named, counted from 1.
 */
async function serverWhere(meanwhile: Readonly<Record<number, Meanwhile>>) {
  let checked = 0
  const { url } = await runningServer(dataFolder(), {
    around: ({ sessions, accounts, passwords }) => ({
      passwords: {
        ...passwords,
        async verify(...given) {
          const fits = await passwords.verify(...given)
          checked++
          const account = await accounts.find('alice')
          if (account !== null) await meanwhile[checked]?.(sessions, account.id)
          return fits
        },
      },
    }),
  })
  const client = new Client(url)
  await client.signUp('alice')
  return { client, checked: () => checked }
}

describe('a password that changes between the look-up of the name and the begin of the sign-in', () => {
  it('counts, and the one before does not', async () => {
    let replaced: string | null = null
    const { url } = await runningServer(dataFolder(), {
      around: ({ sessions, accounts, passwords }) => ({
        accounts: {
          ...accounts,
          async find(typed) {
            const account = await accounts.find(typed)
            return account === null || replaced === null ? account : { ...account, passwordHash: replaced }
          },
        },
        sessions: Object.assign(Object.create(sessions), {
          open: sessions.open.bind(sessions),
          adapter: sessions.adapter,
          commit: sessions.commit.bind(sessions),
          csrfFault: sessions.csrfFault.bind(sessions),
          withheld: sessions.withheld.bind(sessions),
          arrival: sessions.arrival.bind(sessions),
          async begin(userId: string) {
            if (userId !== 'health') replaced ??= await passwords.hash('another one, newly set', 'owner')
            return await sessions.begin(userId)
          },
        }),
      }),
    })
    const client = new Client(url)
    await client.signUp('alice')
    expect(await client.signIn('alice')).toMatch(/^401 .*Invalid credentials!/s)
    expect(await client.signIn('alice', 'another one, newly set')).toBe('303 → /dashboard')
  })
})

describe('sessions that are ended while the password is checked', () => {
  it('make the sign-in begin again: the password is checked a second time, and that counts', async () => {
    const { client, checked } = await serverWhere({ 1: endAll })
    expect(await client.signIn('alice')).toBe('303 → /dashboard')
    expect(checked()).toBe(2)
    expect(await client.seen(client.get('/dashboard'))).toContain('Welcome, alice!')
  })

  it('and once more at the second check: the page says what happened, and nobody is signed in', async () => {
    const { client, checked } = await serverWhere({ 1: endAll, 2: endAll })
    expect(await client.signIn('alice')).toMatch(/^409 .*ended while you were signing in.*name="username"/s)
    expect(checked()).toBe(2)
    expect([...client.cookies.keys()]).toEqual(['form'])
    expect(await client.signIn('alice')).toBe('303 → /dashboard')
  })

  it('say nothing to a wrong password', async () => {
    const { client, checked } = await serverWhere({ 1: endAll, 2: endAll })
    expect(await client.signIn('alice', 'the wrong password')).toMatch(/^401 /)
    expect(checked()).toBe(1)
  })

  it('may be the one from which the same person signs in again: that is a new one then', async () => {
    const { client, checked } = await serverWhere({ 2: endAll })
    await client.signIn('alice')
    const before = client.cookies.get('sid')
    expect(await client.signIn('alice')).toBe('303 → /dashboard')
    expect(checked()).toBe(3)
    expect(client.cookies.get('sid')).not.toBe(before)
    expect(await client.seen(client.get('/dashboard'))).toContain('Welcome, alice!')
  })
})

it('a session that ends when the sign-in on it begins again is no fault', async () => {
  const { client } = await serverWhere({
    2: (sessions, userId) => sessions.updateUser(userId, { set: { name: 'Alice' } }),
    async 3(sessions, userId) {
      for (const { id } of await sessions.list(userId)) await sessions.revoke(id)
    },
  })
  await client.signIn('alice')
  expect(await client.signIn('alice')).toMatch(/^409 .*ended while you were signing in/s)
  expect(await client.signIn('alice')).toBe('303 → /dashboard')
})

it('a name that nobody has costs a check of the password, too', async () => {
  const { client, checked } = await serverWhere({})
  for (const [i, name] of ['nobody', 'x'.repeat(65), '', 'a\u0000'].entries()) {
    expect(await client.signIn(name)).toMatch(/^401 /)
    expect(checked()).toBe(i + 1)
  }
})

describe('more sessions than allowed', () => {
  it('where a further one is refused: the sign-in page says so', async () => {
    const sessions = createSessions<SessionData>({
      store: memoryStore(),
      keys: 'only-for-this-test-0123456789-abcdefghij',
      sessionsPerUser: { max: 1, atLimit: 'refuse' },
    })
    const { url } = await runningServer(dataFolder(), { around: () => ({ sessions }) })
    const [desktop, phone] = [new Client(url), new Client(url)]
    await desktop.signUp('alice')
    expect(await desktop.signIn('alice')).toBe('303 → /dashboard')
    expect(await phone.signIn('alice')).toMatch(/^409 .*as many devices as allowed.*name="username"/s)
    expect([...phone.cookies.keys()]).toEqual(['form'])
  })
})
