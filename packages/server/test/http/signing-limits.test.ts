import { describe, expect, it } from 'vitest'
import { Client, countingPasswords, dataFolder, PASSWORD, runningServer } from '../running.ts'

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

  it('of one account are counted together, whichever of its names is typed: then no password is right', async () => {
    const { url, services } = await runningServer(dataFolder(), { limits: { ...limits, failuresPerAddress: 99 } })
    const client = new Client(url)
    await client.signUp('alice')
    const { id } = (await services.accounts.find('alice')) ?? { id: '' }
    await services.accounts.change(id, { email: { address: 'a@example.org', isVerified: true } })
    for (const name of ['alice', 'a@example.org', 'ALICE']) expect(await client.signIn(name, 'wrong')).toMatch(/^401 /)
    expect(await client.signIn('A@example.org')).toMatch(/^401 /)
    expect(await client.signIn('alice')).toMatch(/^401 /)
    const events = await services.audit.list({ types: ['sign-in-failed'] }, 9)
    expect(events.map(({ userId, detail }) => [userId === id, detail['reason']])).toEqual([
      ...Array(2).fill([true, 'too-many-attempts']),
      ...Array(3).fill([true, 'invalid-credentials']),
    ])
  })

  it('of one name of an account tell nothing of its other one: it is answered as an address of nobody is', async () => {
    const { url, services } = await runningServer(dataFolder(), { limits: { ...limits, failuresPerAddress: 99 } })
    const client = new Client(url)
    await client.signUp('alice')
    const { id } = (await services.accounts.find('alice')) ?? { id: '' }
    await services.accounts.change(id, { email: { address: 'alice@example.org', isVerified: true } })
    const tried = async (name: string, times: number) => {
      const statuses: string[] = []
      for (let i = 0; i < times; i++) statuses.push((await client.signIn(name, 'wrong')).slice(0, 3))
      return statuses
    }
    expect(await tried('alice', 5)).toEqual(['401', '401', '401', '429', '429'])
    expect(await tried('alice@example.org', 5)).toEqual(await tried('nobody@example.org', 5))
  })

  it('of a locked account, of another one and of nobody are answered by one page, which says that locks end', async () => {
    const { url, services } = await runningServer(dataFolder(), { limits: { ...limits, failuresPerAddress: 99 } })
    const client = new Client(url)
    for (const name of ['alice', 'carol']) await client.signUp(name)
    const { id } = (await services.accounts.find('alice')) ?? { id: '' }
    await services.accounts.change(id, { email: { address: 'a@example.org', isVerified: true } })
    for (let i = 0; i < limits.failuresPerAccount; i++) await client.signIn('a@example.org', 'wrong')
    const pages: string[] = []
    for (const [name, password] of [
      ['alice', PASSWORD],
      ['carol', 'wrong'],
      ['nobody', 'wrong'],
    ] as const) {
      const page = await new Client(url).signIn(name, password)
      pages.push(page.replaceAll(name, 'NAME').replace(/name="once" value="[^"]*"/, ''))
    }
    expect(pages[0]).toMatch(/^401 .*If you are sure of yours, try again in 15 minutes\./s)
    expect(new Set(pages).size).toBe(1)
    expect(await client.seen(client.get('/login'))).not.toContain('If you are sure of yours')
    expect(await client.seen(client.get('/login', { 'accept-language': 'de' }))).not.toContain('Sind Sie sich sicher')
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

  it('are all that this counts: who signs in with the right one more often is not refused', async () => {
    const client = new Client((await runningServer(dataFolder(), { limits })).url)
    await client.signUp('alice')
    for (let i = 0; i < 8; i++) expect(await client.signIn('alice')).toBe('303 → /dashboard')
  })

  it('of one network of IPv6 are refused after its limit, and those of the site around it after ten times as many', async () => {
    const { port } = await runningServer(dataFolder(), { limits, trustProxy: { hops: 1 } })
    const from = async (address: string, name: string) => {
      const headers = { 'x-forwarded-for': address, 'x-forwarded-proto': 'http', 'x-forwarded-host': 'localhost' }
      const guesser = new Client(`http://localhost:${port}`, headers)
      return (await guesser.signIn(name, 'wrong')).slice(0, 3)
    }
    for (let i = 0; i < 10 * limits.failuresPerAddress; i++) {
      expect(await from(`2001:db8:1:${i.toString(16)}::1`, `name-${i}`), String(i)).toBe('401')
    }
    expect(await from('2001:db8:1:ffff::1', 'another')).toBe('429')
    expect(await from('2001:db8:2:1::1', 'another')).toBe('401')
  })
})

describe('the right password', () => {
  const few = { ...limits, signInsPerAccount: 4 }

  it('signs an account in so often in an hour, in every process, and beyond that counts like a wrong one', async () => {
    const data = dataFolder()
    const [one, other] = [await runningServer(data, { limits: few }), await runningServer(data, { limits: few })]
    const client = new Client(one.url)
    await client.signUp('alice')
    for (let i = 0; i < few.signInsPerAccount; i++) expect(await client.signIn('alice')).toBe('303 → /dashboard')
    const answer = await new Client(other.url).post('/login', { username: 'alice', password: PASSWORD })
    expect([answer.status, Number(answer.headers.get('retry-after')) > 59 * 60]).toEqual([429, true])
    const { around, checked } = countingPasswords()
    const third = await runningServer(data, { limits: few, around })
    for (let i = 0; i < 9; i++) {
      const again = new Client(third.url)
      for (const [name, value] of client.cookies) if (name === 'known') again.cookies.set(name, value)
      expect(await again.signIn('alice')).toMatch(/^429 /)
    }
    expect(checked()).toBe(few.failuresPerAccount)
  })

  it('of others is not refused for that', async () => {
    const { url } = await runningServer(dataFolder(), { limits: few })
    const client = new Client(url)
    for (const name of ['alice', 'bob']) await client.signUp(name)
    for (let i = 0; i < few.signInsPerAccount; i++) await client.signIn('alice')
    expect(await client.signIn('bob')).toBe('303 → /dashboard')
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
