import { expectEqual, expectThrows, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import { type Browser, NAVIGATION, type PromiseContext, promiseCase, tokenOf } from './kit.ts'

function keysOf(count: number, prefix = 'key'): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`)
}

async function countKeys(browser: Browser): Promise<number> {
  return await browser.visit((session) => Object.keys(session.data).length)
}

/** Promise 5: no lost update. */
export const updatingCases: readonly Case<PromiseContext>[] = [
  promiseCase(5, 'fifty parallel requests that change different keys keep fifty keys', async (kit) => {
    const browser = await kit.signedIn()
    const requests = await Promise.all(keysOf(50).map(() => kit.sessions.open(browser.request())))
    requests.forEach((session, i) => {
      expectEqual(Object.keys(session.data).length, 0)
      session.data[`key${i}`] = i
    })
    await Promise.all(requests.map((session) => kit.sessions.commit(session, new Response())))
    expectEqual(await countKeys(browser), 50)
  }),
  promiseCase(5, 'a hundred parallel session.update of one key count to a hundred', async (kit) => {
    const browser = await kit.signedIn()
    const add = () => browser.copy().visit((session) => session.update('n', (n) => (n ?? 0) + 1))
    await Promise.all(Array.from({ length: 100 }, add))
    expectEqual(await browser.visit((session) => session.data.n), 100)
  }),
  promiseCase(5, 'two processes update one key: nothing is lost', async (kit) => {
    const browser = await kit.signedIn()
    const all = [kit.sessions, await kit.another(), await kit.another()]
    const add = async (i: number) => {
      const session = await (all[i % all.length] ?? kit.sessions).open(browser.request())
      await session.update('n', (n) => (n ?? 0) + 1)
    }
    await Promise.all(Array.from({ length: 60 }, (_, i) => add(i)))
    expectEqual(await browser.visit((session) => session.data.n), 60)
  }),
  promiseCase(5, 'writes of other keys do not starve session.update', async (kit) => {
    const browser = await kit.signedIn()
    const barrier = kit.barrier.stopBefore('update')
    const updating = browser.copy().visit((session) => session.update('n', (n) => (n ?? 0) + 1))
    await barrier.reached
    for (const key of keysOf(20)) {
      await browser.copy().visit((session) => {
        session.data[key] = true
      })
    }
    kit.counting.reset()
    barrier.release()
    await updating
    expectEqual(kit.counting.total('update'), 0, 'The update had to be repeated.')
    expectEqual(await countKeys(browser), 21)
  }),
  promiseCase(5, 'nested changes are saved, and only what changed is written', async (kit) => {
    const browser = await kit.signedIn('ada', { cart: ['hat'], n: 1 })
    const slow = await kit.sessions.open(browser.request())
    slow.data.cart?.push('coat')
    await browser.visit((session) => {
      session.data.n = 2
    })
    await kit.sessions.commit(slow, new Response())
    expectEqual(await browser.visit((session) => [session.data.cart, session.data.n]), [['hat', 'coat'], 2])
  }),
  promiseCase(5, 'a request that renews or authenticates does not undo what others wrote meanwhile', async (kit) => {
    const browser = await kit.signedIn('ada', { n: 1 })
    const slow = await kit.sessions.open(browser.request())
    expectEqual(slow.data.n, 1)
    slow.data.cart = ['hat']
    await browser.visit((session) => {
      session.data.n = 2
    })
    await slow.reauthenticate(await kit.sessions.begin('ada'))
    browser.take(await kit.sessions.commit(slow, new Response()))
    expectEqual(await browser.visit((session) => [session.data.n, session.data.cart]), [2, ['hat']])
  }),
  promiseCase(5, 'removing a key removes it, and parallel changes of others stay', async (kit) => {
    const browser = await kit.signedIn('ada', { n: 1, role: 'user' })
    const slow = await kit.sessions.open(browser.request())
    delete slow.data.n
    await browser.visit((session) => {
      session.data.role = 'admin'
    })
    await kit.sessions.commit(slow, new Response())
    expectEqual(await browser.visit((session) => ({ ...session.data })), { role: 'admin' })
  }),
  promiseCase(5, 'an answer with status 500 drops the changes of data, a rotation stands', async (kit) => {
    const browser = await kit.signedIn('ada', { n: 1 })
    kit.clock.advance('29m')
    await browser.visit(() => undefined)
    kit.clock.advance('29m')
    await browser.visit(() => undefined)
    kit.clock.advance('29m')
    const before = tokenOf(browser)
    const session = await kit.sessions.open(browser.request(NAVIGATION))
    session.data.n = 2
    const response = await kit.sessions.commit(session, new Response('', { status: 500 }))
    browser.take(response)
    expectTrue(tokenOf(browser) !== before, 'The renewed token was not sent.')
    expectEqual(await browser.visit((now) => now.data.n), 1)
  }),
  promiseCase(5, 'fifty racers with the predecessor derive the same successor', async (kit) => {
    const browser = await kit.signedIn()
    kit.clock.advance('29m')
    await browser.visit(() => undefined)
    kit.clock.advance('29m')
    await browser.visit(() => undefined)
    kit.clock.advance('29m')
    const racers = Array.from({ length: 50 }, () => browser.copy())
    await Promise.all(racers.map((racer) => racer.visit(() => undefined, NAVIGATION)))
    const tokens = new Set(racers.map((racer) => tokenOf(racer)))
    expectEqual(tokens.size, 1, 'The racers hold different tokens.')
    expectTrue(!tokens.has(tokenOf(browser)), 'Nothing was renewed.')
  }),
  promiseCase(
    5,
    'a renewed token whose answer was lost comes again after an hour',
    async (kit) => {
      const browser = await kit.signedIn()
      kit.clock.advance('61m')
      await browser.visitAndLoseAnswer(() => undefined, NAVIGATION)
      const lost = tokenOf(browser)
      kit.clock.advance('60m')
      expectEqual(await browser.visit((session) => session.userId, NAVIGATION), 'ada')
      expectTrue(tokenOf(browser) !== lost, 'The successor was not sent again.')
      expectEqual(await browser.visit((session) => session.userId), 'ada')
    },
    { policy: { idle: '3h' } },
  ),
  promiseCase(5, 'what cannot be stored is refused by name, and nothing of it is written', async (kit) => {
    const browser = await kit.signedIn('ada', { n: 1 })
    const circle: unknown[] = []
    circle.push(circle)
    const bad: readonly unknown[] = [new Date(0), new Map(), () => 1, Number.NaN, 1n, Symbol('s'), [undefined], circle]
    for (const value of bad) {
      const session = await kit.sessions.open(browser.request())
      session.data.n = 2
      session.data['bad'] = value
      const error = await expectThrows('ERR_DATA', () => kit.sessions.commit(session, new Response()))
      expectEqual('key' in error && error.key, 'bad')
    }
    expectEqual(await browser.visit((session) => ({ ...session.data })), { n: 1 })
  }),
  promiseCase(5, 'a change of all sessions of a user is not undone by a migration that comes after', async (kit) => {
    const before = await kit.another()
    const migrate = ({ admin }: Record<string, unknown>) => ({ role: admin === true ? 'admin' : 'user' })
    const after = await kit.another({ data: { version: 1, migrate } })
    const browser = kit.browser(before)
    await browser.visit(async (session) => session.signIn(await before.begin('ada'), { data: { admin: true } }))
    expectEqual(await after.updateUser('ada', { set: { role: 'user' } }), 1)
    const moved = kit.browser(after)
    moved.plant('__Host-sid', tokenOf(browser))
    expectEqual(await moved.visit(({ data }) => ({ ...data })), { role: 'user' })
  }),
]
