import { expectEqual, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import {
  type AdapterContext,
  type AdapterKit,
  type AdapterRoutes,
  adapterCase,
  headerOf,
  headersOf,
  me,
  type Received,
  type Sent,
  type Visitor,
} from './kit.ts'

export type Headers = Readonly<Record<string, string>>

const OWN = 'http://localhost'
const TRUSTED = 'https://partner.example'
const EVIL = 'https://evil.example'
export const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const JSON_TYPE = { 'content-type': 'application/json' }

/** `/change` changes the session, `/form` answers a token, `/send` takes it from a form. */
export const routes = (): AdapterRoutes => ({
  '/change': async (session) => {
    const { data } = await session()
    data.n = (data.n ?? 0) + 1
    return { body: 'changed' }
  },
  '/form': async (session) => ({ body: await (await session()).csrfToken() }),
  '/send': async (session, { form }) => {
    const one = await session()
    const { reason } = await one.checkCsrf((await form()).get('_csrf'))
    if (reason !== null) return { status: 422, body: reason }
    one.data.n = (one.data.n ?? 0) + 1
    return { body: 'changed' }
  },
  // Looks at no verdict.
  '/careless': async (session, { form }) => {
    const one = await session()
    await one.checkCsrf((await form()).get('_csrf'))
    one.data.n = 7
    return { body: 'changed, says the handler' }
  },
  '/forgetful': async (session) => {
    await (await session()).update('n', () => 7)
    return { body: 'changed, says the handler' }
  },
})

/** Sends as the visitor, with these headers alone: nothing that a browser would add. */
export async function raw({ served }: AdapterKit, visitor: Visitor | null, request: Sent): Promise<Received> {
  const token = visitor?.token()
  const cookie = token === undefined ? {} : { cookie: `sid=${token}` }
  return await served.send({ method: 'POST', ...request, headers: { ...cookie, ...request.headers } })
}

export function expectRefused(answer: Received, reason: string, what: string): void {
  expectEqual([answer.status, headerOf(answer, 'content-type')], [403, 'application/problem+json; charset=utf-8'], what)
  expectEqual(JSON.parse(answer.body).reason, reason, what)
  expectEqual(headersOf(answer, 'set-cookie'), [], what)
  expectEqual(headerOf(answer, 'vary')?.includes('Sec-Fetch-Site, Origin'), true, what)
  expectEqual(headerOf(answer, 'cache-control'), 'no-store', what)
}

/** What no page of ours sends, and why it is refused. */
const FOREIGN: readonly (readonly [Headers, string])[] = [
  [{ 'sec-fetch-site': 'cross-site', origin: EVIL }, 'cross-site'],
  [{ 'sec-fetch-site': 'cross-site', origin: OWN }, 'cross-site'],
  [{ 'sec-fetch-site': 'same-site', origin: 'http://localhost:8080' }, 'same-site'],
  [{ 'sec-fetch-site': 'same-site' }, 'same-site'],
  [{ 'sec-fetch-site': 'junk', origin: OWN }, 'unknown-site'],
  [{ 'sec-fetch-site': 'same-origin, same-origin' }, 'unknown-site'],
  [{ origin: EVIL }, 'foreign-origin'],
  [{ origin: 'http://localhost:8080' }, 'foreign-origin'],
  [{ origin: 'https://localhost' }, 'foreign-origin'],
  [{ origin: 'localhost' }, 'foreign-origin'],
  [{ origin: `${OWN}, ${EVIL}` }, 'foreign-origin'],
  [{ origin: 'null' }, 'opaque-origin'],
  [{ origin: EVIL, ...JSON_TYPE }, 'foreign-origin'],
  [{ origin: EVIL, 'x-requested-with': 'XMLHttpRequest' }, 'foreign-origin'],
  [{ origin: EVIL, 'x-http-method-override': 'GET', 'x-method-override': 'GET' }, 'foreign-origin'],
  [{ origin: EVIL, 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }, 'foreign-origin'],
  [{ origin: 'null', 'content-type': 'text/plain' }, 'opaque-origin'],
  // An older browser, which says no more than this.
  [{ referer: `${OWN}/form`, ...FORM }, 'unproven'],
  [{ referer: `${OWN}/form` }, 'unproven'],
  [{ referer: `${EVIL}/`, 'content-type': 'text/plain; charset=application/json' }, 'unproven'],
  [{ referer: `${OWN}/form`, 'x-csrf-token': 'junk' }, 'invalid-token'],
  [{ origin: 'null', 'x-csrf-token': 'junk' }, 'invalid-token'],
]

/** What pages of ours and of those that are trusted send, and programs. */
const OUR_OWN: readonly Headers[] = [
  { 'sec-fetch-site': 'same-origin', origin: OWN },
  { 'sec-fetch-site': 'same-origin' },
  { 'sec-fetch-site': 'none' },
  { origin: OWN },
  { origin: TRUSTED },
  { 'sec-fetch-site': 'cross-site', origin: TRUSTED },
  { 'sec-fetch-site': 'same-site', origin: TRUSTED },
  JSON_TYPE,
  { 'x-requested-with': 'XMLHttpRequest' },
  {},
  FORM,
  { 'content-type': 'text/plain' },
]

const options = { csrf: { trustedOrigins: [TRUSTED], exempt: ['/hook'] } }

/** Requests that other sites' pages make change nothing, and those of our own work; without tokens. */
export const csrfCases: readonly Case<AdapterContext>[] = [
  adapterCase(
    null,
    'an unsafe request that another site’s page may have made is refused before its handler, without a store call',
    routes,
    async (kit) => {
      const ada = await kit.signedIn()
      kit.counting.reset()
      for (const [headers, reason] of FOREIGN) {
        // Only a token has to be held against its session.
        const calls = reason === 'invalid-token' ? { read: 1 } : {}
        const answer = await raw(kit, ada, { path: '/change', headers })
        expectRefused(answer, reason, JSON.stringify(headers))
        expectEqual(kit.counting.counts(), calls, JSON.stringify(headers))
        kit.counting.reset()
      }
      expectEqual((await me(ada)).data, {})
      const told = kit.events.flatMap((event) => (event.type === 'csrf-blocked' ? [event.reason] : []))
      expectEqual(
        told,
        FOREIGN.map(([, reason]) => reason),
      )
    },
    options,
  ),
  adapterCase(
    null,
    'every method but GET, HEAD and OPTIONS counts as unsafe, and those three go through',
    routes,
    async (kit) => {
      const ada = await kit.signedIn()
      const headers = { 'sec-fetch-site': 'cross-site', origin: EVIL }
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']) {
        expectRefused(await raw(kit, ada, { method, path: '/change', headers }), 'cross-site', method)
      }
      for (const method of ['GET', 'HEAD', 'OPTIONS']) {
        expectEqual((await raw(kit, ada, { method, path: '/none', headers })).status, 200, method)
      }
      expectEqual((await me(ada)).data, {})
    },
    options,
  ),
  adapterCase(
    null,
    'our own pages, trusted ones and programs get through, and so does what carries no session',
    routes,
    async (kit) => {
      const ada = await kit.signedIn()
      for (const headers of OUR_OWN) {
        const answer = await raw(kit, ada, { path: '/change', headers })
        expectEqual([answer.status, answer.body], [200, 'changed'], JSON.stringify(headers))
      }
      expectEqual((await me(ada)).data, { n: OUR_OWN.length })
      for (const headers of [{}, FORM, { cookie: 'theme=dark' }, { 'x-csrf-token': 'junk' }]) {
        expectEqual((await raw(kit, null, { path: '/change', headers })).status, 200, JSON.stringify(headers))
      }
      expectEqual(
        kit.events.filter(({ type }) => type === 'csrf-blocked'),
        [],
      )
    },
    options,
  ),
  adapterCase(
    null,
    'without any header that tells, programs are refused where each request has to say its origin',
    routes,
    async (kit) => {
      const ada = await kit.signedIn()
      for (const visitor of [ada, null]) {
        for (const headers of [{}, FORM, JSON_TYPE, { 'x-requested-with': 'XMLHttpRequest' }]) {
          const answer = await raw(kit, visitor, { path: '/change', headers })
          expectRefused(answer, 'unproven', JSON.stringify(headers))
          expectTrue(JSON.parse(answer.body).hint.includes('Sec-Fetch-Site: same-origin'), answer.body)
        }
      }
      expectEqual((await raw(kit, ada, { path: '/change', headers: { 'sec-fetch-site': 'same-origin' } })).status, 200)
    },
    { csrf: { requireOrigin: true } },
  ),
  adapterCase(
    null,
    'where the cookie comes with other sites’ requests, a program has to say where its own was made',
    routes,
    async (kit) => {
      const ada = kit.visitor()
      await ada.visit('/sign-in')
      const cookie = `__Host-sid=${ada.token('__Host-sid')}`
      const send = async (headers: Headers) =>
        await kit.served.send({ method: 'POST', path: '/change', headers: { cookie, ...headers } })
      for (const headers of [{}, FORM]) expectRefused(await send(headers), 'unproven', JSON.stringify(headers))
      expectEqual((await send(JSON_TYPE)).body, 'changed')
    },
    { origin: 'https://app.example', cookie: { sameSite: 'none' } },
  ),
  adapterCase(
    null,
    'headers that are there twice are no proof',
    routes,
    async ({ signedIn, served }) => {
      const ada = await signedIn()
      const lines = (...given: readonly string[]) =>
        [
          'POST /change HTTP/1.1',
          'Host: localhost',
          'Content-Length: 0',
          `Cookie: sid=${ada.token()}`,
          ...given,
          '',
          '',
        ].join('\r\n')
      const texts = [
        lines('Sec-Fetch-Site: same-origin', 'Sec-Fetch-Site: same-origin'),
        lines('Sec-Fetch-Site: cross-site', 'Sec-Fetch-Site: same-origin'),
        lines(`Origin: ${OWN}`, `Origin: ${EVIL}`),
        lines(`Origin: ${EVIL}`, `Origin: ${OWN}`),
      ]
      for (const text of texts) {
        const [answer] = await served.pipeline(text, 1)
        expectEqual(answer?.status, 403, text)
      }
      expectEqual((await me(ada)).data, {})
    },
    options,
  ),
  adapterCase(
    null,
    'what the options exempt goes through, and nothing beside it',
    () => ({ ...routes(), '/hook': () => ({ body: 'noted' }), '/hook/more': () => ({ body: 'noted' }) }),
    async (kit) => {
      const headers = { origin: EVIL }
      expectEqual((await raw(kit, null, { path: '/hook?id=1', headers })).body, 'noted')
      for (const path of ['/hook/more', '/none?/hook', '/hook/']) {
        expectRefused(await raw(kit, null, { path, headers }), 'foreign-origin', path)
      }
      // What is no host would make a URL whose path is another one. Some servers refuse it themselves.
      for (const host of ['x/hook?', 'x/hook#', 'evil.example/hook?', 'user@evil.example', 'x\\hook']) {
        const { status } = await raw(kit, null, { path: '/none', headers: { host, ...headers } })
        expectTrue(status === 403 || status === 400, `Host: ${host} was answered with ${status}`)
      }
    },
    options,
  ),
  adapterCase(
    null,
    'a page that is refused is told so in words for people, and everything else in problem details',
    routes,
    async (kit) => {
      const ada = await kit.signedIn()
      const page = { accept: 'text/html,*/*;q=0.8', 'sec-fetch-dest': 'document', 'sec-fetch-site': 'cross-site' }
      const refused = await raw(kit, ada, { path: '/change', headers: page })
      expectEqual([refused.status, headerOf(refused, 'content-type')], [403, 'text/plain; charset=utf-8'])
      expectTrue(refused.body.startsWith('Forbidden. This request did not come from a page of ours'), refused.body)
      expectEqual(headerOf(refused, 'vary')?.includes('Sec-Fetch-Site, Origin'), true)
      expectEqual(headerOf(refused, 'cache-control'), 'no-store')
      for (const other of [
        { 'sec-fetch-dest': 'empty' },
        { accept: 'application/json' },
        { accept: 'text/html;q=0' },
      ]) {
        const answer = await raw(kit, ada, { path: '/change', headers: { ...page, ...other } })
        expectRefused(answer, 'cross-site', JSON.stringify(other))
      }
    },
  ),
  adapterCase(
    null,
    'in report-only mode everything goes through and is told of',
    routes,
    async (kit) => {
      const ada = await kit.signedIn()
      for (const [headers] of FOREIGN) {
        expectEqual((await raw(kit, ada, { path: '/change', headers })).body, 'changed', JSON.stringify(headers))
      }
      const told = kit.events.flatMap((event) => (event.type === 'csrf-blocked' ? [event.enforced] : []))
      expectEqual(
        told,
        FOREIGN.map(() => false),
      )
    },
    { csrf: { reportOnly: true } },
  ),
  adapterCase(
    null,
    'behind a proxy that ends TLS the configured origin is our own, and that of the socket is not',
    () => ({ '/change': () => ({ body: 'changed' }) }),
    async (kit) => {
      const host = 'internal:8080'
      const send = async (origin: string) => await raw(kit, null, { path: '/change', headers: { host, origin } })
      expectEqual((await send('https://app.example')).body, 'changed')
      for (const origin of ['http://internal:8080', 'https://internal:8080', 'http://app.example']) {
        expectRefused(await send(origin), 'foreign-origin', origin)
      }
    },
    { origin: 'https://app.example' },
  ),
  adapterCase(
    null,
    'the handshake of a WebSocket is a GET that has to come from our own pages',
    routes,
    async (kit) => {
      const ada = await kit.signedIn()
      const upgrade = { upgrade: 'websocket', connection: 'Upgrade' }
      const open = async (headers: Headers) =>
        await raw(kit, ada, { method: 'GET', path: '/none', headers: { ...upgrade, ...headers } })
      expectEqual((await open({ origin: OWN })).status, 200)
      expectRefused(await open({ origin: EVIL }), 'foreign-origin', 'Origin')
      expectRefused(await open({ origin: 'null' }), 'opaque-origin', 'null')
      expectRefused(await open({ 'sec-fetch-site': 'same-site', origin: EVIL }), 'same-site', 'Sec-Fetch-Site')
      expectRefused(await open({}), 'unproven', 'no header')
    },
  ),
]
