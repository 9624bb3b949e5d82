import { describe, expect, it } from 'vitest'
import { Client, dataFolder, PASSWORD, runningServer } from '../running.ts'

const limits = { failuresPerAccount: 3, failuresPerAddress: 5, signupsPerAddress: 2 }

describe('wrong passwords', () => {
  it('of one account are refused after the limit, the right one too, in every process, and say when to come back', async () => {
    const data = dataFolder()
    const [one, other] = [await runningServer(data, { limits }), await runningServer(data, { limits })]
    const client = new Client(one.url)
    await client.signUp('alice')
    for (let i = 0; i < limits.failuresPerAccount; i++) {
      expect(await client.signIn('ALICE', 'not the password')).toMatch(/^401 /)
    }
    const answer = await new Client(other.url).post('/login', { username: 'alice', password: PASSWORD })
    expect(answer.status).toBe(429)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(14 * 60)
    expect(await answer.text()).toContain('That was tried too often. Please try again in 15 minutes.')
  })

  it('of a name that nobody has are counted as well, so that the limit tells nothing', async () => {
    const client = new Client((await runningServer(dataFolder(), { limits })).url)
    for (let i = 0; i < limits.failuresPerAccount; i++) expect(await client.signIn('nobody-there')).toMatch(/^401 /)
    expect(await client.signIn('nobody-there')).toMatch(/^429 /)
  })

  it('of a long mail address count for that address alone', async () => {
    const client = new Client((await runningServer(dataFolder(), { limits })).url)
    const address = (name: string) => `${name}${'x'.repeat(55)}@mail.example.org`
    for (let i = 0; i < limits.failuresPerAccount; i++) expect(await client.signIn(address('a'))).toMatch(/^401 /)
    expect(await client.signIn(address('A'))).toMatch(/^429 /)
    expect(await client.signIn(address('b'))).toMatch(/^401 /)
  })

  it('of one account are counted together, whichever of its names is typed', async () => {
    const { url, services } = await runningServer(dataFolder(), { limits })
    const client = new Client(url)
    await client.signUp('alice')
    const { id } = (await services.accounts.find('alice')) ?? { id: '' }
    await services.accounts.change(id, { email: { address: 'a@example.org', isVerified: true } })
    for (const name of ['alice', 'a@example.org', 'ALICE']) expect(await client.signIn(name, 'wrong')).toMatch(/^401 /)
    expect(await client.signIn('A@example.org')).toMatch(/^429 /)
  })

  it('are answered with problem details where JSON is asked for', async () => {
    const client = new Client((await runningServer(dataFolder(), { limits })).url, { accept: 'application/json' })
    const answer = await client.post('/login', { username: 'alice', password: 'wrong' })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      401,
      'application/problem+json; charset=utf-8',
    ])
    expect(await answer.json()).toMatchObject({ status: 401, reason: 'invalid-credentials' })
    await client.post('/login', { username: 'alice', password: 'wrong' })
    await client.post('/login', { username: 'alice', password: 'wrong' })
    const refused = await client.post('/login', { username: 'alice', password: 'wrong' })
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true])
  })

  it('of one address are refused after its limit, whatever the names', async () => {
    const client = new Client((await runningServer(dataFolder(), { limits })).url)
    for (let i = 0; i < limits.failuresPerAddress; i++) expect(await client.signIn(`name-${i}`)).toMatch(/^401 /)
    expect(await client.signIn('another')).toMatch(/^429 /)
  })

  it('tried at once are counted before they are checked: no more get through than the limit', async () => {
    const client = new Client((await runningServer(dataFolder(), { limits })).url)
    await client.signUp('alice')
    const answers = await Promise.all(Array.from({ length: 12 }, () => client.signIn('alice', 'not the password')))
    expect(answers.filter((text) => text.startsWith('401'))).toHaveLength(limits.failuresPerAccount)
    expect(answers.filter((text) => text.startsWith('429'))).toHaveLength(12 - limits.failuresPerAccount)
  })

  it('are all that counts: whoever signs in as often as they like is not refused', async () => {
    const client = new Client((await runningServer(dataFolder(), { limits })).url)
    await client.signUp('alice')
    for (let i = 0; i < 8; i++) expect(await client.signIn('alice')).toBe('303 → /dashboard')
  })
})

it('of one address only so many accounts are made in an hour; names that are taken do not count', async () => {
  const client = new Client((await runningServer(dataFolder(), { limits })).url)
  expect(await client.signUp('alice')).toBe('303 → /login?welcome')
  for (let i = 0; i < 3; i++) expect(await client.signUp('alice')).toMatch(/^409 /)
  expect(await client.signUp('bob')).toBe('303 → /login?welcome')
  expect(await client.signUp('carol')).toMatch(/^429 .*tried too often/s)
})

it('of one address only so many taken names are told in an hour', async () => {
  const client = new Client((await runningServer(dataFolder(), { limits })).url)
  await client.signUp('alice')
  for (let i = 0; i < 50; i++) expect(await client.signUp('alice')).toMatch(/^409 /)
  expect(await client.signUp('alice')).toMatch(/^429 /)
})

it('where sign-up is closed, the page says so, the sign-in has no link to it, and nothing is made', async () => {
  const client = new Client((await runningServer(dataFolder(), { signup: 'closed' })).url)
  expect(await client.seen(client.get('/signup'))).toMatch(/^403 .*No accounts are made here/s)
  expect(await client.signUp('alice')).toMatch(/^403 .*No accounts are made here/s)
  expect(await client.seen(client.get('/login'))).not.toContain('/signup')
})
