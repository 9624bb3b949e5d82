import { expect, it } from 'vitest'
import { Client } from '../running.ts'
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

it('who does not want to be told is not, of nothing of it', async () => {
  const server = await serverWithMail()
  const alice = await aliceWithAddress(server)
  await alice.post('/account/preferences', { theme: '', language: 'de' })
  expect(await alice.seen(alice.get('/account/preferences'))).not.toMatch(/name="alerts" value="yes" checked/)
  await new Client(server.url).signIn('alice')
  await alice.post('/account/preferences', { theme: '', language: 'de', alerts: 'yes' })
  expect(await alice.seen(alice.get('/account/preferences'))).toMatch(/name="alerts" value="yes" checked/)
  await new Client(server.url, { 'user-agent': FIREFOX }).signIn('alice')
  expect((await server.arrived(1)).text).toContain('bei Ihrem Konto alice')
  expect(server.letters).toHaveLength(1)
})
