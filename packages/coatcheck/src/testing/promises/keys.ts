import { expectEqual, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import { KEY, NAVIGATION, OLDER_KEY, type PromiseContext, promiseCase, stateOf, tokenOf } from './kit.ts'

/** Promise 10: keys rotate without signing anybody out. */
export const keyCases: readonly Case<PromiseContext>[] = [
  promiseCase(
    10,
    'a token of an older key counts while the key is listed, and renewal moves it to the newest',
    async (kit) => {
      const before = await kit.another({ keys: OLDER_KEY })
      const after = await kit.another({ keys: [KEY, OLDER_KEY] })
      const browser = kit.browser(before)
      await browser.visit(async (session) => session.signIn(await before.begin('ada')))
      const moved = kit.browser(after)
      moved.plant('__Host-sid', tokenOf(browser))
      expectEqual(await stateOf(moved), 'active')
      kit.clock.advance('29m')
      await moved.visit(() => undefined)
      kit.clock.advance('29m')
      await moved.visit(() => undefined)
      kit.clock.advance('29m')
      await moved.visit(() => undefined, NAVIGATION)
      const newest = kit.browser(await kit.another({ keys: KEY }))
      newest.plant('__Host-sid', tokenOf(moved))
      expectEqual(await stateOf(newest), 'active')
    },
  ),
  promiseCase(10, 'a key still in use says so, once an hour, and the newest does not', async (kit) => {
    const before = await kit.another({ keys: OLDER_KEY })
    const after = await kit.another({ keys: [KEY, OLDER_KEY] })
    const told: string[] = []
    after.on((event) => {
      if (event.type === 'key-used') told.push(event.keyId)
    })
    const browser = kit.browser(before)
    await browser.visit(async (session) => session.signIn(await before.begin('ada')))
    const keyId = tokenOf(browser).slice(-28, -22)
    const moved = kit.browser(after)
    moved.plant('__Host-sid', tokenOf(browser))
    for (let i = 0; i < 3; i++) await moved.visit(() => undefined)
    expectEqual(told, [keyId])
    kit.clock.advance('29m')
    await moved.visit(() => undefined)
    kit.clock.advance('29m')
    await moved.visit(() => undefined)
    expectEqual(told, [keyId])
    kit.clock.advance('2m')
    await moved.visit(() => undefined, NAVIGATION)
    expectEqual(told, [keyId, keyId])
    await moved.visit(() => undefined)
    kit.clock.advance('29m')
    await moved.visit(() => undefined)
    kit.clock.advance('29m')
    await moved.visit(() => undefined)
    kit.clock.advance('29m')
    await moved.visit(() => undefined)
    expectEqual(told, [keyId, keyId], 'The newest key was told of.')
  }),
  promiseCase(
    10,
    'keys rotated between two racers: both derive the same successor',
    async (kit) => {
      const before = await kit.another({ keys: OLDER_KEY })
      const after = await kit.another({ keys: [KEY, OLDER_KEY] })
      const browser = kit.browser(before)
      await browser.visit(async (session) => session.signIn(await before.begin('ada')))
      kit.clock.advance('61m')
      const first = kit.browser(before)
      const second = kit.browser(after)
      for (const racer of [first, second]) {
        racer.plant('__Host-sid', tokenOf(browser))
        await racer.visit(() => undefined, NAVIGATION)
      }
      const secretOf = (token: string) => token.slice(0, -29)
      expectEqual(secretOf(tokenOf(second)), secretOf(tokenOf(first)))
      expectTrue(tokenOf(first) !== tokenOf(browser), 'Nothing was renewed.')
      expectEqual([await stateOf(first), await stateOf(second)], ['active', 'active'])
    },
    { policy: { idle: '3h' } },
  ),
  promiseCase(
    10,
    'a token of a key that is not listed is refused without a read, and an event names the cause',
    async (kit) => {
      const other = await kit.another({ keys: OLDER_KEY })
      const browser = kit.browser(other)
      await browser.visit(async (session) => session.signIn(await other.begin('ada')))
      kit.counting.reset()
      const here = kit.browser()
      here.plant('__Host-sid', tokenOf(browser))
      expectEqual(await stateOf(here), 'unknown')
      expectEqual(kit.counting.counts(), {})
      expectEqual(
        kit.events.map((event) => event.type === 'refused' && event.reason),
        ['unknown-key'],
      )
    },
  ),
]
