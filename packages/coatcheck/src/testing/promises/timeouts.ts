import { presets } from '../../core/record/policy.ts'
import { expectEqual, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import { NAVIGATION, type PromiseContext, promiseCase, stateOf } from './kit.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Long enough that no touch falls between the steps of a case. */
const RARELY = { touch: '15m' } as const

/** Promise 7: both timeouts hold. */
export const timeoutCases: readonly Case<PromiseContext>[] = [
  promiseCase(7, 'idle: alive one millisecond before, over at the deadline', async (kit) => {
    const browser = await kit.signedIn()
    const late = await kit.signedIn()
    kit.clock.advance(30 * MINUTE - 1)
    expectEqual(await stateOf(browser), 'active')
    kit.clock.advance(1)
    expectEqual(await stateOf(late), 'idle')
    expectEqual(await stateOf(browser), 'active')
  }),
  promiseCase(7, 'absolute: alive one millisecond before, over at the deadline, whatever happens', async (kit) => {
    const browser = await kit.signedIn()
    for (let passed = 0; passed < 12 * HOUR - 10 * MINUTE; passed += 10 * MINUTE) {
      kit.clock.advance(10 * MINUTE)
      expectEqual(await browser.visit((session) => session.userId, NAVIGATION), 'ada')
      await browser.visit((session) => session.update('n', (n) => (n ?? 0) + 1))
    }
    kit.clock.advance(10 * MINUTE - 1)
    expectEqual(await stateOf(browser), 'active')
    kit.clock.advance(1)
    expectEqual(await stateOf(browser), 'absolute')
  }),
  promiseCase(
    7,
    'activity for a year never moves the absolute timeout',
    async (kit) => {
      const browser = await kit.signedIn()
      const expiresAt = await browser.visit((session) => session.expiresAt)
      for (let day = 0; day < 364; day++) {
        kit.clock.advance('1d')
        expectEqual(await browser.visit((session) => session.expiresAt, NAVIGATION), expiresAt)
        await browser.visit((session) => session.rotate())
      }
      kit.clock.advance(DAY - 1)
      expectEqual(await stateOf(browser), 'active')
      kit.clock.advance(1)
      expectEqual(await stateOf(browser), 'absolute')
    },
    { policy: { idle: '2d', absolute: '365d' } },
  ),
  promiseCase(
    7,
    'a throttled touch ends a session at most one interval early and never late',
    async (kit) => {
      const browser = await kit.signedIn()
      kit.clock.advance(15 * MINUTE - 1)
      expectEqual(await stateOf(browser), 'active')
      kit.clock.advance(15 * MINUTE)
      expectEqual(await stateOf(browser.copy()), 'active', 'The touch at the interval was not recorded.')
      kit.clock.advance(30 * MINUTE)
      expectEqual(await stateOf(browser), 'idle')
    },
    { policy: RARELY },
  ),
  promiseCase(7, 'an idle session is not revived by a late touch', async (kit) => {
    const browser = await kit.signedIn()
    kit.clock.advance(30 * MINUTE - 1)
    const barrier = kit.barrier.stopBefore('touch')
    const late = browser.copy().visit((session) => session.userId)
    await barrier.reached
    kit.clock.advance(1)
    const other = await kit.another()
    expectEqual((await other.open(browser.request())).ended?.reason, 'idle')
    barrier.release()
    await late
    kit.clock.advance(30 * MINUTE)
    expectTrue((await stateOf(browser)) !== 'active', 'The session lives after its idle timeout.')
  }),
  promiseCase(7, 'authenticating again sets both timeouts anew', async (kit) => {
    const browser = await kit.signedIn()
    kit.clock.advance(20 * MINUTE)
    const attempt = await kit.sessions.begin('ada')
    await browser.visit((session) => session.reauthenticate(attempt))
    expectEqual(await browser.visit((session) => session.expiresAt), kit.clock.now() + 12 * HOUR)
    kit.clock.advance(30 * MINUTE - 1)
    expectEqual(await stateOf(browser), 'active')
  }),
  promiseCase(7, 'the presets are those of NIST SP 800-63B-4', async () => {
    expectEqual(presets, {
      aal1: { idle: 'none', absolute: '30d' },
      aal2: { idle: '1h', absolute: '24h' },
      aal3: { idle: '15m', absolute: '12h' },
    })
  }),
  promiseCase(
    7,
    'a preset is in force: aal3 is over after 15 minutes',
    async (kit) => {
      const browser = await kit.signedIn()
      kit.clock.advance(15 * MINUTE - 1)
      const copy = browser.copy()
      expectEqual(await stateOf(browser), 'active')
      kit.clock.advance(15 * MINUTE)
      expectEqual(await stateOf(copy), 'idle')
    },
    { policy: 'aal3' },
  ),
  promiseCase(
    7,
    'an authentication is activity, however rarely that is recorded: the idle timeout begins anew',
    async (kit) => {
      const browser = await kit.signedIn()
      kit.clock.advance(15 * MINUTE - 1)
      await browser.visit(async (session) => session.reauthenticate(await kit.sessions.begin('ada')))
      kit.clock.advance(30 * MINUTE - 1)
      const copy = browser.copy()
      expectEqual(await stateOf(browser), 'active')
      kit.clock.advance(1)
      expectEqual(await stateOf(copy), 'active', 'The visit before was not recorded.')
      kit.clock.advance(30 * MINUTE)
      expectEqual(await stateOf(copy), 'idle')
    },
    { policy: RARELY },
  ),
]
