import { expect, test } from 'vitest'
import { anApp, rejection } from './app.ts'

async function answerTo(clear?: readonly ('storage' | 'cookies')[]) {
  const { sessions, signedIn } = anApp()
  const session = await sessions.open((await signedIn()).request())
  await session.signOut({ clear })
  return await sessions.commit(session, new Response())
}

test('what else browsers are to forget goes into Clear-Site-Data, each in quotes', async () => {
  expect((await answerTo(['cookies', 'storage'])).headers.get('clear-site-data')).toBe('"cookies", "storage"')
})

test('by default nothing is to be forgotten beside our own cookies, since others share the domain', async () => {
  const { headers } = await answerTo()
  expect(headers.get('clear-site-data')).toBeNull()
  expect(headers.getSetCookie()[0]).toMatch(/^__Host-sid=; .*; Max-Age=0; /)
})

test('what no browser knows is an error, and the session goes on', async () => {
  const { sessions, signedIn } = anApp()
  const ada = await signedIn()
  const session = await sessions.open(ada.request())
  const unknown = ['everything'] as unknown as readonly 'storage'[]
  expect(await rejection(session.signOut({ clear: unknown }))).toMatchObject({ code: 'ERR_OPTION' })
  expect((await sessions.open(ada.request())).userId).toBe('ada')
})
