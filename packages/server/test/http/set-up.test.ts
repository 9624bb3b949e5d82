import { describe, expect, it } from 'vitest'
import { Client, dataFolder, PASSWORD, runningServer } from '../running.ts'

async function aServer() {
  const server = await runningServer(dataFolder())
  const { codes } = server.services
  return { ...server, code: () => codes.issue('setup', { accountId: null, subject: null }) }
}

describe('the first administrator', () => {
  it('is made by the code, once, and after that there is no such page', async () => {
    const { url, code } = await aServer()
    const [first, second] = [await code(), await code()]
    const client = new Client(url)
    expect(await client.seen(client.get(`/setup?code=${first}`))).toContain(`name="code" value="${first}"`)
    const given = { code: first, username: 'root-of-all', password: PASSWORD }
    expect(await client.seen(client.post('/setup', given))).toBe('303 → /dashboard')
    // Signed in at once: the password has just been typed.
    expect(await client.seen(client.get('/dashboard'))).toMatch(/<dt>Role<\/dt><dd>admin<\/dd>.*<dd>\*<\/dd>/s)
    for (const code of [first, second]) {
      expect(await client.seen(client.post('/setup', { ...given, code, username: 'other' }))).toMatch(/^404 /)
    }
    expect(await client.seen(client.get('/setup'))).toMatch(/^404 /)
  })

  it('is not made by a wrong code, and a slip in the name does not use the code up', async () => {
    const { url, code } = await aServer()
    const client = new Client(url)
    const given = { code: await code(), username: 'carol', password: PASSWORD }
    expect(await client.seen(client.post('/setup', { ...given, code: 'x'.repeat(43) }))).toMatch(
      /^403 .*not the code that the server printed/s,
    )
    expect(await client.seen(client.post('/setup', { ...given, password: 'short' }))).toMatch(/^400 /)
    expect(await client.seen(client.post('/setup', { ...given, username: '' }))).toMatch(/^400 /)
    expect(await client.seen(client.post('/setup', given))).toBe('303 → /dashboard')
  })

  it('is told that codes have run out only where none counts any more', async () => {
    const { url, code, services } = await aServer()
    const client = new Client(url)
    const given = { code: 'a slip', username: 'carol', password: PASSWORD }
    expect(await client.seen(client.post('/setup', given))).toMatch(/^403 .*does not count any more/s)
    const good = await code()
    expect(await client.seen(client.post('/setup', given))).toMatch(/^403 .*not the code that the server printed/s)
    await services.codes.consume('setup', good)
    expect(await client.seen(client.post('/setup', { ...given, code: good }))).toMatch(
      /^403 .*does not count any more/s,
    )
  })

  it('is in the audit log with the role, and so is each code that does not count', async () => {
    const { url, code, services } = await aServer()
    const client = new Client(url)
    const given = { code: await code(), username: 'carol', password: PASSWORD }
    const told = async () =>
      (await services.audit.list({ types: ['set-up-failed', 'account-created', 'role-changed'] }, 99)).map(
        ({ type, userId, actor, detail }) => ({ type, userId, actor, detail }),
      )
    await client.post('/setup', { ...given, code: 'a slip' })
    const slip = {
      ...{ type: 'set-up-failed', userId: null, actor: null },
      detail: { reason: 'setup-code-wrong', network: '127.0.0.0/24' },
    }
    expect(await told()).toEqual([slip])
    await client.post('/setup', { ...given, username: 'root' })
    await client.post('/setup', given)
    const userId = (await services.accounts.find('carol'))?.id
    const created = { type: 'account-created', userId, actor: null, detail: { role: 'admin' } }
    expect(await told()).toEqual([created, slip])
  })

  it('finds the focus in the field that is wrong', async () => {
    const { url, code } = await aServer()
    const client = new Client(url)
    const given = { code: await code(), username: 'carol', password: PASSWORD }
    const focused = async (change: Partial<typeof given>) => {
      const page = await client.seen(client.post('/setup', { ...given, ...change }))
      return [...page.matchAll(/<input[^>]* name="(\w+)"[^>]* autofocus/g)].map(([, name]) => name)
    }
    expect(await focused({ username: 'root' })).toEqual(['username'])
    expect(await focused({ password: 'short' })).toEqual(['password'])
    expect(await focused({ code: 'a slip' })).toEqual(['code'])
  })

  it('is one, though two codes are used at once, and the other account is not left behind', async () => {
    const { url, code, services } = await aServer()
    const codes = await Promise.all(Array.from({ length: 6 }, code))
    const client = new Client(url)
    const answers = await Promise.all(
      codes.map((one, i) =>
        client.seen(client.post('/setup', { code: one, username: `admin-${i}`, password: PASSWORD })),
      ),
    )
    expect(answers.filter((text) => text.startsWith('303'))).toHaveLength(1)
    expect((await services.accounts.list('', 10)).map(({ role }) => role)).toEqual(['admin'])
  })

  it('cannot be guessed for long', async () => {
    const { url } = await aServer()
    const client = new Client(url)
    const guess = () => client.seen(client.post('/setup', { code: 'a guess', username: 'mallory', password: PASSWORD }))
    for (let i = 0; i < 10; i++) expect(await guess()).toMatch(/^403 /)
    expect(await guess()).toMatch(/^429 /)
  })
})
