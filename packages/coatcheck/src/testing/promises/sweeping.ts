import { expectEqual, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import { type PromiseContext, promiseCase, stateOf } from './kit.ts'

/** Promise 14: what is expired goes away. */
export const sweepingCases: readonly Case<PromiseContext>[] = [
  promiseCase(
    14,
    'sweeping ends what is expired with its reason, removes it later, and spares the living',
    async (kit) => {
      const gone = await kit.signedIn('ada')
      kit.clock.advance('20m')
      const alive = await kit.signedIn('bob')
      kit.clock.advance('10m')
      expectEqual(await kit.sessions.sweep(), { expired: 1, removed: 0 })
      expectEqual([await stateOf(gone), await stateOf(alive)], ['idle', 'active'])
      kit.clock.advance('24h')
      await kit.sessions.sweep()
      expectEqual(await stateOf(gone), 'unknown')
      expectEqual(await kit.sessions.list('ada'), [])
    },
  ),
  promiseCase(14, 'a sweep works in small batches until nothing is left', async (kit) => {
    for (let i = 0; i < 450; i++) await kit.signedIn(`user ${i}`)
    kit.clock.advance('31m')
    kit.counting.reset()
    expectEqual((await kit.sessions.sweep()).expired, 450)
    expectTrue(kit.counting.total('sweep') >= 3, 'The sweep was one batch.')
  }),
]
