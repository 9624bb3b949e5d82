import { describe, expect, test } from 'vitest'
import { anApp } from '../app.ts'
import { formsOf, GOOD, OWN, refused } from '../forms.ts'

describe('a visitor without a session', () => {
  test('gets a cookie when a form asks for a token, and costs no store call', async () => {
    const app = anApp()
    const visitor = formsOf(app)
    const session = await app.sessions.open(visitor.request())
    const token = await session.csrfToken()
    const { cookies } = await app.sessions.save(session)
    expect(cookies).toHaveLength(1)
    expect(cookies[0]).toMatch(/^__Host-pre=[A-Za-z0-9_-]{22}; Path=\/; Secure; HttpOnly; SameSite=Lax$/)
    expect(token).not.toContain(/=([^;]*)/.exec(cookies[0]!)?.[1])
    expect((await app.sessions.save(session)).cookies).toEqual([])
    expect(app.counting.counts()).toEqual({})
  })

  test('keeps the cookie that there is, and each of its tokens counts', async () => {
    const visitor = formsOf(anApp())
    const one = await visitor.shown()
    const cookie = visitor.jar.get('__Host-pre')
    const two = await visitor.shown()
    expect(visitor.jar.get('__Host-pre')).toBe(cookie)
    for (const token of [one, two]) expect(await visitor.check(token)).toEqual(GOOD)
    expect(await visitor.check(one, {})).toEqual(GOOD)
  })

  test('gets one cookie for two forms of one page', async () => {
    const visitor = formsOf(anApp())
    const tokens = await visitor.visit(async (session) => [await session.csrfToken(), await session.csrfToken()])
    for (const token of tokens) expect(await visitor.check(token)).toEqual(GOOD)
  })

  test('has a stale form where its cookie is gone, unless that may be an attack', async () => {
    const visitor = formsOf(anApp())
    const token = await visitor.shown()
    visitor.jar.clear()
    expect(await visitor.check(token)).toEqual(refused('stale-token'))
    expect(await visitor.check(token, { 'sec-fetch-site': 'same-origin' })).toEqual(refused('stale-token'))
    expect(await visitor.check(token, {})).toEqual(refused('foreign-token'))
    expect(await visitor.check(token, { origin: 'https://evil.example' })).toEqual(refused('foreign-token'))
  })

  test('cannot use the token of another one', async () => {
    const app = anApp()
    const [visitor, eve] = [formsOf(app), formsOf(app)]
    await visitor.shown()
    expect(await visitor.check(await eve.shown(), {})).toEqual(refused('foreign-token'))
  })

  test('with two such cookies has none, and one that is misshapen is none', async () => {
    const visitor = formsOf(anApp())
    const token = await visitor.shown()
    const value = visitor.jar.get('__Host-pre')
    const good = { ...OWN, cookie: `__Host-pre=${value}` }
    expect(await visitor.check(token, good)).toEqual(GOOD)
    const tossed = { ...OWN, cookie: `__Host-pre=${value}; __Host-pre=${'A'.repeat(22)}` }
    expect(await visitor.check(token, tossed)).toEqual(refused('stale-token'))
    visitor.jar.set('__Host-pre', 'short')
    await visitor.shown()
    expect(visitor.jar.get('__Host-pre')).toMatch(/^[A-Za-z0-9_-]{22}$/)
  })

  test('whose anonymous session began with the page can send its form', async () => {
    const visitor = formsOf(anApp())
    const token = await visitor.visit(async (session) => {
      session.data.n = 1
      return await session.csrfToken()
    })
    expect(visitor.names().toSorted()).toEqual(['__Host-pre', '__Host-vid'])
    expect(await visitor.check(token)).toEqual(GOOD)
    expect(await visitor.check(await visitor.shown())).toEqual(GOOD)
  })

  test('has no use for the form from before the sign-in after it, nor after the sign-out', async () => {
    const visitor = formsOf(anApp())
    const token = await visitor.shown()
    await visitor.signIn()
    expect(visitor.names()).toEqual(['__Host-sid'])
    expect(await visitor.check(token)).toEqual(refused('stale-token'))
    await visitor.visit((session) => session.signOut())
    expect(visitor.names()).toEqual([])
    expect(await visitor.check(token, {})).toEqual(refused('foreign-token'))
  })

  test('signed in with the cookie planted again has no use for it', async () => {
    const visitor = formsOf(anApp())
    const token = await visitor.shown()
    const planted = visitor.jar.get('__Host-pre')!
    await visitor.signIn()
    visitor.jar.set('__Host-pre', planted)
    expect(await visitor.check(token, {})).toEqual(refused('foreign-token'))
  })

  test('keeps the cookie on its own host where sessions are shared with others', async () => {
    const { sessions } = anApp({ cookie: { domain: 'app.example', sameSite: 'strict' } })
    const session = await sessions.open(new Request('https://app.example/'))
    await session.csrfToken()
    const { cookies } = await sessions.save(session)
    expect(cookies[0]).toMatch(/^__Host-pre=[^;]+; Path=\/; Secure; HttpOnly; SameSite=Strict$/)
  })

  test('on this machine has the cookie without prefix, in the clear over a network none', async () => {
    const { sessions, events } = anApp()
    const linesAt = async (url: string) => {
      const session = await sessions.open(new Request(url))
      await session.csrfToken()
      return (await sessions.save(session)).cookies
    }
    expect((await linesAt('http://localhost/'))[0]).toMatch(/^pre=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/)
    expect(events).toEqual([])
    expect(await linesAt('http://app.example/')).toEqual([])
    expect(events.map(({ type }) => type)).toEqual(['cookie-withheld'])
  })

  test('in the clear over a network is not known by a cookie of that name either', async () => {
    const { sessions } = anApp()
    const at = async (host: string) =>
      await sessions.open(new Request(`http://${host}/`, { headers: { cookie: `pre=${'A'.repeat(22)}` } }))
    const token = await (await at('localhost')).csrfToken()
    expect(await (await at('localhost')).checkCsrf(token)).toEqual(GOOD)
    expect(await (await at('app.example')).checkCsrf(token)).toEqual(refused('foreign-token'))
  })

  test('whose token came after the headers gets no cookie, and an event says so', async () => {
    const { sessions, events } = anApp()
    const session = await sessions.open(new Request('https://app.example/'))
    await sessions.save(session)
    await session.csrfToken()
    await sessions.adapter.saveLate(session, 200)
    expect((await sessions.save(session)).cookies).toEqual([])
    expect(events.map(({ type }) => type)).toEqual(['cookie-withheld'])
  })
})
