import { describe, expect, it } from 'vitest'
import { Client } from '../running.ts'
import { staffed } from './staffed.ts'

const FIREFOX = { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0; rv:150.0) Gecko/20100101 Firefox/150.0' }

/** As `staffed`, and bob with Firefox. */
async function searched() {
  const all = await staffed()
  const bob = new Client(all.url, FIREFOX)
  await bob.signUp('bob')
  await bob.signIn('bob')
  const bobId = (await all.services.accounts.find('bob'))?.id ?? ''
  const bobs = (await all.services.sessions.list(bobId))[0]?.id ?? ''
  const chief = (await all.services.accounts.find('chief'))?.id ?? ''
  const page = (path: string) => all.admin.seen(all.admin.get(path))
  const found = async (query: string) => {
    const seen = await page(`/admin/sessions?${query}`)
    const [body = ''] = /<tbody\b.*<\/tbody>/s.exec(seen) ?? []
    return [...body.matchAll(/\/admin\/users\/[\w-]{22}">([^<]+)</g)].map(([, name]) => name)
  }
  const told = async (type: string) =>
    (await all.services.audit.list({ types: [type] }, 99)).map(({ actor, userId, sessionId }) => ({
      actor,
      userId,
      sessionId,
    }))
  return { ...all, bob, bobId, bobs, chief, page, found, told }
}

describe('the console’s search of sessions', () => {
  it('finds them by name, address, device and reason of their ending', async () => {
    const { services, found, bobs } = await searched()
    expect(await found('')).toEqual(['bob', 'alice', 'alice', 'chief'])
    expect(await found('name=ALI')).toEqual(['alice', 'alice'])
    expect(await found('device=firefox')).toEqual(['bob'])
    expect(await found('address=127.0.0.99')).toHaveLength(4)
    expect(await found('address=127.0.0.0%2F24&name=b')).toEqual(['bob'])
    expect(await found('address=127.0.1.1')).toEqual([])
    expect(await found('state=revoked')).toEqual([])
    await services.sessions.revoke(bobs)
    expect(await found('state=revoked')).toEqual(['bob'])
    expect(await found('state=alive')).toEqual(['alice', 'alice', 'chief'])
    expect(await found('state=idle&name=bob')).toEqual([])
  })

  it('says so where what was typed is no address, or fits too many', async () => {
    const { services, page } = await searched()
    expect(await page('/admin/sessions?address=nonsense')).toMatch(/^200 .*That is no network address.*Nothing\./s)
    for (let i = 0; i < 11; i++) {
      await services.accounts.create({ name: `Person ${i}`, passwordHash: '-', role: 'user' })
    }
    expect(await page('/admin/sessions?name=person')).toMatch(/^200 .*More than 10 fit/s)
    for (const text of ['%25', '_', "' OR 1=1", '\u0000', 'x'.repeat(999), '__proto__']) {
      const value = encodeURIComponent(text)
      const query = `name=${value}&device=${value}&address=${value}&state=${value}&before=${value}`
      expect(await page(`/admin/sessions?${query}`)).toMatch(/^200 .*Nothing\./s)
    }
  })

  it('leads on page by page', async () => {
    const { services, page } = await searched()
    for (let i = 0; i < 60; i++) {
      const detail = { device: 'x', network: 'y' }
      const of = { userId: 'gone', sessionId: `s${String(i).padStart(2, '0')}`, actor: null }
      services.audit.record({ at: 5, type: 'signed-in', severity: 'info', ...of, detail })
    }
    const ids = (text: string) => [...text.matchAll(/\/admin\/sessions\/(s\d\d)"/g)].map(([, id]) => id)
    const first = await page('/admin/sessions?device=x')
    const [, next = ''] = /href="(\/admin\/sessions\?[^"]*before=\d+)"/.exec(first) ?? []
    const second = await page(next.replaceAll('&amp;', '&'))
    expect([ids(first).length, ids(first)[0], ids(second)[0], ids(second).at(-1)]).toEqual([50, 's59', 's09', 's00'])
    expect(second).not.toMatch(/href="[^"]*before=/)
  })

  it('ends a selection, told one by one with who did it, and never one’s own', async () => {
    const { admin, services, bob, desk, see, bobs, bobId, id, chief, told } = await searched()
    const own = (await services.sessions.list(chief))[0]?.id ?? ''
    const alices = (await services.sessions.list(id)).map((info) => info.id)
    const fields = new URLSearchParams(
      [bobs, alices[0] ?? '', own, 'x'].map((one): [string, string] => ['session', one]),
    )
    expect(await admin.seen(admin.post('/admin/sessions/end', fields))).toBe('303 → /admin/sessions?ended=2')
    expect(await admin.seen(admin.get('/admin/sessions?ended=2'))).toMatch(/^200 .*2 sessions were ended/s)
    for (const count of ['-5', '1001', '1e2.5', 'x']) {
      expect(await admin.seen(admin.get(`/admin/sessions?ended=${count}`)), count).not.toContain('sessions were ended')
    }
    expect([(await see(bob)).slice(0, 3), (await see(desk)).slice(0, 3)]).toEqual(['303', '200'])
    expect(await told('sessions-ended')).toEqual([
      { actor: chief, userId: id, sessionId: alices[0] },
      { actor: chief, userId: bobId, sessionId: bobs },
    ])
  })

  it('goes on with the same search after a selection was ended', async () => {
    const { admin, page } = await searched()
    const asked = 'name=bo&device=Fire%26fox&state=alive'
    const found = await page(`/admin/sessions?${asked.replace('Fire%26fox', 'Firefox')}`)
    expect(found).toContain('action="/admin/sessions/end?name=bo&amp;device=Firefox&amp;state=alive"')
    expect(await admin.seen(admin.post(`/admin/sessions/end?${asked}&ended=9&else=1`))).toBe(
      `303 → /admin/sessions?${asked}&ended=0`,
    )
  })

  it('ends every session there is, where the box is ticked', async () => {
    const { admin, bob, desk, see, chief, told } = await searched()
    expect(await admin.seen(admin.post('/admin/sessions/end-all'))).toMatch(/^400 .*you too/s)
    expect(await see(bob)).toMatch(/^200/)
    expect(await admin.seen(admin.post('/admin/sessions/end-all', { sure: 'yes' }))).toBe('303 → /login')
    for (const client of [bob, desk, admin]) expect((await see(client)).slice(0, 3)).toBe('303')
    expect(await told('sessions-ended')).toEqual([{ actor: chief, userId: null, sessionId: null }])
  })

  it('is for administrators alone, ending too', async () => {
    const { desk, bobs, bob, see } = await searched()
    for (const path of ['/admin/sessions/end', '/admin/sessions/end-all', `/admin/sessions/${bobs}/end`]) {
      expect(await desk.seen(desk.post(path, { session: bobs, sure: 'yes' }))).toMatch(/^403 /)
    }
    expect(await desk.seen(desk.get(`/admin/sessions/${bobs}`))).toMatch(/^403 /)
    expect(await see(bob)).toMatch(/^200/)
  })
})

describe('the story of a session', () => {
  it('tells what is known of it, and in plain words what happened, with who did it', async () => {
    const { admin, page, bobs } = await searched()
    const alive = await page(`/admin/sessions/${bobs}`)
    for (const text of ['>bob<', 'alive', 'Firefox on Windows', '127.0.0.1', '127.0.0.0/24', 'the newest']) {
      expect(alive).toContain(text)
    }
    expect(alive).toContain('Signed in from a browser that was new to the account: Firefox on Windows, 127.0.0.0/24')
    expect(await admin.seen(admin.post(`/admin/sessions/${bobs}/end`))).toBe(`303 → /admin/sessions/${bobs}?done`)
    const over = await page(`/admin/sessions/${bobs}`)
    const story = [...over.matchAll(/<li class="card entry"><span>(.*?)<\/span><span/g)].map(([, text]) => text)
    expect(story).toEqual([
      expect.stringMatching(/^Signed in/),
      'Ended: revoked, by an administrator',
      expect.stringMatching(/^Somebody else ended it.*by chief/),
    ])
    expect(over).not.toContain('<button type="submit" class="danger">')
    expect(await admin.seen(admin.post(`/admin/sessions/${bobs}/end`))).toBe(`303 → /admin/sessions/${bobs}`)
  })

  it('is nobody’s where there is none, and does not end one’s own', async () => {
    const { admin, services, page, chief } = await searched()
    expect(await page(`/admin/sessions/${'x'.repeat(22)}`)).toMatch(/^404 /)
    expect(await admin.seen(admin.post(`/admin/sessions/${'x'.repeat(22)}/end`))).toMatch(/^404 /)
    const own = (await services.sessions.list(chief))[0]?.id ?? ''
    expect(await page(`/admin/sessions/${own}`)).toContain('end it on the page of your devices')
    await admin.post(`/admin/sessions/${own}/end`)
    expect(await page('/admin')).toMatch(/^200 /)
  })
})
