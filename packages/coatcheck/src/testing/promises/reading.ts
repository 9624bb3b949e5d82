import { expectEqual, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import { type PromiseContext, promiseCase, tokenOf } from './kit.ts'

/** Promises 2 and 6: a visitor without a session costs nothing, and reading is cheap. */
export const readingCases: readonly Case<PromiseContext>[] = [
  promiseCase(2, 'a thousand visitors without a cookie make no store call and get no cookie', async (kit) => {
    for (let i = 0; i < 1000; i++) {
      const browser = kit.browser()
      await browser.visit((session) => [session.userId, session.data.cart])
      expectEqual(browser.cookies().size, 0, 'A visitor who stored nothing got a cookie.')
    }
    expectEqual(kit.counting.counts(), {})
  }),
  promiseCase(2, 'storing something begins an anonymous session with one store call', async (kit) => {
    const browser = kit.browser()
    await browser.visit((session) => {
      session.data.cart = ['hat']
    })
    expectEqual(kit.counting.counts(), { create: 1 })
    expectEqual(await browser.visit((session) => session.data.cart), ['hat'])
  }),
  promiseCase(
    6,
    'a thousand read-only requests inside a touch interval make one touch and no other write',
    async (kit) => {
      const browser = await kit.signedIn()
      kit.clock.advance('2m')
      kit.counting.reset()
      for (let i = 0; i < 1000; i++) {
        await browser.visit((session) => session.data.role)
        if (i % 100 === 0) kit.clock.advance(1)
      }
      expectEqual(kit.counting.counts(), { read: 1000, touch: 1 })
    },
  ),
  promiseCase(6, 'fifty parallel requests at a due touch make one touch', async (kit) => {
    const browser = await kit.signedIn()
    kit.clock.advance('2m')
    kit.counting.reset()
    await Promise.all(Array.from({ length: 50 }, () => browser.visit((session) => session.userId)))
    expectEqual(kit.counting.counts(), { read: 50, touch: 1 })
  }),
  promiseCase(6, 'reading data and writing back the same writes nothing', async (kit) => {
    const browser = await kit.signedIn('ada', { cart: ['hat'], n: 0 })
    kit.counting.reset()
    await browser.visit((session) => {
      session.data.cart = [...(session.data.cart ?? [])]
      session.data.n = Number(session.data.n) + 0
    })
    expectEqual(kit.counting.counts(), { read: 1 })
  }),
  promiseCase(
    6,
    'the first request with a renewed token marks it seen with one write, the next make none',
    async (kit) => {
      const browser = await kit.signedIn()
      kit.clock.advance('20m')
      await browser.visit(() => undefined)
      kit.clock.advance('20m')
      await browser.visit(() => undefined)
      kit.clock.advance('20m')
      const before = tokenOf(browser)
      await browser.visit(() => undefined, { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' })
      expectTrue(tokenOf(browser) !== before, 'The token was not renewed after an hour.')
      kit.counting.reset()
      await Promise.all(Array.from({ length: 20 }, () => browser.visit((session) => session.userId)))
      await browser.visit((session) => session.userId)
      expectEqual(kit.counting.counts(), { read: 21, touch: 1 })
    },
  ),
]
