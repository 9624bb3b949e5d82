import { expectEqual, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import { kitOf, type StoreContext, texts } from './kit.ts'

const FORGETS = 'The store does not outlive its process.'

/** What a store that says `durable` has to have kept when its place is opened again. */
export const reopeningCases: readonly Case<StoreContext>[] = [
  {
    name: 'durable: opened again, it has all that was acknowledged, and goes on from there',
    promise: 4,
    skipFor: ({ store, reopen }) => (store.guarantees.durable || reopen !== undefined ? null : FORGETS),
    async run({ store, start, reopen }) {
      expectTrue(reopen !== undefined, 'A durable store can be opened again: give the context its `reopen`.')
      const kit = kitOf(store, start)
      const alive = await kit.add({ userId: 'ada', data: texts({ a: '1' }) })
      await store.update(alive.id, { at: kit.start, set: texts({ b: '2' }) })
      const ended = await kit.add({ userId: 'bob' })
      await store.end(ended.id, kit.request())
      await store.endUser('bob', kit.request())
      const facts = { alive: await kit.stored(alive.id), ended: await kit.stored(ended.id), log: await kit.log() }
      const epochs = [(await store.userEpoch('ada')).epoch, (await store.userEpoch('bob')).epoch]
      const again = await reopen()
      try {
        const after = kitOf(again, start, 'opened again')
        expectEqual(
          { alive: await after.stored(alive.id), ended: await after.stored(ended.id), log: await after.log() },
          facts,
        )
        expectEqual([(await again.userEpoch('ada')).epoch, (await again.userEpoch('bob')).epoch], epochs)
        expectEqual(await after.listed('ada'), [facts.alive])
        await again.end(alive.id, kit.request())
        const numbers = (await after.log()).map(({ seq }) => seq)
        expectEqual(
          numbers,
          numbers.toSorted((a, b) => a - b),
          'The numbers of the log began anew.',
        )
        expectEqual(new Set(numbers).size, facts.log.length + 1)
      } finally {
        await again.close()
      }
    },
  },
]
