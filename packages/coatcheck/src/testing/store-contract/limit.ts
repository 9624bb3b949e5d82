import { isLive } from '../../core/record/lifecycle.ts'
import type { SessionRecord } from '../../core/record/record.ts'
import type { LimitStrategy, SessionLimit } from '../../core/store/store.ts'
import { expectEqual } from '../assert.ts'
import { ended, HOUR, ids, type Kit, MINUTE, SECOND, sorted, storeCase, texts, together, unnumbered } from './kit.ts'

const strategies: readonly LimitStrategy[] = ['refuse', 'end-oldest', 'end-idlest']

function limitOf({ start }: Kit, max: number, strategy: LimitStrategy): SessionLimit {
  return { max, strategy, keepUntil: start + 48 * HOUR }
}

/** Three sessions of one user: the oldest is the one seen last. */
async function three({ add, start }: Kit): Promise<readonly [SessionRecord, SessionRecord, SessionRecord]> {
  const data = texts({ a: '1' })
  return [
    await add({ userId: 'ada', data, createdAt: start - 3 * SECOND, lastSeenAt: start - SECOND }),
    await add({ userId: 'ada', data, createdAt: start - 2 * SECOND, lastSeenAt: start - 2 * SECOND }),
    await add({ userId: 'ada', data, createdAt: start - SECOND, lastSeenAt: start - 3 * SECOND }),
  ]
}

async function liveOf({ listed, start }: Kit, userId = 'ada'): Promise<readonly string[]> {
  return ids((await listed(userId)).filter((record) => isLive(record, start)))
}

const parallel = strategies.map((strategy) =>
  storeCase(`limit: 50 parallel creates with ${strategy} never leave more`, 9, async (kit) => {
    const { store, record, start } = kit
    const limit = limitOf(kit, 5, strategy)
    const results = await together(50, async (i) => {
      const at = start - 50 + i
      const result = await store.create(record({ userId: 'ada', createdAt: at, lastSeenAt: at }), { limit })
      return result.outcome
    })
    const created = results.filter((outcome) => outcome === 'created').length
    expectEqual(created, strategy === 'refuse' ? 5 : 50, 'How many were created?')
    expectEqual((await liveOf(kit)).length, 5, 'How many are alive?')
  }),
)

export const limitCases = [
  storeCase('limit: refuse leaves those that are there', 11, async (kit) => {
    const { store, record } = kit
    const present = await three(kit)
    const fourth = record({ userId: 'ada' })
    expectEqual(await store.create(fourth, { limit: limitOf(kit, 3, 'refuse') }), { outcome: 'limit' })
    expectEqual(await store.read(fourth.id), null)
    expectEqual(await kit.listed('ada'), present.toReversed())
    expectEqual(await kit.log(), [])
  }),

  storeCase('limit: up to the limit nobody is ended', 15, async (kit) => {
    await three(kit)
    for (const strategy of strategies) {
      const one = kit.record({ userId: 'ada' })
      const result = await kit.store.create(one, { limit: limitOf(kit, 4, strategy) })
      expectEqual(result, { outcome: 'created', ended: [] }, strategy)
      await kit.store.end(one.id, kit.request())
    }
    expectEqual((await liveOf(kit)).length, 3)
  }),

  storeCase('limit: end-oldest ends by createdAt and says whom', 11, async (kit) => {
    const [oldest, second, third] = await three(kit)
    const fourth = kit.record({ userId: 'ada' })
    const limit = limitOf(kit, 3, 'end-oldest')
    const ending = { at: kit.start, reason: 'limit', note: null, keepUntil: limit.keepUntil } as const
    expectEqual(await kit.store.create(fourth, { limit }), { outcome: 'created', ended: [ended(oldest, ending)] })
    expectEqual(await kit.stored(oldest.id), ended(oldest, ending))
    expectEqual(await kit.listed('ada'), [fourth, third, second])
  }),

  storeCase('limit: end-idlest ends by lastSeenAt', 11, async (kit) => {
    const [first, second, idlest] = await three(kit)
    const fourth = kit.record({ userId: 'ada' })
    const result = await kit.store.create(fourth, { limit: limitOf(kit, 3, 'end-idlest') })
    expectEqual(result.outcome === 'created' && ids(result.ended), [idlest.id])
    expectEqual((await kit.stored(idlest.id)).ended?.reason, 'limit')
    expectEqual(await kit.listed('ada'), [fourth, second, first])
  }),

  storeCase('limit: as many are ended as needed', 15, async (kit) => {
    const present = await three(kit)
    const fourth = kit.record({ userId: 'ada' })
    const result = await kit.store.create(fourth, { limit: limitOf(kit, 1, 'end-oldest') })
    expectEqual(sorted(result.outcome === 'created' ? ids(result.ended) : []), sorted(ids(present)))
    expectEqual(await liveOf(kit), [fourth.id])
  }),

  storeCase('limit: each one ended is in the change log', 11, async (kit) => {
    const [oldest] = await three(kit)
    const limit = limitOf(kit, 3, 'end-oldest')
    await kit.store.create(kit.record({ userId: 'ada' }), { limit })
    const entry = {
      kind: 'ended',
      scope: 'session',
      subject: oldest.id,
      at: kit.start,
      reason: 'limit',
      keepUntil: limit.keepUntil,
    }
    expectEqual(unnumbered(await kit.log()), [entry])
  }),

  storeCase('limit: what has ended does not count', 15, async (kit) => {
    const [first] = await three(kit)
    await kit.store.end(first.id, kit.request())
    await kit.add({ userId: 'ada' }, { limit: limitOf(kit, 3, 'refuse') })
  }),

  storeCase('limit: what has expired does not count, to the millisecond', 7, async (kit) => {
    const { store, start, add, record, stored } = kit
    const idle = await add({ userId: 'ada', lastSeenAt: start - 30 * MINUTE })
    const absolute = await add({ userId: 'ada', expiresAt: start })
    const limit = limitOf(kit, 1, 'refuse')
    const before = record({ userId: 'ada', createdAt: start - 1 })
    expectEqual(await store.create(before, { limit }), { outcome: 'limit' }, 'A millisecond before the deadlines.')
    expectEqual((await store.create(record({ userId: 'ada' }), { limit })).outcome, 'created', 'At the deadlines.')
    for (const { id } of [idle, absolute]) expectEqual((await stored(id)).ended?.reason === 'limit', false)
  }),

  storeCase('limit: other users and the anonymous do not count', 15, async (kit) => {
    await kit.add({ userId: 'bob' })
    await kit.add()
    for (const strategy of strategies) {
      const limit = limitOf(kit, 1, strategy)
      const result = await kit.store.create(kit.record({ userId: `ada ${strategy}` }), { limit })
      expectEqual(result, { outcome: 'created', ended: [] }, strategy)
    }
    expectEqual((await liveOf(kit, 'bob')).length, 1)
  }),

  storeCase('limit: activity is what makes one less idle', 15, async (kit) => {
    const [first, second, idlest] = await three(kit)
    await kit.store.touch(idlest.id, kit.start + SECOND, { interval: 0 })
    const result = await kit.store.create(kit.record({ userId: 'ada', createdAt: kit.start + 2 * SECOND }), {
      limit: limitOf(kit, 3, 'end-idlest'),
    })
    expectEqual(result.outcome === 'created' && ids(result.ended), [second.id])
    expectEqual((await kit.stored(first.id)).ended, null)
  }),

  ...parallel,
]
