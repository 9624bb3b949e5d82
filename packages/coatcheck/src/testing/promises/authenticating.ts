import { expectEqual, expectThrows, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import { ANONYMOUS, type PromiseContext, promiseCase, SIGNED_IN, stateOf, tokenOf } from './kit.ts'

/** Promise 3: a new token at each authentication and change of privilege; the old one is dead at once. */
export const authenticatingCases: readonly Case<PromiseContext>[] = [
  promiseCase(
    3,
    'signing in makes a new session, ends the anonymous one and takes over only the named keys',
    async (kit) => {
      const browser = kit.browser()
      await browser.visit((session) => {
        session.data.cart = ['hat']
        session.data.role = 'admin'
      })
      const before = browser.copy()
      const anonymousId = await browser.visit((session) => session.id)
      const attempt = await kit.sessions.begin('ada')
      await browser.visit((session) => session.signIn(attempt, { keep: ['cart'] }))
      expectEqual([...browser.cookies().keys()], [SIGNED_IN], 'The anonymous cookie was not deleted.')
      const after = await browser.visit((session) => ({ id: session.id, userId: session.userId, ...session.data }))
      expectTrue(after.id !== anonymousId, 'The id did not change.')
      expectEqual({ ...after, id: null }, { id: null, userId: 'ada', cart: ['hat'] })
      expectEqual(await stateOf(before), 'replaced')
    },
  ),
  promiseCase(3, 'signing in as another user copies nothing and ends the session of the first', async (kit) => {
    const browser = await kit.signedIn('ada', { cart: ['hers'], role: 'admin' })
    const first = browser.copy()
    const attempt = await kit.sessions.begin('bob')
    await browser.visit((session) => session.signIn(attempt, { keep: ['cart', 'role'] }))
    expectEqual(await browser.visit((session) => [session.userId, { ...session.data }]), ['bob', {}])
    expectEqual(await stateOf(first), 'replaced')
  }),
  promiseCase(3, 'authenticating again keeps the session and kills its earlier token at once', async (kit) => {
    const browser = await kit.signedIn('ada', { cart: ['hat'] })
    const old = browser.copy()
    const id = await browser.visit((session) => session.id)
    const attempt = await kit.sessions.begin('ada')
    await browser.visit((session) =>
      session.reauthenticate(attempt, { assurance: { level: 2, methods: ['pwd', 'otp'] } }),
    )
    expectEqual(await browser.visit((session) => [session.id, session.assurance?.level, session.data.cart]), [
      id,
      2,
      ['hat'],
    ])
    expectEqual(await stateOf(old), 'replaced')
  }),
  promiseCase(3, 'authenticating again ends the grace of a renewal', async (kit) => {
    const browser = await kit.signedIn()
    const old = browser.copy()
    await kit.sessions.begin('ada')
    await browser.visit((session) => session.rotate())
    expectEqual(await stateOf(old), 'replaced')
    expectEqual(await stateOf(browser), 'active')
  }),
  promiseCase(3, 'two parallel authentications of one session: one token lives', async (kit) => {
    const browser = await kit.signedIn()
    const tabs = [browser.copy(), browser.copy()]
    const attempt = await kit.sessions.begin('ada')
    const results = await Promise.allSettled(tabs.map((tab) => tab.visit((session) => session.reauthenticate(attempt))))
    expectEqual(results.filter(({ status }) => status === 'fulfilled').length, 1)
    const states = await Promise.all(tabs.map(stateOf))
    expectEqual(states.filter((state) => state === 'active').length, 1)
    expectEqual(await stateOf(browser), 'replaced')
  }),
  promiseCase(3, 'a token that nobody issued is not adopted', async (kit) => {
    const browser = kit.browser()
    const planted = `cc1.0.${'A'.repeat(22)}${'B'.repeat(43)}.${'C'.repeat(28)}`
    browser.plant(ANONYMOUS, planted)
    browser.plant(SIGNED_IN, planted)
    await browser.visit((session) => {
      session.data.n = 1
    })
    expectTrue(tokenOf(browser, ANONYMOUS) !== planted, 'The planted token was kept.')
    expectTrue((await browser.visit((session) => session.id)) !== 'A'.repeat(22), 'The planted id was adopted.')
  }),
  promiseCase(3, 'a write by a token from before an authentication is refused', async (kit) => {
    const browser = await kit.signedIn('ada', { role: 'user' })
    const slow = await kit.sessions.open(browser.request())
    slow.data.role = 'admin'
    const attempt = await kit.sessions.begin('ada')
    await browser.visit((session) => session.reauthenticate(attempt))
    await kit.sessions.commit(slow, new Response())
    expectEqual(slow.ended?.reason, 'replaced')
    expectEqual(await browser.visit((session) => session.data.role), 'user')
    await expectThrows('ERR_SESSION_ENDED', () => slow.rotate())
  }),
  promiseCase(3, 'requireFresh wants a recent and strong enough authentication', async (kit) => {
    const browser = await kit.signedIn()
    const need = (maxAge: '5m' | '10m', level?: number) =>
      browser.visit((session) => session.requireFresh({ maxAge, level }))
    await need('5m')
    kit.clock.advance(299_999)
    await need('5m')
    kit.clock.advance(1)
    await expectThrows('ERR_NOT_FRESH', () => need('5m'))
    await expectThrows('ERR_NOT_FRESH', () => need('10m', 2))
    await expectThrows('ERR_NOT_SIGNED_IN', () =>
      kit.browser().visit((session) => session.requireFresh({ maxAge: '5m' })),
    )
    const attempt = await kit.sessions.begin('ada')
    await browser.visit((session) =>
      session.reauthenticate(attempt, { assurance: { level: 2, methods: ['pwd', 'otp'] } }),
    )
    await need('5m', 2)
  }),
]
