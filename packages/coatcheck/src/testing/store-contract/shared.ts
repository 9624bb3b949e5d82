import type { Store } from '../../core/store/store.ts'
import { expectEqual, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import { DAY, epochOf, HOUR, ids, type Kit, kitOf, MINUTE, type StoreContext, texts, together } from './kit.ts'

/** Where a second instance works, and how the context opens one there. */
const places = {
  'the same records': ({ open }: StoreContext) => open && (() => open()),
  'another namespace': ({ openNamespace }: StoreContext) => openNamespace && (() => openNamespace('another namespace')),
}

/** A case on two instances: the kit works on the first. */
function sharedCase(
  name: string,
  promise: number | null,
  run: (kit: Kit, second: Store) => Promise<void>,
  place: keyof typeof places = 'the same records',
): Case<StoreContext> {
  const missing = `No second instance can be opened over ${place}.`
  return {
    name,
    promise,
    skipFor: (context) => (places[place](context) === undefined ? missing : null),
    async run(context) {
      const second = await places[place](context)?.()
      expectTrue(second !== undefined, missing)
      try {
        await run(kitOf(context.store, context.start), second)
      } finally {
        await second.close()
      }
    },
  }
}

export const sharedCases = [
  sharedCase('shared: what one instance has done the other sees at once', 4, async (kit, second) => {
    const { store, add, start, rotation, request } = kit
    const one = await add({ userId: 'ada', data: texts({ a: '1' }) })
    const seen = async () => expectEqual(await second.read(one.id), await kit.stored(one.id))
    await seen()
    await store.update(one.id, { at: start, set: texts({ a: '2' }) })
    await seen()
    await store.rotate(one.id, rotation(one))
    await store.touch(one.id, start + MINUTE, { interval: 0, seen: 1 })
    await seen()
    expectEqual(ids((await second.listUser('ada')).items), [one.id])
    await store.end(one.id, request())
    await seen()
    expectEqual((await second.listUser('ada')).items, [])
    expectEqual((await second.update(one.id, { at: start, set: texts({ a: '3' }) })).outcome, 'gone')
    expectEqual(await second.changes(0), await kit.log())
  }),

  sharedCase(
    'shared: an ending of the user in one instance refuses a sign-in begun in the other',
    4,
    async (kit, second) => {
      for (const raise of [
        () => second.endUser('ada', kit.request()),
        () => second.updateUser('ada', { at: kit.start, set: texts({ role: '"user"' }) }),
        () => second.endAll(kit.request()),
      ]) {
        const ifUserEpoch = (await kit.store.userEpoch('ada')).epoch
        await raise()
        expectEqual(await kit.store.create(kit.record({ userId: 'ada' }), { ifUserEpoch }), { outcome: 'user-changed' })
      }
    },
  ),

  sharedCase('shared: 50 parallel changes of different keys are 50 keys', 5, async (kit, second) => {
    const { id } = await kit.add()
    const stores = [kit.store, second]
    await together(50, async (i) => stores[i % 2]?.update(id, { at: kit.start, set: texts({ [`key ${i}`]: '1' }) }))
    const { data, version } = await kit.stored(id)
    expectEqual([data.size, version], [50, 50])
  }),

  sharedCase('shared: of 20 parallel creates at a limit of 3 three are alive', 9, async (kit, second) => {
    const stores = [kit.store, second]
    const limit = { max: 3, strategy: 'end-oldest', keepUntil: kit.start + DAY } as const
    await together(20, async (i) =>
      stores[i % 2]?.create(kit.record({ userId: 'ada', createdAt: kit.start + i }), { limit }),
    )
    expectEqual((await kit.listed('ada')).length, 3)
  }),

  sharedCase('shared: of 20 rotations of one secret one wins', 3, async (kit, second) => {
    const before = await kit.add()
    const stores = [kit.store, second]
    const results = await together(20, async (i) => stores[i % 2]?.rotate(before.id, kit.rotation(before)))
    expectEqual(results.filter((result) => result?.outcome === 'rotated').length, 1, 'How many won?')
  }),

  sharedCase('shared: the change log has one order', 4, async (kit, second) => {
    const stores = [kit.store, second]
    await together(20, async (i) => stores[i % 2]?.endUser(`user ${i}`, kit.request()))
    const log = await kit.log()
    expectEqual(new Set(log.map(({ seq }) => seq)).size, 20)
    expectEqual(await second.changes(0), log)
  }),

  sharedCase('shared: closing one instance leaves the other at work', 15, async (kit, second) => {
    const before = await kit.add()
    await second.close()
    expectEqual(await kit.stored(before.id), before)
    await kit.add()
  }),

  sharedCase(
    'namespace: none sees, changes or ends what is in another',
    15,
    async (kit, second) => {
      const { add, stored, start, request, log } = kit
      const other = kitOf(second, start, 'the other namespace')
      const one = await add({ userId: 'ada', id: 'the same id' })
      const two = await other.add({ userId: 'ada', id: 'the same id' })
      expectEqual([await stored(one.id), await other.stored(two.id)], [one, two])
      expectEqual((await second.listUser('ada')).items, [two])
      const epoch = (await kit.store.userEpoch('ada')).epoch

      await second.update(two.id, { at: start, set: texts({ a: '1' }) })
      await second.endUser('ada', request())
      await second.endAll(request({ keepUntil: start }))
      await second.sweep(start + 13 * HOUR, { limit: 10, keepFor: HOUR })

      expectEqual(await stored(one.id), one)
      expectEqual((await kit.store.listUser('ada')).items, [one])
      expectEqual(await epochOf(kit.store, 'ada'), epoch)
      expectEqual(await log(), [])
    },
    'another namespace',
  ),
]
