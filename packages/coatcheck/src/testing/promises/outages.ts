import type { SessionEvent } from '../../core/events/events.ts'
import type { Store } from '../../core/store/store.ts'
import { CoatcheckError } from '../../errors.ts'
import { createSessions } from '../../index.ts'
import { expectEqual, expectThrows, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import { faultStore } from '../fault-store.ts'
import { aMoment, until } from '../waiting.ts'
import { type Data, KEY, type Kit, type PromiseContext, promiseCase } from './kit.ts'

/** A store that is elsewhere, and leaves it to the core to bound its calls. */
function elsewhere(store: Store): Store {
  return { ...store, guarantees: { ...store.guarantees, shared: true, bounded: false } }
}

function overFaults(kit: Kit) {
  const faults = faultStore(kit.counting)
  const sessions = createSessions<Data>({
    store: elsewhere(faults),
    keys: KEY,
    storeTimeout: '50ms',
    runtime: { now: kit.clock.now, warn: () => undefined },
  })
  const events: SessionEvent[] = []
  sessions.on((event) => events.push(event))
  return { faults, sessions, events }
}

/** As often as a call is repeated, five milliseconds apart, until the store counts as being back. */
const ATTEMPTS = 400

/** Repeats a call for as long as the store counts as being out, as its callers do. */
async function whenBack<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      const isOut = error instanceof CoatcheckError && error.code === 'ERR_STORE_UNAVAILABLE'
      if (!isOut || attempt === ATTEMPTS) throw error
    }
    await aMoment()
  }
}

/** Promise 8: an outage is an outage, never an anonymous visitor, never a hang. */
export const outageCases: readonly Case<PromiseContext>[] = [
  promiseCase(8, 'a store that fails is a typed error at opening, and well again after', async (kit) => {
    const browser = await kit.signedIn()
    const { faults, sessions } = overFaults(kit)
    faults.failBefore('read', { times: 1 })
    await expectThrows('ERR_STORE_UNAVAILABLE', () => sessions.open(browser.request()))
    expectEqual((await sessions.open(browser.request())).userId, 'ada')
  }),
  promiseCase(8, 'a store that hangs is a typed error within the limit', async (kit) => {
    const browser = await kit.signedIn()
    const { faults, sessions } = overFaults(kit)
    faults.hang('read')
    const error = await expectThrows('ERR_STORE_TIMEOUT', () => sessions.open(browser.request()))
    expectEqual('outcome' in error && error.outcome, 'none')
    faults.heal()
    expectEqual((await whenBack(() => sessions.open(browser.request()))).userId, 'ada')
  }),
  promiseCase(
    8,
    'a write without an answer says that its outcome is unknown, and repeating it is safe',
    async (kit) => {
      const browser = await kit.signedIn()
      const { faults, sessions } = overFaults(kit)
      faults.failAfter('update', { times: 1 })
      const write = async () => {
        const session = await sessions.open(browser.request())
        session.data.n = 5
        await sessions.commit(session, new Response())
      }
      const error = await expectThrows('ERR_STORE_TIMEOUT', write)
      expectEqual('outcome' in error && error.outcome, 'unknown')
      await whenBack(write)
      expectEqual(await browser.visit((session) => session.data.n), 5)
    },
  ),
  promiseCase(8, 'a visitor without a cookie is served while the store is out', async (kit) => {
    const { faults, sessions } = overFaults(kit)
    faults.failBefore('any')
    expectEqual((await sessions.open(kit.browser().request())).userId, null)
  }),
  promiseCase(8, 'a touch that fails costs an event, not the request', async (kit) => {
    const browser = await kit.signedIn()
    kit.clock.advance('2m')
    const { faults, sessions } = overFaults(kit)
    const failed: string[] = []
    sessions.on((event) => {
      if (event.type === 'store-failed') failed.push(event.operation)
    })
    faults.failBefore('touch')
    expectEqual((await sessions.open(browser.request())).userId, 'ada')
    expectEqual(failed, ['touch'])
  }),
  promiseCase(8, 'an ending whose answer is lost has happened, and repeating it says so', async (kit) => {
    const browser = await kit.signedIn()
    const id = (await browser.visit((session) => session.id)) ?? ''
    const { faults, sessions } = overFaults(kit)
    faults.failAfter('end', { times: 1 })
    await expectThrows('ERR_STORE_TIMEOUT', () => sessions.revoke(id))
    expectEqual(await whenBack(() => sessions.revoke(id)), 'already')
    expectTrue((await sessions.open(browser.request())).userId === null, 'The session lives.')
  }),
  promiseCase(8, 'a store known to be out is not asked again and again, and is well again by itself', async (kit) => {
    const browser = await kit.signedIn()
    const { faults, sessions, events } = overFaults(kit)
    faults.hang('read')
    await expectThrows('ERR_STORE_TIMEOUT', () => sessions.open(browser.request()))
    const before = kit.counting.total('read')
    for (let i = 0; i < 20; i++) await expectThrows('ERR_STORE_UNAVAILABLE', () => sessions.open(browser.request()))
    expectEqual(kit.counting.total('read'), before, 'A store that is out was asked.')
    faults.heal()
    expectEqual((await whenBack(() => sessions.open(browser.request()))).userId, 'ada')
    const turns = events.filter(({ type }) => type === 'store-out' || type === 'store-back')
    expectEqual([turns[0]?.type, turns.at(-1)?.type], ['store-out', 'store-back'])
  }),
  promiseCase(8, 'by name only, a page for everybody is served in an outage, and writes nothing', async (kit) => {
    const browser = await kit.signedIn()
    const { faults, sessions } = overFaults(kit)
    faults.failBefore('any')
    await expectThrows('ERR_STORE_UNAVAILABLE', () => sessions.open(browser.request()))
    const session = await sessions.open(browser.request(), { whenStoreIsOut: 'anonymous' })
    expectEqual([session.storeIsOut, session.userId, session.ended], [true, null, null])
    // The store may be back by now: whose the session is was not known when it was opened.
    faults.heal()
    session.data.n = 1
    await expectThrows('ERR_STORE_UNAVAILABLE', () => sessions.commit(session, new Response()))
    await expectThrows('ERR_STORE_UNAVAILABLE', () => session.update('n', () => 2))
    await expectThrows('ERR_STORE_UNAVAILABLE', () =>
      session.signIn({ userId: 'eve', epoch: 0, beganAt: kit.clock.now() }),
    )
    await expectThrows('ERR_STORE_UNAVAILABLE', () => session.rotate())
    await expectThrows('ERR_STORE_UNAVAILABLE', () => session.csrfToken())
    expectEqual((await sessions.save(session, 503)).cookies, [], 'A cookie was touched.')
    expectEqual((await whenBack(() => sessions.open(browser.request()))).userId, 'ada')
  }),
  promiseCase(
    8,
    'who signs out in an outage has no cookie any more, and is signed out when it is over',
    async (kit) => {
      const browser = await kit.signedIn()
      const thief = browser.copy()
      const { faults, sessions, events } = overFaults(kit)
      faults.failBefore('any')
      const session = await sessions.open(browser.request(), { whenStoreIsOut: 'anonymous' })
      await expectThrows('ERR_SIGN_OUT_UNCONFIRMED', () => session.signOut())
      browser.take(await sessions.commit(session, new Response(null, { status: 503 })))
      expectEqual(browser.cookies().size, 0, 'The browser keeps its cookie.')
      expectTrue(
        events.some((event) => event.type === 'sign-out-unconfirmed' && event.isWaiting),
        'Nobody is told.',
      )
      faults.heal()
      await until(() => events.some(({ type }) => type === 'ended'), 'It was not tried again.')
      expectEqual(await thief.visit(({ userId, ended }) => [userId, ended?.reason]), [null, 'signed-out'])
    },
  ),
  promiseCase(8, 'an old token ends nothing by signing out in an outage', async (kit) => {
    const browser = await kit.signedIn()
    const old = browser.copy()
    await browser.visit((session) => session.rotate())
    const { faults, sessions } = overFaults(kit)
    faults.failBefore('any')
    const session = await sessions.open(old.request(), { whenStoreIsOut: 'anonymous' })
    await expectThrows('ERR_SIGN_OUT_UNCONFIRMED', () => session.signOut())
    const before = kit.counting.total('read')
    faults.heal()
    await until(() => kit.counting.total('read') > before, 'It was not tried again.')
    expectEqual(await browser.visit(({ userId }) => userId), 'ada')
  }),
]
