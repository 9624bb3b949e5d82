import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { setDisabled, setRole } from '../../src/actions/administering.ts'
import { Client, countingPasswords, dataFolder, PASSWORD, runningServer } from '../running.ts'

const limits = { changesPerAccount: 3 }
const JSON_TYPE = { 'content-type': 'application/json' }

async function aliceAndBob(changes: Parameters<typeof runningServer>[1] = { limits }) {
  const data = dataFolder()
  const { url, services } = await runningServer(data, changes)
  const clients: [Client, Client] = [new Client(url), new Client(url)]
  for (const [i, name] of ['alice', 'bob'].entries()) {
    await clients[i]?.signUp(name)
    await clients[i]?.signIn(name)
  }
  const [alice, bob] = clients
  const { id } = (await services.accounts.find('alice')) ?? { id: '' }
  const kept = async () => (await services.audit.list({ userId: id }, 1_000)).map(({ type }) => type)
  return { data, url, services, alice, bob, id, kept }
}

const prefer = (client: Client, theme: string | null, more = {}) =>
  client.request('/api/preferences', {
    method: 'PUT',
    body: JSON.stringify({ theme, language: null, ...more }),
    headers: JSON_TYPE,
  })

describe('what an account does to itself again and again', () => {
  it('is refused beyond the limit of an hour, with when to come back, and another account is not', async () => {
    const { alice, bob, kept } = await aliceAndBob()
    const statuses: number[] = []
    for (const theme of ['dark', 'light', 'dark', 'light', null]) statuses.push((await prefer(alice, theme)).status)
    expect(statuses).toEqual([200, 200, 200, 429, 429])
    const refused = await prefer(alice, 'light')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(59 * 60)
    const form = alice.post('/account/preferences', { theme: 'light', language: 'de', alerts: 'yes' })
    expect(await alice.seen(form)).toMatch(/^429 .*tried too often/s)
    expect((await kept()).filter((type) => type === 'preferences-changed')).toHaveLength(3)
    expect((await prefer(bob, 'dark')).status).toBe(200)
  })

  it('at once is bounded as well', async () => {
    const { alice, kept } = await aliceAndBob()
    const themes = ['dark', 'light', 'dark', 'light', 'dark', 'light', 'dark', 'light']
    const statuses = await Promise.all(themes.map(async (theme) => (await prefer(alice, theme)).status))
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(themes.length - 3 - 4)
    expect((await kept()).filter((type) => type === 'preferences-changed').length).toBeLessThanOrEqual(3)
  })

  it.each([
    ['ends the other devices', '/account/sessions/end-others', {}],
    ['enters the password', '/reauth', { password: PASSWORD }],
    ['asks for another address', '/account/email/remove', { password: PASSWORD }],
  ])('is bounded where it %s, each by itself', async (_, path, fields) => {
    const { alice } = await aliceAndBob()
    for (let i = 0; i < limits.changesPerAccount; i++) expect((await alice.post(path, fields)).status).toBe(303)
    expect((await alice.post(path, fields)).status).toBe(429)
    expect((await prefer(alice, 'dark')).status).toBe(200)
  })

  it('is bounded where it changes the password, and beyond that the right one counts like a wrong one', async () => {
    const { around, checked } = countingPasswords()
    const { alice } = await aliceAndBob({ limits: { ...limits, failuresPerAccount: 2 }, around })
    let password = PASSWORD
    for (let i = 0; i < limits.changesPerAccount; i++) {
      const next = `number ${i} of the new ones`
      const answer = await alice.post('/account/password', { password, 'new-password': next })
      expect(answer.headers.get('location')).toBe('/account?changed=password')
      password = next
    }
    const before = checked()
    for (let i = 0; i < 9; i++) {
      expect((await alice.post('/account/password', { password, 'new-password': 'yet another one' })).status).toBe(429)
    }
    expect(checked() - before).toBe(2)
  })

  it('writes nothing where nothing changes', async () => {
    const { data, alice, services, kept, id } = await aliceAndBob()
    await prefer(alice, 'dark')
    await setRole(services, 'alice', 'admin')
    const before = await kept()
    const database = new DatabaseSync(join(data, 'coatcheck.db'), { timeout: 1000 })
    onTestFinished(() => database.close())
    const versions = () => database.prepare('SELECT version FROM coatcheck_sessions WHERE user_id = ?').all(id)
    const written = versions()
    for (let i = 0; i < 9; i++) expect((await prefer(alice, 'dark')).status).toBe(200)
    expect(await alice.seen(alice.post('/account/preferences', { theme: 'dark', alerts: 'yes' }))).toMatch(/saved$/)
    expect(versions()).toEqual(written)
    await setRole(services, 'alice', 'admin')
    await setDisabled(services, 'alice', false)
    expect((await kept()).filter((type) => type !== 'user-updated')).toEqual(
      before.filter((type) => type !== 'user-updated'),
    )
  })
})

it('what an administrator does in the console is bounded by ten times that, and looking is not', async () => {
  const { url, services } = await runningServer(dataFolder(), { limits: { changesPerAccount: 1 } })
  const chief = new Client(url)
  await chief.signUp('chief')
  await setRole(services, 'chief', 'admin')
  await chief.signIn('chief')
  for (let i = 0; i < 10; i++) expect((await chief.post('/admin/invite', { role: 'user' })).status).toBe(200)
  const refused = await chief.post('/admin/invite', { role: 'user' })
  expect([refused.status, await refused.text()]).toEqual([429, expect.stringContaining('tried too often')])
  expect((await chief.get('/admin/users')).status).toBe(200)
  expect((await services.audit.list({ types: ['invited'] }, 99)).length).toBe(10)
})

describe('the page of recent activity', () => {
  const lines = async (client: Client) => {
    const page = await client.seen(client.get('/account/activity'))
    return [...page.matchAll(/<li class="card entry"><span>(.*?)<\/span>/gs)].map(([, text]) => text ?? '')
  }

  it('shows a stranger’s sign-in on its first page, however often preferences change and passwords are guessed', async () => {
    const { url, alice } = await aliceAndBob({})
    const thief = new Client(url, { 'user-agent': 'curl/8.5.0' })
    await thief.signIn('alice')
    for (let i = 0; i < 40; i++) {
      await prefer(thief, i % 2 === 0 ? 'dark' : 'light')
      await thief.signIn('alice', 'not the password')
    }
    const seen = await lines(alice)
    expect(seen.join('\n')).toMatch(/Signed in from a new device: curl/)
    // An hour may have begun in between: then there are two lines of each.
    expect(seen.filter((text) => text.startsWith('Preferences were changed')).length).toBeLessThanOrEqual(2)
    expect(seen.filter((text) => /A wrong password was tried.*times within an hour/.test(text)).length).toBeGreaterThan(
      0,
    )
  })

  it('shows guesses while strangers flood the log with requests of another site', async () => {
    const { url, alice } = await aliceAndBob({})
    const stranger = new Client(url)
    for (let i = 0; i < 120; i++) await stranger.post('/login', {}, { origin: 'http://evil.example' })
    for (let i = 0; i < 8; i++) await new Client(url).signIn('alice', `a guess number ${i}`)
    expect((await lines(alice)).join('\n')).toContain(
      'A wrong password was tried: 127.0.0.0/24 (8 times within an hour)',
    )
  })
})
