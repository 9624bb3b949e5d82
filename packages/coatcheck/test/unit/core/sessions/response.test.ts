import { describe, expect, test, vi } from 'vitest'
import { forbidCaching } from '../../../../src/core/http/caching.ts'
import { applyTo } from '../../../../src/core/sessions/response.ts'
import { anApp } from '../app.ts'

const carrying = (...cookies: string[]) => ({
  cookies,
  caching: forbidCaching(() => undefined),
  headers: [],
  parts: [],
})
const ageOf = (line: string | undefined) => /; Max-Age=(\d+)$/.exec(line ?? '')?.[1]

describe('the cookie of a remembered session', () => {
  const remembering = () => anApp({ policy: { rememberMe: { idle: 'none', absolute: '14d' } } })

  async function remembered(app: ReturnType<typeof anApp>) {
    const client = app.aClient()
    await client.visit(async (session) => session.signIn(await app.sessions.begin('ada'), { remember: true }))
    return client
  }

  test('lasts as long as the session still does when it is sent', async () => {
    const app = remembering()
    const client = await remembered(app)
    app.clock.advance('13d')
    const session = await app.sessions.open(client.request())
    await session.rotate()
    const [line] = (await app.sessions.save(session)).cookies
    expect(ageOf(line)).toBe('86400')
  })

  test('is never sent as one to be deleted, also in the last second', async () => {
    const app = remembering()
    const client = await remembered(app)
    app.clock.advance(14 * 86_400_000 - 400)
    const session = await app.sessions.open(client.request())
    await session.rotate()
    const [line] = (await app.sessions.save(session)).cookies
    expect(ageOf(line)).toBe('1')
  })

  test('is cut at 400 days, and the session is not', async () => {
    const app = anApp({ policy: { rememberMe: { idle: 'none', absolute: '1000d' } } })
    const session = await app.sessions.open(app.aClient().request())
    await session.signIn(await app.sessions.begin('ada'), { remember: true })
    expect(session.expiresAt).toBe(app.clock.now() + 1_000 * 86_400_000)
    expect(ageOf((await app.sessions.save(session)).cookies[0])).toBe('34560000')
  })
})

test('of several changes of the token the last one is sent, once', async () => {
  const { sessions, signedIn } = anApp()
  const ada = await signedIn()
  const session = await sessions.open(ada.request())
  await session.rotate()
  await session.rotate()
  const { cookies } = await sessions.save(session)
  expect(cookies).toHaveLength(1)
  expect(cookies[0]).toMatch(/^__Host-sid=cc1\.2\./)
  expect((await sessions.save(session)).cookies).toEqual([])
})

test('a sign-in and a sign-out in one request leave only the deletions', async () => {
  const { sessions, aClient } = anApp()
  const session = await sessions.open(aClient().request())
  await session.signIn(await sessions.begin('ada'))
  await session.signOut()
  const { cookies } = await sessions.save(session)
  expect(cookies.map((line) => line.slice(0, 12))).toEqual(['__Host-sid=;', '__Host-vid=;'])
})

test('a token that may not travel on this channel is not kept for a later answer', async () => {
  const { sessions, warnings, events } = anApp()
  const session = await sessions.open(new Request('http://app.example/'))
  await session.signIn(await sessions.begin('ada'))
  expect((await sessions.save(session)).cookies).toEqual([])
  expect(warnings).toEqual([expect.stringMatching(/^A sign-in cannot last: /)])
  expect(events.map(({ type }) => type)).toEqual(['cookie-withheld', 'signed-in'])
})

describe('an answer', () => {
  test('gets each cookie in a line of its own, behind those that it has', () => {
    const response = applyTo(new Response('', { headers: { 'set-cookie': 'a=1' } }), carrying('b=2', 'c=3; Path=/'))
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2', 'c=3; Path=/'])
  })

  test('without cookies is still not to be kept by caches', () => {
    expect(applyTo(new Response(), carrying()).headers.get('cache-control')).toBe('no-store')
  })

  test('is copied also where a server has put a class of its own in the place of Response', async () => {
    const redirect = Response.redirect('https://app.example/next', 303)
    class OfTheServer extends Response {}
    vi.stubGlobal('Response', OfTheServer)
    try {
      const copy = applyTo(redirect, carrying('a=b'))
      expect([copy.status, copy.headers.getSetCookie()]).toEqual([303, ['a=b']])
    } finally {
      vi.unstubAllGlobals()
    }
  })

  test('that cannot be copied, because its body is spent, is an error and no answer without cookies', async () => {
    const response = await fetch('data:text/plain,spent')
    await response.text()
    expect(() => applyTo(response, carrying('a=1'))).toThrow(TypeError)
  })
})
