import { describe, expect, it } from 'vitest'
import { Client, dataFolder, PASSWORD, runningServer } from '../running.ts'

const limits = { failuresPerAccount: 3, failuresPerAddress: 5, signupsPerAddress: 9 }
const WRONG = 'not the password'

/** A browser of alice's, signed out again, and a stranger's, at servers on the same data. */
async function aliceAndStranger() {
  const data = dataFolder()
  const urls = [(await runningServer(data, { limits })).url, (await runningServer(data, { limits })).url] as const
  const alice = new Client(urls[0])
  await alice.signUp('alice')
  await alice.signUp('bob')
  await alice.signIn('alice')
  await alice.post('/logout')
  expect([...alice.cookies.keys()]).toEqual(['known'])
  return { alice, stranger: new Client(urls[1]), elsewhere: urls[1] }
}

async function guess(client: Client, name: string, times: number): Promise<void> {
  for (let i = 0; i < times; i++) expect(await client.signIn(name, WRONG)).toMatch(/^401 /)
}

describe('a browser that has signed in before', () => {
  it('signs in while others guess at the account, and from its address', async () => {
    const { alice, stranger } = await aliceAndStranger()
    await guess(stranger, 'alice', limits.failuresPerAccount)
    await guess(stranger, 'nobody', limits.failuresPerAddress - limits.failuresPerAccount)
    for (const name of ['alice', 'somebody']) expect(await stranger.signIn(name)).toMatch(/^429 /)
    expect(await alice.signIn('alice')).toBe('303 → /dashboard')
  })

  it('has as many failures as an account has, in every process, and adds to no other counter', async () => {
    const { alice, stranger, elsewhere } = await aliceAndStranger()
    await guess(alice, 'ALICE', limits.failuresPerAccount)
    const same = new Client(elsewhere)
    for (const [name, value] of alice.cookies) same.cookies.set(name, value)
    expect(await same.signIn('alice')).toMatch(/^429 .*in 15 minutes/s)
    await guess(stranger, 'alice', limits.failuresPerAccount)
    await guess(stranger, 'nobody', limits.failuresPerAddress - limits.failuresPerAccount)
  })

  it('is like any other at other accounts', async () => {
    const { alice, stranger } = await aliceAndStranger()
    await guess(stranger, 'bob', limits.failuresPerAccount)
    expect(await alice.signIn('bob')).toMatch(/^429 /)
    await guess(alice, 'nobody', 1)
  })

  it('is signed in by the password alone', async () => {
    const { alice } = await aliceAndStranger()
    expect(await alice.seen(alice.get('/dashboard'))).toBe('303 → /login')
    await guess(alice, 'alice', 1)
  })
})

it('a cookie that somebody else holds, made up or of another browser, opens no counter', async () => {
  const { alice, stranger } = await aliceAndStranger()
  const [, , mac] = (alice.cookies.get('known') ?? '').split('.')
  for (const value of [`1.${'A'.repeat(22)}.${mac}`, `1.${'A'.repeat(22)}.${'B'.repeat(43)}`, '%00', '"']) {
    stranger.cookies.set('known', value)
    expect(await stranger.signIn('alice', WRONG), value).toMatch(/^4(01|29) /)
  }
  expect(await stranger.signIn('alice', WRONG)).toMatch(/^429 /)
})

it('where the origin has TLS, the cookie has the prefix that keeps other hosts from setting it, and no other counts', async () => {
  const { port } = await runningServer(dataFolder(), { origin: 'https://example.org', limits })
  const client = new Client(`http://127.0.0.1:${port}`)
  await client.signUp('alice')
  const { headers } = await client.post('/login', { username: 'alice', password: PASSWORD })
  const line = headers.getSetCookie().find((one) => one.startsWith('__Host-known=')) ?? ''
  expect(line).toMatch(/^__Host-known=1[^;]+; Max-Age=31536000; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
  const stranger = new Client(`http://127.0.0.1:${port}`)
  await guess(stranger, 'alice', limits.failuresPerAccount)
  stranger.cookies.set('known', client.cookies.get('__Host-known') ?? '')
  expect(await stranger.signIn('alice')).toMatch(/^429 /)
  expect(await client.signIn('alice')).toBe('303 → /dashboard')
})
