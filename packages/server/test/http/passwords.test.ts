import { hash } from '@node-rs/argon2'
import { describe, expect, it } from 'vitest'
import type { Services } from '../../src/environment.ts'
import { Client, dataFolder, PASSWORD, runningServer } from '../running.ts'

/** A server whose services a test can reach, with alice on it, who is signed in. */
async function serverWithAlice() {
  let services: Services | null = null
  const { url } = await runningServer(dataFolder(), {
    around: (its) => {
      services = its
      return {}
    },
  })
  const client = new Client(url)
  await client.signUp('alice')
  await client.signIn('alice')
  const { accounts } = services as unknown as Services
  const read = async () => {
    const account = await accounts.find('alice')
    if (account === null) throw new Error('There is no alice.')
    return account
  }
  return { client, url, accounts, read }
}

describe('a hash of outdated parameters', () => {
  const outdated = () => hash(PASSWORD, { memoryCost: 8_192, timeCost: 1, parallelism: 1 })

  it('is replaced at a sign-in: the password is as old as before, and no session ends', async () => {
    const { client, url, accounts, read } = await serverWithAlice()
    const before = await read()
    const weak = await outdated()
    await accounts.replaceHash(before.id, before.passwordHash, weak, 'rehashed')
    const other = new Client(url)
    expect(await other.signIn('alice', 'not the password')).toMatch(/^401 /)
    expect((await read()).passwordHash).toBe(weak)
    expect(await other.signIn('alice')).toBe('303 → /dashboard')
    const after = await read()
    expect(after.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(after.passwordChangedAt).toBe(before.passwordChangedAt)
    expect(await new Client(url).signIn('alice')).toBe('303 → /dashboard')
    expect((await read()).passwordHash).toBe(after.passwordHash)
    for (const one of [client, other]) expect(await one.seen(one.get('/dashboard'))).toContain('Welcome, alice!')
  })

  it('is left where the password changes while it is replaced', async () => {
    let stored: () => Promise<string | undefined> = async () => undefined
    const weak = await outdated()
    const { url } = await runningServer(dataFolder(), {
      around: ({ accounts, passwords }) => ({
        passwords: {
          ...passwords,
          async hash(...given) {
            const made = await passwords.hash(...given)
            const account = await accounts.find('alice')
            if (account === null) return weak
            stored = async () => (await accounts.find('alice'))?.passwordHash
            await accounts.change(account.id, { passwordHash: 'another hash' })
            return made
          },
        },
      }),
    })
    const client = new Client(url)
    await client.signUp('alice')
    expect(await client.signIn('alice')).toBe('303 → /dashboard')
    expect(await stored()).toBe('another hash')
  })
})

describe('a forbidden password', () => {
  it.each(['password12345678', 'alice-alice-alice!!', 'CoatCheckCoatCheck', 'xyzxyzxyzxyzxyzxyz'])(
    'is refused at the sign-up: %s',
    async (password) => {
      const client = new Client((await runningServer()).url)
      expect(await client.signUp('alice', password)).toMatch(/^400 .*would be guessed early/s)
      expect(await client.signIn('alice', password)).toMatch(/^401 /)
    },
  )

  it('is announced before anybody types one', async () => {
    const client = new Client((await runningServer()).url)
    expect(await client.seen(client.get('/signup'))).toContain('Not one that many use, nor your name')
  })
})
