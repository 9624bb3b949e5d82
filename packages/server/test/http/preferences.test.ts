import { expect, it } from 'vitest'
import { Client, dataFolder, runningServer } from '../running.ts'

it('preferences take effect at the next page of every device, and at the next sign-in', async () => {
  const { url } = await runningServer()
  const [desk, phone] = [new Client(url), new Client(url)]
  await desk.signUp('alice')
  await desk.signIn('alice')
  await phone.signIn('alice')
  expect(await desk.seen(desk.get('/dashboard'))).toMatch(/<html lang="en">.*content="light dark"/s)
  const saved = desk.post('/account/preferences', { theme: 'dark', language: 'de' })
  expect(await desk.seen(saved)).toBe('303 → /account/preferences?saved')
  expect(await desk.seen(desk.get('/account/preferences?saved'))).toMatch(
    /Ihre Einstellungen sind gespeichert.*value="dark" selected.*value="de" selected/s,
  )
  const chosen = /<html lang="de" data-theme="dark">.*color-scheme" content="dark".*Willkommen, alice!/s
  expect(await phone.seen(phone.get('/dashboard'))).toMatch(chosen)
  const later = new Client(url, { 'accept-language': 'en' })
  await later.signIn('alice')
  expect(await later.seen(later.get('/dashboard'))).toMatch(chosen)
  await phone.post('/account/preferences', { theme: '', language: '' })
  expect(await later.seen(later.get('/dashboard'))).toMatch(/<html lang="en">.*content="light dark".*Welcome, alice!/s)
})

it('what is no choice of ours is none, and nobody who is not signed in has any', async () => {
  const { url } = await runningServer(dataFolder())
  const client = new Client(url)
  expect(await client.seen(client.post('/account/preferences', { theme: 'dark' }))).toMatch(/^303 → \/login/)
  await client.signUp('alice')
  await client.signIn('alice')
  for (const theme of ['"><script>', '__proto__', 'DARK', 'x'.repeat(9_000)]) {
    await client.post('/account/preferences', { theme, language: theme })
    expect(await client.seen(client.get('/dashboard'))).toMatch(/<html lang="en"><head>/)
  }
})
