import type { Store } from '../../core/store.ts'
import { createSessions } from '../../index.ts'
import { expectEqual, expectThrows, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import { faultStore } from '../fault-store.ts'
import { type Data, KEY, type Kit, type PromiseContext, promiseCase } from './kit.ts'

/** A store that leaves it to the core to bound its calls. */
function unbounded(store: Store): Store {
  return { ...store, guarantees: { ...store.guarantees, bounded: false } }
}

function overFaults(kit: Kit) {
  const faults = faultStore(kit.counting)
  const sessions = createSessions<Data>({
    store: unbounded(faults),
    keys: KEY,
    storeTimeout: '50ms',
    runtime: { now: kit.clock.now, warn: () => undefined },
  })
  return { faults, sessions }
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
    expectEqual((await sessions.open(browser.request())).userId, 'ada')
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
      await write()
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
    expectEqual(await sessions.revoke(id), 'already')
    expectTrue((await sessions.open(browser.request())).userId === null, 'The session lives.')
  }),
]
