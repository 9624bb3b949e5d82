import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it, onTestFinished } from 'vitest'
import { Client, PASSWORD } from '../running.ts'
import { aliceWithAddress, serverWithMail } from './mailing.ts'

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:150.0) Gecko/20100101 Firefox/150.0'

it('the owner is told by mail of a device that has never signed in before, and not of it again', async () => {
  const server = await serverWithMail()
  await aliceWithAddress(server)
  const stranger = new Client(server.url, { 'user-agent': FIREFOX })
  await stranger.signIn('alice')
  const letter = await server.arrived(1)
  expect(letter.text).toContain('Subject: A new device signed in')
  expect(letter.text).toMatch(/account alice from a device .*: Firefox on Windows, 127\.0\.0\.0\/24\./)
  await stranger.post('/logout')
  await stranger.signIn('alice')
  await new Client(server.url).signIn('alice')
  expect((await server.arrived(2)).text).toContain('Unknown browser')
})

it('who does not want to be told is not, and that is the last mail', async () => {
  const server = await serverWithMail()
  const alice = await aliceWithAddress(server)
  await alice.post('/account/preferences', { theme: '', language: 'de' })
  expect((await server.arrived(1)).text).toContain('E-Mails zu Ihrem Konto wurden abgestellt')
  expect(await alice.seen(alice.get('/account/preferences'))).not.toMatch(/name="alerts" value="yes" checked/)
  await new Client(server.url).signIn('alice')
  await alice.post('/account/preferences', { theme: '', language: 'de', alerts: 'yes' })
  expect(await alice.seen(alice.get('/account/preferences'))).toMatch(/name="alerts" value="yes" checked/)
  await new Client(server.url, { 'user-agent': FIREFOX }).signIn('alice')
  expect((await server.arrived(2)).text).toContain('bei Ihrem Konto alice')
  expect(server.letters).toHaveLength(2)
})

it('a session whose sign-in is long ago cannot turn the mails off: it asks for the password first', async () => {
  const server = await serverWithMail()
  const alice = await aliceWithAddress(server)
  const database = new DatabaseSync(join(server.data, 'coatcheck.db'), { timeout: 1000 })
  onTestFinished(() => database.close())
  database.exec('UPDATE coatcheck_sessions SET authenticated_at = authenticated_at - 16 * 60000')
  const isTold = async () => (await server.services.accounts.find('alice'))?.alerts
  const silence = () =>
    alice.request('/api/preferences', {
      method: 'PUT',
      body: JSON.stringify({ theme: 'dark', language: null, alerts: false }),
      headers: { 'content-type': 'application/json' },
    })
  const refused = await silence()
  expect([refused.status, await refused.json()]).toEqual([401, expect.objectContaining({ reason: 'not-fresh' })])
  const form = alice.post('/account/preferences', { theme: 'dark', language: '' })
  expect(await alice.seen(form)).toBe('303 → /reauth?next=%2Faccount%2Fpreferences')
  expect(await isTold()).toBe(true)
  // What silences nobody needs no password.
  const theme = alice.post('/account/preferences', { theme: 'dark', language: '', alerts: 'yes' })
  expect(await alice.seen(theme)).toBe('303 → /account/preferences?saved')
  await alice.post('/reauth', { password: PASSWORD, next: '/account/preferences' })
  expect((await silence()).status).toBe(200)
  expect(await isTold()).toBe(false)
  const letter = await server.arrived(1)
  expect(letter).toMatchObject({ to: ['alice@example.org'], text: expect.stringContaining('were turned off') })
})
