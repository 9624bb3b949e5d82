// The requirements of ASVS 5.0, NIST SP 800-63B-4 and OWASP's cheat sheet about a session's cookies, one test for each.
import { expect, test } from 'vitest'
import { createSessions, OptionError } from '../../../src/index.ts'
import { memoryStore } from '../../../src/stores/memory.ts'
import { type AdapterRoutes, adapterCase, headersOf, me } from '../../../src/testing/adapter-contract/kit.ts'
import { everyCookie, HTTPS, testRows } from './rows.ts'

const routes = (): AdapterRoutes => ({
  '/form': async (session) => ({ body: await (await session()).csrfToken() }),
  '/note': async (session) => {
    const { data } = await session()
    data.n = 1
    return { body: 'noted' }
  },
  '/rotate': async (session) => {
    await (await session()).rotate()
    return { body: 'rotated' }
  },
  '/sign-out': async (session) => {
    await (await session()).signOut()
    return { body: 'bye' }
  },
})

/** Forms' cookie, the anonymous session's, its deletion with the sign-in's, the rotation's, the deletion. */
const SENT = 7

testRows([
  adapterCase(
    null,
    'ASVS 3.3.1: every cookie is Secure and has a prefix',
    routes,
    async (kit) => {
      const lines = await everyCookie(kit)
      expect(lines).toHaveLength(SENT)
      for (const line of lines) expect(line).toMatch(/^__Host-(?:sid|vid|pre)=[^;]*; .*\bSecure\b/)
    },
    HTTPS,
  ),
  adapterCase(
    null,
    'ASVS 3.3.1: with a domain the prefix is __Secure-',
    routes,
    async (kit) => {
      const lines = await everyCookie(kit)
      expect(lines).toHaveLength(SENT)
      // The cookie of forms is nobody else's, so it stays with the host.
      for (const line of lines) {
        expect(line).toMatch(/^(?:__Secure-(?:sid|vid)=.*; Domain=app\.example\b|__Host-pre=(?!.*Domain)).*; Secure/)
      }
    },
    { ...HTTPS, cookie: { domain: 'app.example' } },
  ),
  adapterCase(
    null,
    'ASVS 3.3.2: every cookie says its SameSite',
    routes,
    async (kit) => {
      for (const line of await everyCookie(kit)) expect(line).toMatch(/; SameSite=(?:Lax|Strict)(?:;|$)/)
    },
    HTTPS,
  ),
  adapterCase(
    null,
    'ASVS 3.3.3: without a domain every cookie is a __Host- cookie, for the whole host and no other',
    routes,
    async (kit) => {
      for (const line of await everyCookie(kit)) {
        expect(line).toMatch(/^__Host-/)
        expect(line).toMatch(/; Path=\/(?:;|$)/)
        expect(line).not.toMatch(/; Domain=/i)
      }
    },
    HTTPS,
  ),
  adapterCase(
    null,
    'ASVS 3.3.4: scripts see no cookie, and its value is sent in no other way',
    () => ({
      ...routes(),
      '/page': async (session) => {
        const one = await session()
        return {
          headers: { 'x-user': String(one.userId) },
          body: JSON.stringify({ ...one, id: one.id, data: one.data }),
        }
      },
    }),
    async (kit) => {
      for (const line of await everyCookie(kit)) expect(line).toContain('; HttpOnly')
      const ada = await kit.signedIn()
      const secret = ada.token('__Host-sid')?.split('.').at(-1)
      const { headers, body } = await ada.visit('/page')
      expect(secret).toMatch(/^[\w-]{28,}$/)
      expect(JSON.stringify([headers, body, kit.events])).not.toContain(secret)
    },
    HTTPS,
  ),
  adapterCase(
    null,
    'NIST SP 800-63B-4 5.1: a session does not outlive the browser by default',
    routes,
    async (kit) => {
      const set = (await everyCookie(kit)).filter((line) => !/^[^=]+=;/.test(line))
      expect(set).toHaveLength(4)
      for (const line of set) expect(line).not.toMatch(/; (?:Max-Age|Expires)=/i)
    },
    HTTPS,
  ),
  adapterCase(
    null,
    'NIST SP 800-63B-4 5.1: no secret goes over a channel that is not protected',
    routes,
    async ({ visitor, events }) => {
      const answer = await visitor().visit({ path: '/sign-in', headers: { host: 'app.example' } })
      expect(headersOf(answer, 'set-cookie')).toEqual([])
      expect(events.map(({ type }) => type)).toContain('cookie-withheld')
    },
  ),
  adapterCase(
    null,
    'NIST SP 800-63B-4 5.1.1: a cookie holds nothing about the person',
    routes,
    async ({ signedIn }) => {
      const token = (await signedIn()).token('__Host-sid') ?? ''
      expect(token).toMatch(/^cc1\.0\.[\w-]+\.[\w-]+$/)
      for (const part of token.split('.'))
        expect(Buffer.from(part, 'base64url').toString('latin1')).not.toContain('ada')
    },
    HTTPS,
  ),
  adapterCase(
    null,
    'OWASP Session Management, strict: an id that was never issued is not adopted',
    routes,
    async ({ visitor, served }) => {
      const made = `cc1.0.${'A'.repeat(65)}.${'B'.repeat(28)}`
      const headers = { cookie: `sid=${made}; vid=${made}` }
      const answer = await served.send({ method: 'GET', path: '/note', headers })
      const [line = ''] = headersOf(answer, 'set-cookie')
      expect(line).toMatch(/^vid=cc1\./)
      expect(line).not.toContain(made)
      expect((await me(visitor())).userId).toBeNull()
    },
  ),
  adapterCase(
    null,
    'OWASP Session Management: an id is hostile input, looked at before the store',
    routes,
    async ({ served, counting }) => {
      for (const token of ['x'.repeat(6_000), "' OR 1=1 --", '../../etc/passwd', 'cc1.0..', '%00']) {
        const { status, body } = await served.send({ path: '/me', headers: { cookie: `sid=${token}; vid=${token}` } })
        expect([status, JSON.parse(body).userId]).toEqual([200, null])
      }
      expect(counting.counts()).toEqual({})
    },
  ),
  adapterCase(
    null,
    'OWASP Session Management: the names of the cookies tell nothing and can be chosen',
    routes,
    async (kit) => {
      const names = new Set((await everyCookie(kit)).map((line) => line.split('=', 1)[0]))
      expect([...names].toSorted()).toEqual(['__Host-a', '__Host-b', '__Host-pre'])
    },
    { ...HTTPS, cookie: { name: 'a', anonymousName: 'b' } },
  ),
  adapterCase(null, 'OWASP Session Management: a session ends on both sides', routes, async ({ signedIn }) => {
    const ada = await signedIn()
    const copy = ada.copy()
    await ada.visit({ method: 'POST', path: '/sign-out' })
    expect(ada.jar.cookies()).toEqual([])
    expect((await me(copy)).ended).toBe('signed-out')
  }),
  adapterCase(
    null,
    'OWASP Session Management: cookies of two sessions do not go together',
    routes,
    async ({ signedIn, served, events }) => {
      const [ada, other] = [await signedIn(), await signedIn()]
      const cookie = `sid=${ada.token()}; sid=${other.token()}`
      const { body } = await served.send({ path: '/me', headers: { cookie } })
      expect(JSON.parse(body).userId).toBeNull()
      expect(events.at(-1)).toMatchObject({ type: 'refused', reason: 'ambiguous' })
    },
  ),
  adapterCase(
    null,
    'ASVS 14.2.1: a token in a URL is none',
    routes,
    async ({ signedIn, served, counting }) => {
      const token = (await signedIn()).token()
      counting.reset()
      for (const query of [`sid=${token}`, `access_token=${token}`, `token=${token}`]) {
        expect(JSON.parse((await served.send({ path: `/me?${query}` })).body).userId).toBeNull()
      }
      expect(counting.counts()).toEqual({})
    },
    { bearer: true },
  ),
])

test('ASVS 3.3.5: name and value have 4096 bytes at most, whatever the options say', async () => {
  const cookie = { name: 's'.repeat(64), anonymousName: 'v'.repeat(64) }
  const sessions = createSessions({ store: memoryStore(), keys: 'a-signing-key-of-the-requirements-012345', cookie })
  const request = new Request('https://app.example/')
  const anonymous = await sessions.open(request)
  anonymous.data['n'] = 1
  const signedIn = await sessions.open(request)
  await signedIn.csrfToken()
  await signedIn.signIn(await sessions.begin('ada'))
  await signedIn.rotate()
  const lines = [...(await sessions.save(anonymous)).cookies, ...(await sessions.save(signedIn)).cookies]
  expect(lines).toHaveLength(4)
  for (const line of lines) expect(line.split(';')[0]?.length).toBeLessThanOrEqual(4_096)
})

test.each([{ name: 'a\r\nb' }, { anonymousName: 'a\nb' }, { name: 'a;b' }, { domain: 'a.example\r\nX: y' }])(
  'ASVS 4.2.4: no option puts a line break into a header: %j',
  (cookie) => {
    const keys = 'a-signing-key-of-the-requirements-012345'
    expect(() => createSessions({ store: memoryStore(), keys, cookie })).toThrow(OptionError)
  },
)
