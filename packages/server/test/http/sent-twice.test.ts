import { describe, expect, it } from 'vitest'
import { Client, dataFolder, PASSWORD, type RunningOptions, runningServer } from '../running.ts'

/** The one-time value of the form on a page. */
async function onceOn(client: Client, path: string): Promise<string> {
  const [, once = ''] = /name="once" value="([\w-]{22})"/.exec(await (await client.get(path)).text()) ?? []
  expect(once).not.toBe('')
  return once
}

/** A request's status, where it leads, and the cookies that it sets, as they were when it was sent. */
async function sent(client: Client, path: string, fields: Record<string, string>, cookies = new Map(client.cookies)) {
  const copy = new Client(client.base)
  for (const [name, value] of cookies) copy.cookies.set(name, value)
  const answer = await copy.post(path, fields)
  const body = await answer.text()
  const session = answer.headers.getSetCookie().find((line) => line.startsWith('sid=')) ?? null
  return { status: answer.status, location: answer.headers.get('location'), session, body }
}

async function serving(options: RunningOptions = {}) {
  const server = await runningServer(dataFolder(), options)
  return { ...server, client: new Client(server.url) }
}

const alice = { username: 'alice', password: PASSWORD }

describe('a form that is sent twice, as by a double click', () => {
  it.each([2, 5])('makes one account, and each answer leads to the sign-in: %i times at once', async (times) => {
    const { client, services } = await serving()
    const once = await onceOn(client, '/signup')
    const all = await Promise.all(Array.from({ length: times }, () => sent(client, '/signup', { ...alice, once })))
    for (const one of all) expect(one).toMatchObject({ status: 303, location: all[0]?.location })
    expect(all[0]?.location).toMatch(/^\/login\?welcome/)
    expect(await services.accounts.count()).toBe(1)
    // One after the other, too.
    expect(await sent(client, '/signup', { ...alice, once })).toMatchObject({ status: 303, location: all[0]?.location })
  })

  it('signs in on one device, and each answer has its cookie', async () => {
    const { client, services } = await serving()
    await client.signUp('alice')
    const once = await onceOn(client, '/login')
    const all = await Promise.all([0, 1, 2].map(() => sent(client, '/login', { ...alice, once, next: '/account' })))
    for (const one of all) expect(one).toMatchObject({ status: 303, location: '/account', session: all[0]?.session })
    expect(all[0]?.session).toMatch(/^sid=/)
    const { id = '' } = (await services.accounts.find('alice')) ?? {}
    expect(await services.sessions.list(id)).toHaveLength(1)
  })

  it('counts a wrong password once, and lets the right one be tried with the next click', async () => {
    const { client, services } = await serving({
      limits: { failuresPerAccount: 2, failuresPerAddress: 99, signupsPerAddress: 99 },
    })
    await client.signUp('alice')
    const once = await onceOn(client, '/login')
    const wrong = { ...alice, password: 'not the right one', once }
    const all = await Promise.all([0, 1, 2].map(() => sent(client, '/login', wrong)))
    expect(all.map(({ status }) => status)).toEqual([401, 401, 401])
    // A failure is not kept: a page that was gone back to holds the same value.
    expect(await sent(client, '/login', { ...alice, once })).toMatchObject({ status: 303 })
    expect(await services.accounts.count()).toBe(1)
  })

  it('is another form for another browser, another page, another name, and where a value is made up', async () => {
    const { client, url } = await serving()
    const once = await onceOn(client, '/signup')
    expect((await sent(client, '/signup', { ...alice, once })).status).toBe(303)
    const stranger = new Client(url)
    await onceOn(stranger, '/signup')
    expect((await sent(stranger, '/signup', { ...alice, once })).body).toContain('User already exists!')
    expect((await sent(new Client(url), '/signup', { ...alice, once })).body).toContain('User already exists!')
    expect((await sent(client, '/signup', { ...alice, once: await onceOn(client, '/signup') })).status).toBe(409)
    expect((await sent(client, '/signup', { ...alice, username: 'bob', once })).location).toMatch(/^\/login\?welcome/)
    expect((await sent(client, '/signup', { ...alice, once: 'x' })).status).toBe(409)
    // The value of a sign-up says nothing at the sign-in.
    expect((await sent(client, '/login', { username: 'alice', password: 'wrong', once })).status).toBe(401)
  })

  it('is another form where anything else was typed: nobody is told that it is done', async () => {
    const { client, services } = await serving()
    const other = 'quite another password 2'
    const once = await onceOn(client, '/signup')
    expect((await sent(client, '/signup', { ...alice, once })).status).toBe(303)
    expect((await sent(client, '/signup', { ...alice, password: other, once })).status).toBe(409)
    expect(await services.accounts.count()).toBe(1)
    const signIn = await onceOn(client, '/login')
    expect((await sent(client, '/login', { ...alice, once: signIn })).session).toMatch(/^sid=./)
    const wrong = await sent(client, '/login', { ...alice, password: other, once: signIn })
    expect([wrong.status, wrong.session]).toEqual([401, null])
    const elsewhere = await sent(client, '/login', { ...alice, next: '/account', once: signIn })
    expect([elsewhere.status, elsewhere.location]).toEqual([303, '/account'])
  })

  it('tells one guess at most whether it was what had been typed', async () => {
    const { client } = await serving()
    const once = await onceOn(client, '/signup')
    expect((await sent(client, '/signup', { ...alice, once })).status).toBe(303)
    expect((await sent(client, '/signup', { ...alice, password: 'quite another password 2', once })).status).toBe(409)
    expect((await sent(client, '/signup', { ...alice, once })).status).toBe(409)
  })

  it.each([{ origin: 'http://evil.example' }, { 'sec-fetch-site': 'cross-site' }])(
    'answers another site’s page with a refusal, and keeps that as an event: %j',
    async (foreign) => {
      const { client, services } = await serving()
      await client.signUp('alice')
      const once = await onceOn(client, '/login')
      const before = new Map(client.cookies)
      expect((await client.post('/login', { ...alice, once })).status).toBe(303)
      const again = new Client(client.base)
      for (const [name, value] of before) again.cookies.set(name, value)
      const answer = await again.post('/login', { ...alice, once }, foreign)
      expect([answer.status, answer.headers.getSetCookie().filter((line) => line.startsWith('sid='))]).toEqual([
        403,
        [],
      ])
      await services.audit.flush()
      const found = await services.audit.list({ types: ['csrf-blocked'] }, 10)
      expect(found).toHaveLength(1)
    },
  )

  it('hands no session to who comes to the same browser later', async () => {
    const { client } = await serving()
    await client.signUp('alice')
    const once = await onceOn(client, '/login')
    const before = new Map(client.cookies)
    const { status } = await client.post('/login', { ...alice, once })
    expect(status).toBe(303)
    await client.post('/logout')
    // The answer has deleted the browser's cookie, so what is sent after it is no repetition.
    expect((await sent(client, '/login', { username: 'alice', password: 'a guess', once })).status).toBe(401)
    expect((await sent(client, '/login', { username: 'alice', password: 'a guess', once }, before)).status).toBe(401)
  })

  it('gives a session that has ended since to what was sent before the sign-in was answered', async () => {
    const { client } = await serving()
    await client.signUp('alice')
    const once = await onceOn(client, '/login')
    const before = new Map(client.cookies)
    await client.post('/login', { ...alice, once })
    await client.post('/logout')
    const late = await sent(client, '/login', { ...alice, once }, before)
    expect(late.session).toMatch(/^sid=./)
    const copy = new Client(client.base)
    copy.cookies.set('sid', /^sid=([^;]*)/.exec(late.session ?? '')?.[1] ?? '')
    expect((await copy.get('/dashboard')).status).toBe(303)
  })
})

describe('a form that is sent to two servers of one database', () => {
  async function twoServers() {
    const data = dataFolder()
    const [one, other] = [await runningServer(data), await runningServer(data)]
    const client = new Client(one.url)
    /** The same browser, sent to the other one. */
    const sentToOther = (path: string, fields: Record<string, string>, cookies = new Map(client.cookies)) =>
      sent(new Client(other.url), path, fields, cookies)
    return { client, sentToOther, services: one.services }
  }

  it('makes one account and one device, at once or one after the other', async () => {
    const { client, sentToOther, services } = await twoServers()
    for (const [path, location] of [
      ['/signup', '/login?welcome&username=alice'],
      ['/login', '/dashboard'],
    ] as const) {
      const once = await onceOn(client, path)
      const fields = { ...alice, once }
      const both = await Promise.all([sent(client, path, fields), sentToOther(path, fields)])
      const later = await sentToOther(path, fields)
      for (const one of [...both, later]) expect(one).toMatchObject({ status: 303, location, session: later.session })
    }
    const { id = '' } = (await services.accounts.find('alice')) ?? {}
    expect(await services.sessions.list(id)).toHaveLength(1)
    expect(await services.accounts.count()).toBe(1)
  })

  it('tells one guess of both whether it was what had been typed', async () => {
    const { client, sentToOther } = await twoServers()
    const once = await onceOn(client, '/signup')
    expect((await sent(client, '/signup', { ...alice, once })).status).toBe(303)
    expect((await sentToOther('/signup', { ...alice, password: 'quite another password 2', once })).status).toBe(409)
    expect((await sent(client, '/signup', { ...alice, once })).status).toBe(409)
  })

  it('may be sent again where it was refused', async () => {
    const { client, sentToOther } = await twoServers()
    await client.signUp('alice')
    const once = await onceOn(client, '/login')
    expect((await sent(client, '/login', { ...alice, password: 'wrong', once })).status).toBe(401)
    expect((await sentToOther('/login', { ...alice, password: 'wrong', once })).status).toBe(401)
    expect((await sentToOther('/login', { ...alice, once })).status).toBe(303)
  })
})
