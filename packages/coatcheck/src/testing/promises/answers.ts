import { expectEqual, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import { type PromiseContext, promiseCase, tokenOf } from './kit.ts'

/** Promise 12: cache-safe; and the shape of the cookies. */
export const answerCases: readonly Case<PromiseContext>[] = [
  promiseCase(
    12,
    'an answer for which a session was opened is no-store, whatever the application said',
    async (kit) => {
      const browser = await kit.signedIn()
      const commit = async (response: Response) =>
        (await kit.sessions.commit(await kit.sessions.open(browser.request()), response)).headers.get('cache-control')
      expectEqual(await commit(new Response()), 'no-store')
      expectEqual(await commit(new Response('', { headers: { 'cache-control': 'public, max-age=60' } })), 'no-store')
      const strict = 'private, no-store, max-age=0'
      expectEqual(await commit(new Response('', { headers: { 'cache-control': strict } })), strict)
    },
  ),
  promiseCase(12, 'a redirect whose headers cannot be changed still carries the cookie', async (kit) => {
    const session = await kit.sessions.open(kit.browser().request())
    session.data.n = 1
    const response = await kit.sessions.commit(session, Response.redirect('https://app.example/next', 303))
    expectEqual([response.status, response.headers.get('location')], [303, 'https://app.example/next'])
    expectEqual(response.headers.getSetCookie().length, 1)
    expectEqual(response.headers.get('cache-control'), 'no-store')
  }),
  promiseCase(12, 'the cookie is __Host-, Secure, HttpOnly, SameSite, and ends with the browser', async (kit) => {
    const session = await kit.sessions.open(kit.browser().request())
    await session.signIn(await kit.sessions.begin('ada'))
    const [line = ''] = (await kit.sessions.commit(session, new Response())).headers.getSetCookie()
    expectTrue(
      /^__Host-sid=[^;]+; Path=\/; Secure; HttpOnly; SameSite=Lax$/.test(line),
      `Set-Cookie: ${line.slice(0, 11)}…`,
    )
  }),
  promiseCase(12, 'over plain http on a network no cookie is sent, and an event says why', async (kit) => {
    const session = await kit.sessions.open(new Request('http://app.example/'))
    session.data.n = 1
    const response = await kit.sessions.commit(session, new Response())
    expectEqual(response.headers.getSetCookie(), [])
    expectEqual(
      kit.events.map(({ type }) => type),
      ['cookie-withheld'],
    )
    expectEqual(kit.counting.counts(), {}, 'A session was made that nobody can come back to.')
  }),
  promiseCase(12, 'the answer to a refused token sets and deletes no cookie', async (kit) => {
    const browser = await kit.signedIn()
    await kit.sessions.revokeUser('ada')
    const session = await kit.sessions.open(browser.request())
    const response = await kit.sessions.commit(session, new Response())
    expectEqual(response.headers.getSetCookie(), [])
    expectTrue(tokenOf(browser) !== '', 'The cookie is gone.')
  }),
  promiseCase(
    12,
    'a remembered session has a cookie that lasts as long as the session',
    async (kit) => {
      const session = await kit.sessions.open(kit.browser().request())
      await session.signIn(await kit.sessions.begin('ada'), { remember: true })
      const [line = ''] = (await kit.sessions.commit(session, new Response())).headers.getSetCookie()
      expectTrue(line.endsWith('; Max-Age=1209600'), `Set-Cookie ends with ${line.slice(-30)}`)
    },
    { policy: { rememberMe: { idle: 'none', absolute: '14d' } } },
  ),
]
