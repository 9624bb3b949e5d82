import { expectEqual, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import { type AdapterContext, adapterCase, headerOf, headersOf, me, NAVIGATION, type Visitor } from './kit.ts'

const namesOf = ({ jar }: Visitor) => jar.cookies().map(({ name }) => name)

/** Which cookies leave with which answers, and what caches may keep. */
export const cookieCases: readonly Case<AdapterContext>[] = [
  adapterCase(
    2,
    'a visitor without a session costs no store call and gets no cookie, and the answer may be kept by caches',
    () => ({}),
    async ({ visitor, counting }) => {
      const answer = await visitor().visit('/none')
      expectEqual([answer.status, answer.body], [200, 'none'])
      expectEqual(headersOf(answer, 'set-cookie'), [])
      expectEqual(headerOf(answer, 'cache-control'), null)
      expectEqual(counting.counts(), {})
    },
  ),
  adapterCase(
    12,
    'a signed-in visitor gets no cookie on a route that does not look at the session, and caches may keep the answer',
    () => ({ '/asset': () => ({ headers: { 'cache-control': 'public, max-age=60' }, body: 'asset' }) }),
    async ({ signedIn }) => {
      const answer = await (await signedIn()).visit('/asset')
      expectEqual(headersOf(answer, 'set-cookie'), [])
      expectEqual(headerOf(answer, 'cache-control'), 'public, max-age=60')
    },
  ),
  adapterCase(
    12,
    'an answer that read a session is no-store, unless the application said as much itself',
    () => ({
      '/public': async (session) => ({
        headers: { 'cache-control': 'public, max-age=60' },
        body: String((await session()).userId),
      }),
      '/strict': async (session) => ({
        headers: { 'cache-control': 'private, no-store' },
        body: String((await session()).userId),
      }),
    }),
    async ({ signedIn }) => {
      const ada = await signedIn()
      expectEqual(headerOf(await ada.visit('/me'), 'cache-control'), 'no-store')
      expectEqual(headersOf(await ada.visit('/public'), 'cache-control'), ['no-store'])
      expectEqual(headersOf(await ada.visit('/strict'), 'cache-control'), ['private, no-store'])
    },
  ),
  adapterCase(
    12,
    'where the application allows it, an answer that only read its session is kept for each cookie apart',
    () => ({
      '/kept': async (session) => {
        const one = await session()
        one.allowCaching()
        return { headers: { 'cache-control': 'private, max-age=60', vary: 'Accept' }, body: String(one.userId) }
      },
      '/changed': async (session) => {
        const one = await session()
        one.allowCaching()
        one.data.n = 1
        return { headers: { 'cache-control': 'private, max-age=60', vary: 'Accept' }, body: 'changed' }
      },
    }),
    async ({ signedIn, visitor }) => {
      const kept = await (await signedIn()).visit('/kept')
      expectEqual([headerOf(kept, 'cache-control'), headerOf(kept, 'vary')], ['private, max-age=60', 'Accept, Cookie'])
      // This one begins a session, so it carries a cookie.
      const changed = await visitor().visit('/changed')
      expectEqual([headerOf(changed, 'cache-control'), headerOf(changed, 'vary')], ['no-store', 'Accept'])
    },
  ),
  adapterCase(
    3,
    'signing in replaces the anonymous session and its cookie, and the next request is the user’s',
    () => ({
      '/visit': async (session) => {
        const { data } = await session()
        data.n = 7
        return { body: 'noted' }
      },
    }),
    async ({ visitor }) => {
      const ada = visitor()
      await ada.visit('/visit')
      expectEqual(namesOf(ada), ['vid'])
      expectEqual(await me(ada), { userId: null, ended: null, data: { n: 7 } })
      await ada.visit('/sign-in')
      expectEqual(namesOf(ada), ['sid'])
      expectEqual(await me(ada), { userId: 'ada', ended: null, data: {} })
    },
  ),
  adapterCase(
    4,
    'signing out deletes the cookie, and the token is refused with its reason',
    () => ({
      '/sign-out': async (session) => {
        await (await session()).signOut({ clear: ['storage'] })
        return { status: 303, headers: { location: '/' } }
      },
    }),
    async ({ signedIn }) => {
      const ada = await signedIn()
      const stolen = ada.copy()
      const answer = await ada.visit({ method: 'POST', path: '/sign-out' })
      expectEqual([answer.status, headerOf(answer, 'location')], [303, '/'])
      expectEqual(headerOf(answer, 'clear-site-data'), '"storage"')
      expectEqual(namesOf(ada), [])
      const token = stolen.token()
      expectEqual(await me(stolen), { userId: null, ended: 'signed-out', data: {} })
      expectEqual(
        [stolen.token(), namesOf(stolen)],
        [token, ['sid']],
        'The answer to a refused token touched a cookie.',
      )
    },
  ),
  adapterCase(
    3,
    'a renewed token comes with a navigation alone, and the old one goes on until the new one was seen',
    () => ({}),
    async ({ signedIn, clock }) => {
      const ada = await signedIn()
      const first = ada.token()
      clock.advance('6m')
      for (const headers of [{}, { 'sec-fetch-mode': 'cors' }, { ...NAVIGATION, 'sec-fetch-dest': 'iframe' }]) {
        expectEqual(headersOf(await ada.visit({ path: '/me', headers }), 'set-cookie'), [])
      }
      const answer = await ada.navigate('/me')
      expectEqual(headersOf(answer, 'set-cookie').length, 1)
      expectEqual(headerOf(answer, 'cache-control'), 'no-store')
      expectTrue(ada.token() !== first, 'The token is the same.')
      expectEqual((await me(ada)).userId, 'ada')
    },
    { policy: { renewal: '5m' } },
  ),
  adapterCase(
    3,
    'an answer that comes late does not displace the sign-in after it, and no refused answer signs anybody out',
    () => ({}),
    async ({ signedIn, served, clock }) => {
      const ada = await signedIn()
      clock.advance('6m')
      const cookie = `sid=${ada.token()}`
      // A proxy holds these two back until the user has signed in again.
      const lateFetch = await served.send({ path: '/me', headers: { cookie } })
      await ada.visit('/sign-in')
      const newest = ada.token()
      const refused = await served.send({ path: '/me', headers: { cookie } })
      ada.take(refused)
      ada.take(lateFetch)
      expectEqual(ada.token(), newest)
      expectEqual(await me(ada), { userId: 'ada', ended: null, data: {} })
    },
    { policy: { renewal: '5m' } },
  ),
  adapterCase(
    12,
    'redirects, HEAD, 204 and 304 carry the cookie, and the last three no body',
    () => {
      const reply = (status: number, headers: Record<string, string> = {}, body?: string) => ({
        [`/${status}`]: async (session: () => Promise<{ data: { n?: number } }>) => {
          const { data } = await session()
          data.n = status
          return { status, headers, body }
        },
      })
      return {
        ...reply(303, { location: '/next' }),
        ...reply(204),
        ...reply(304, { etag: '"1"' }),
        ...reply(200, {}, 'a body'),
      }
    },
    async ({ visitor }) => {
      for (const status of [303, 204, 304, 200]) {
        const one = visitor()
        const method = status === 200 ? 'HEAD' : 'GET'
        const answer = await one.visit({ method, path: `/${status}` })
        expectEqual([answer.status, answer.complete], [status, true])
        // A redirect may have a few words for people.
        if (status !== 303) expectEqual(answer.body, '')
        expectEqual((await me(one)).data, { n: status })
      }
    },
  ),
  adapterCase(
    12,
    'cookies and headers of the application stay, and repeated ones are not merged',
    () => ({
      '/both': async (session) => {
        const { data } = await session()
        data.n = 1
        return { headers: { 'set-cookie': 'theme=dark; Path=/', 'x-own': 'yes' }, body: 'both' }
      },
    }),
    async ({ visitor }) => {
      const one = visitor()
      const answer = await one.visit('/both')
      expectEqual(headersOf(answer, 'set-cookie').length, 2)
      expectEqual(namesOf(one).toSorted(), ['theme', 'vid'])
      expectEqual(headerOf(answer, 'x-own'), 'yes')
    },
  ),
  adapterCase(
    12,
    'behind a proxy that ends TLS the configured origin decides, and nothing that was forwarded',
    () => ({}),
    async ({ visitor }) => {
      const one = visitor()
      const headers = { host: 'internal:8080', 'x-forwarded-proto': 'http', forwarded: 'proto=http;host=evil.example' }
      const answer = await one.visit({ path: '/sign-in', headers })
      const [line = ''] = headersOf(answer, 'set-cookie')
      expectTrue(/^__Host-sid=[^;]+; Path=\/; Secure; HttpOnly; SameSite=Lax$/.test(line), 'Not a __Host- cookie.')
      expectEqual((await me(one)).userId, 'ada')
    },
    { origin: 'https://app.example' },
  ),
  adapterCase(
    12,
    'in the clear over a network no cookie is sent, whatever was forwarded, and an event says why',
    () => ({
      '/visit': async (session) => {
        const { data } = await session()
        data.n = 7
        return { body: 'noted' }
      },
    }),
    async ({ visitor, events, counting }) => {
      const headers = { host: 'app.example', 'x-forwarded-proto': 'https', forwarded: 'proto=https' }
      const answer = await visitor().visit({ path: '/visit', headers })
      expectEqual([answer.status, answer.body], [200, 'noted'])
      expectEqual(headersOf(answer, 'set-cookie'), [])
      expectEqual(
        events.map(({ type }) => type),
        ['cookie-withheld'],
      )
      expectEqual(counting.counts(), {})
    },
  ),
  adapterCase(
    null,
    'a request of another site’s page, to which browsers give no cookie, leaves the guest’s session alone, and signs in all the same',
    (sessions) => ({
      '/visit': async (session) => {
        const { data } = await session()
        data.n = (data.n ?? 0) + 1
        return { body: 'noted' }
      },
      '/return': async (session) => {
        const { data } = await session()
        data.n = 100
        return { body: 'noted, says the handler' }
      },
      '/saml': async (session) => {
        const one = await session()
        one.data.n = 100
        await one.signIn(await sessions.begin('ada'))
        return { status: 303, headers: { location: '/me' } }
      },
    }),
    async ({ visitor, served, events }) => {
      const guest = visitor()
      await guest.visit('/visit')
      const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://bank.example' }
      const returned = await served.send({ method: 'POST', path: '/return', headers })
      expectEqual([returned.status, headersOf(returned, 'set-cookie')], [500, []])
      expectTrue(!returned.body.includes('noted'), 'The answer says what did not happen.')
      expectEqual(
        events.map((event) => (event.type === 'cookie-withheld' ? event.reason : event.type)),
        ['created', 'cross-site'],
      )
      guest.take(await served.send({ method: 'POST', path: '/saml', headers }))
      expectEqual(namesOf(guest).toSorted(), ['sid', 'vid'])
      expectEqual(await me(guest), { userId: 'ada', ended: null, data: {} })
      guest.take(await served.send({ path: '/visit', headers: { cookie: `vid=${guest.token('vid')}` } }))
      expectEqual(
        JSON.parse((await served.send({ path: '/me', headers: { cookie: `vid=${guest.token('vid')}` } })).body).data,
        { n: 2 },
      )
    },
    { csrf: { exempt: ['/return', '/saml'] } },
  ),
  adapterCase(
    9,
    'hostile cookies are a visitor without a session',
    () => ({}),
    async ({ visitor, counting }) => {
      const junk = ['sid=', 'sid=cc1.0.x.y', `sid=cc1.0.${'A'.repeat(65)}.${'B'.repeat(28)}`, ';;;=', '\u00ff=\u00fe']
      for (const cookie of [...junk, `sid=${'x'.repeat(8_000)}`, 'sid=%00; sid=%ff; vid="', '__proto__=1; sid=null']) {
        const answer = await visitor().visit({ path: '/me', headers: { cookie } })
        expectEqual([answer.status, JSON.parse(answer.body).userId], [200, null], `Cookie: ${cookie.slice(0, 40)}`)
        expectEqual(headersOf(answer, 'set-cookie'), [])
      }
      expectEqual(counting.counts(), {})
    },
  ),
]
