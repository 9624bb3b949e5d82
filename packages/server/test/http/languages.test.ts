import { expect, it } from 'vitest'
import { languageFor } from '../../src/texts/index.ts'
import { Client, runningServer } from '../running.ts'

it.each([
  [undefined, 'en'],
  ['', 'en'],
  ['de', 'de'],
  ['de-AT,de;q=0.9,en;q=0.8', 'de'],
  ['en;q=0.8, de;q=0.9', 'de'],
  ['fr, nl;q=0.9, de;q=0.1', 'de'],
  ['de;q=0, fr', 'en'],
  ['*', 'en'],
  [',;;q=,'.repeat(200), 'en'],
])('Accept-Language "%s" is answered in %s', (header, expected) => {
  expect(languageFor(header)).toBe(expected)
})

it('pages, refusals and the page for what is not there are in the language of the browser, and say so', async () => {
  const { url } = await runningServer()
  const client = new Client(url, { 'accept-language': 'de-DE,de;q=0.9' })
  const page = await client.get('/login')
  expect(page.headers.get('content-language')).toBe('de')
  expect(await page.text()).toMatch(/<html lang="de">.*<h1>Anmelden<\/h1>/s)
  expect(await client.signUp('alice', 'kurz')).toMatch(/^400 .*Das Passwort braucht mindestens 15 Zeichen/s)
  expect(await client.signIn('alice')).toMatch(/^401 .*Name oder Passwort ist falsch!/s)
  expect(await client.seen(client.get('/nowhere'))).toMatch(/^404 .*Hier ist nichts/s)
  expect(await client.seen(client.get('/nowhere', { accept: 'application/json' }))).toMatch(
    /^404 \{.*"title":"Hier ist nichts"/s,
  )
})
