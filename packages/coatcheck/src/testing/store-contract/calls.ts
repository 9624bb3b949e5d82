import { hasStats } from '../../core/store/capabilities.ts'
import type { CallOptions, Store } from '../../core/store/store.ts'
import { StoreTimeoutError } from '../../errors.ts'
import { expectEqual, expectThrows, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import { DAY, type Kit, kitOf, MINUTE, type StoreContext, storeCase, texts } from './kit.ts'

type Call = (kit: Kit, id: string, options: CallOptions) => Promise<unknown>

/** Each call is one that would change or find something. */
const calls: readonly (readonly [Exclude<keyof Store, 'name' | 'namespace' | 'guarantees' | 'close'>, Call])[] = [
  ['create', ({ store, record }, _, options) => store.create(record({ userId: 'ada' }), {}, options)],
  ['read', ({ store }, id, options) => store.read(id, options)],
  ['update', ({ store, start }, id, options) => store.update(id, { at: start, set: texts({ a: '2' }) }, {}, options)],
  ['rotate', async ({ store, rotation, stored }, id, options) => store.rotate(id, rotation(await stored(id)), options)],
  ['touch', ({ store, start }, id, options) => store.touch(id, start + MINUTE, { interval: 0 }, options)],
  ['end', ({ store, request }, id, options) => store.end(id, request(), options)],
  ['endUser', ({ store, request }, _, options) => store.endUser('ada', request(), options)],
  [
    'updateUser',
    ({ store, start }, _, options) => store.updateUser('ada', { at: start, set: texts({ a: '3' }) }, options),
  ],
  ['endAll', ({ store, request }, _, options) => store.endAll(request(), options)],
  ['userEpoch', ({ store }, _, options) => store.userEpoch('ada', options)],
  ['listUser', ({ store }, _, options) => store.listUser('ada', {}, options)],
  ['changes', ({ store }, _, options) => store.changes(0, {}, options)],
  ['sweep', ({ store, start }, _, options) => store.sweep(start + DAY, { limit: 10, keepFor: DAY }, options)],
]

const aborted = calls.map(([method, call]) =>
  storeCase(`signal: an aborted ${method} is a timeout that changed nothing`, 8, async (kit) => {
    const { id } = await kit.add({ userId: 'ada', data: texts({ a: '1' }) })
    const everything = async () => [
      await kit.listed('ada'),
      await kit.stored(id),
      (await kit.store.userEpoch('ada')).epoch,
      await kit.log(),
    ]
    const before = await everything()
    const error = await expectThrows('ERR_STORE_TIMEOUT', () => call(kit, id, { signal: AbortSignal.abort() }))
    expectTrue(error instanceof StoreTimeoutError, 'The error has another class.')
    expectEqual([error.operation, error.outcome], [method, 'none'])
    expectEqual(await everything(), before)
  }),
)

const unaborted = storeCase('signal: one that is not aborted changes nothing about the answer', 8, async (kit) => {
  const { id } = await kit.add({ userId: 'ada' })
  const { signal } = new AbortController()
  expectEqual((await kit.store.read(id, { signal }))?.id, id)
  const change = { at: kit.start, set: texts({ a: '1' }) }
  expectEqual(await kit.store.update(id, change, {}, { signal }), { outcome: 'updated', version: 1 })
})

const stats: Case<StoreContext> = {
  name: 'stats: counts the anonymous, the signed-in and the ended',
  promise: null,
  skipFor: ({ store }) => (hasStats(store) ? null : 'The store has no stats.'),
  async run(context) {
    const { store } = context
    const { start, add, request } = kitOf(store, context.start)
    expectTrue(hasStats(store), 'The store has no stats.')
    expectEqual(await store.stats(), { anonymous: 0, signedIn: 0, ended: 0 })
    const first = await add({ userId: 'ada' })
    for (const userId of ['ada', 'bob', null, null]) await add({ userId })
    expectEqual(await store.stats(), { anonymous: 2, signedIn: 3, ended: 0 })
    await store.end(first.id, request())
    expectEqual(await store.stats(), { anonymous: 2, signedIn: 2, ended: 1 })
    // What is said again, or finds nothing, counts nothing.
    await store.end(first.id, request())
    await store.end('nobody', request())
    await store.create(first)
    expectEqual(await store.stats(), { anonymous: 2, signedIn: 2, ended: 1 })
    const brief = await add({ idleFor: MINUTE })
    expectEqual((await store.sweep(start + MINUTE, { limit: 100, keepFor: 0 })).expired[0]?.id, brief.id)
    while ((await store.sweep(start + MINUTE, { limit: 100, keepFor: 0 })).removed > 0);
    expectEqual(await store.stats(), { anonymous: 2, signedIn: 2, ended: 1 })
    await store.endAll(request())
    expectEqual(await store.stats(), { anonymous: 0, signedIn: 0, ended: 5 })
  },
}

export const callCases: readonly Case<StoreContext>[] = [
  storeCase('store: says what it is', 15, async ({ store }) => {
    expectTrue(store.name.length > 0, 'It has no name.')
    const { durable, shared, bounded } = store.guarantees
    expectEqual([typeof durable, typeof shared, typeof bounded], ['boolean', 'boolean', 'boolean'])
  }),
  ...aborted,
  unaborted,
  stats,
  storeCase('close: twice does no harm', null, async ({ store, add }) => {
    await add()
    await store.close()
    await store.close()
  }),
]
