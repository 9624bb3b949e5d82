import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { Client, dataFolder, PASSWORD, runningServer } from '../running.ts'

/** Two devices of one account, whose sign-ins were long ago. */
async function longAgo() {
  const data = dataFolder()
  const { url } = await runningServer(data, {
    limits: { failuresPerAccount: 3, failuresPerAddress: 99, signupsPerAddress: 9 },
  })
  const [desk, phone] = [new Client(url), new Client(url)]
  await desk.signUp('alice')
  await desk.signIn('alice')
  await phone.signIn('alice')
  const database = new DatabaseSync(join(data, 'coatcheck.db'), { timeout: 1000 })
  database.exec('UPDATE coatcheck_sessions SET authenticated_at = authenticated_at - 16 * 60000')
  database.close()
  return { url, desk, phone }
}

const other = async (client: Client) =>
  [...(await client.seen(client.get('/account/sessions'))).matchAll(/sessions\/([\w-]{22})\/end/g)][1]?.[1] ?? ''

describe('what cannot be undone, long after the sign-in', () => {
  it.each(['end-others', 'end-all', null])('asks for the password first, and returns: %s', async (action) => {
    const { desk, phone } = await longAgo()
    const path = `/account/sessions/${action ?? `${await other(desk)}/end`}`
    expect(await desk.seen(desk.post(path))).toBe('303 → /reauth?next=%2Faccount%2Fsessions')
    expect(await phone.seen(phone.get('/dashboard'))).toContain('Welcome, alice!')
    const page = await desk.seen(desk.get('/reauth?next=%2Faccount%2Fsessions'))
    expect(page).toMatch(/Enter your password again.*name="next" value="\/account\/sessions"/s)
    const before = desk.cookies.get('sid')
    const again = desk.post('/reauth', { password: PASSWORD, next: '/account/sessions' })
    expect(await desk.seen(again)).toBe('303 → /account/sessions')
    expect(desk.cookies.get('sid')).not.toBe(before)
    expect(await desk.seen(desk.post(path))).toMatch(/^303 → \/(account\/sessions\?ended=(one|others)|login\?goodbye)$/)
    expect(await phone.seen(phone.get('/dashboard'))).toBe(
      '303 → /login?next=%2Fdashboard'.replace('?next=%2Fdashboard', ''),
    )
  })

  it('signing out where one is needs no password', async () => {
    const { desk } = await longAgo()
    const id = /sessions\/([\w-]{22})\/end/.exec(await desk.seen(desk.get('/account/sessions')))?.[1]
    expect(await desk.seen(desk.post(`/account/sessions/${id}/end`))).toBe('303 → /login?goodbye')
  })

  it('a wrong password is refused, counted apart from those of the sign-in, and ends nothing', async () => {
    const { url, desk } = await longAgo()
    for (let i = 0; i < 3; i++) {
      expect(await desk.seen(desk.post('/reauth', { password: 'not the password' }))).toMatch(
        /^403 .*That is not your current password/s,
      )
    }
    expect(await desk.seen(desk.post('/reauth', { password: PASSWORD }))).toMatch(/^429 /)
    expect(await new Client(url).signIn('alice')).toBe('303 → /dashboard')
    expect(await desk.seen(desk.get('/dashboard'))).toContain('Welcome, alice!')
  })

  it('the token from before is refused afterwards, and the page leads to no other site', async () => {
    const { url, desk } = await longAgo()
    const stolen = new Client(url)
    for (const [name, value] of desk.cookies) stolen.cookies.set(name, value)
    expect(await desk.seen(desk.post('/reauth', { password: PASSWORD, next: '//evil.example' }))).toBe(
      '303 → /dashboard',
    )
    expect(await stolen.seen(stolen.get('/dashboard'))).toBe('303 → /login')
    expect(await desk.seen(desk.get('/dashboard'))).toContain('Welcome, alice!')
  })

  it('who is not signed in is led to the sign-in, and who asks for JSON is told', async () => {
    const { url, desk } = await longAgo()
    const nobody = new Client(url)
    expect(await nobody.seen(nobody.get('/reauth'))).toBe('303 → /login?next=%2Freauth')
    const asJson = { accept: 'application/json' }
    const refused = await nobody.post('/account/sessions/end-others', {}, asJson)
    expect([refused.status, refused.headers.get('content-type')]).toEqual([
      401,
      'application/problem+json; charset=utf-8',
    ])
    expect(await refused.json()).toMatchObject({ reason: 'not-signed-in' })
    expect(await (await desk.post('/account/sessions/end-others', {}, asJson)).json()).toMatchObject({
      reason: 'not-fresh',
    })
  })
})
