import type { SessionRecord } from '../../core/record/record.ts'
import { expectEqual } from '../assert.ts'
import { epochOf, HOUR, ids, type Kit, MINUTE, storeCase, texts, together } from './kit.ts'

/** A record in which no field has the value that a forgetful store would give it. */
export function fullRecord({ record, start, random }: Kit): SessionRecord {
  return record({
    kind: 'jwt',
    userId: 'ada',
    generation: 7,
    minGeneration: 5,
    predecessor: { hash: random.bytes(32), nonce: null, keyId: 'k2', seenAt: start + 4 },
    data: texts({ cart: '["hat"]', role: '"user"' }),
    schema: 3,
    createdAt: start - HOUR,
    authenticatedAt: start - MINUTE,
    renewedAt: start + 2,
    lastSeenAt: start + 5,
    idleFor: null,
    persistent: true,
    expiresAt: start + HOUR,
    assurance: { level: 2, methods: ['pwd', 'otp'] },
    client: { address: '192.0.2.7', userAgent: 'Mozilla/5.0', label: 'Firefox on Windows' },
    binding: '{"kind":"dbsc"}',
    version: 11,
  })
}

const raisers: readonly (readonly [string, (kit: Kit) => Promise<unknown>])[] = [
  ['endUser', ({ store, request }) => store.endUser('ada', request())],
  ['updateUser', ({ store, start }) => store.updateUser('ada', { at: start, set: texts({ role: '"user"' }) })],
  ['endAll', ({ store, request }) => store.endAll(request())],
]

const afterRaise = raisers.map(([name, raise]) =>
  storeCase(`create: user-changed after ${name}`, 4, async (kit) => {
    const { store, record } = kit
    const ifUserEpoch = (await store.userEpoch('ada')).epoch
    await raise(kit)
    const late = record({ userId: 'ada' })
    expectEqual(await store.create(late, { ifUserEpoch }), { outcome: 'user-changed' })
    expectEqual(await store.read(late.id), null)
    expectEqual((await store.listUser('ada')).items, [])
    const fresh = (await store.userEpoch('ada')).epoch
    expectEqual((await store.create(late, { ifUserEpoch: fresh })).outcome, 'created')
  }),
)

export const createCases = [
  storeCase('create: a bare record is read as it was given', 15, async ({ add, stored }) => {
    const bare = await add()
    expectEqual(await stored(bare.id), bare)
  }),

  storeCase('create: a full record is read as it was given', 15, async (kit) => {
    const full = fullRecord(kit)
    expectEqual(await kit.store.create(full), { outcome: 'created', ended: [] })
    expectEqual(await kit.stored(full.id), full)
    expectEqual((await kit.store.listUser('ada')).items, [full])
  }),

  storeCase('create: a taken id is not overwritten', 4, async ({ store, add, record, stored, start }) => {
    const first = await add({ userId: 'ada', data: texts({ a: '1' }) })
    const second = record({ id: first.id, userId: 'bob', createdAt: start + 1 })
    expectEqual(await store.create(second), { outcome: 'taken' })
    expectEqual(await stored(first.id), first)
    expectEqual((await store.listUser('bob')).items, [])
  }),

  storeCase('create: the id of an expired record is taken', 4, async ({ store, add, record, stored, start }) => {
    const first = await add()
    const second = record({ id: first.id, createdAt: start + 13 * HOUR, expiresAt: start + 25 * HOUR })
    expectEqual(await store.create(second), { outcome: 'taken' })
    expectEqual(await stored(first.id), first)
  }),

  storeCase('create: an ended record does not come back', 4, async ({ store, add, stored, request, record }) => {
    const first = await add({ userId: 'ada' })
    await store.end(first.id, request())
    const after = await stored(first.id)
    expectEqual(await store.create(first), { outcome: 'taken' }, 'The same record again.')
    expectEqual(await store.create(record({ id: first.id, userId: 'ada' })), { outcome: 'taken' }, 'Another one.')
    expectEqual(await stored(first.id), after)
  }),

  storeCase('create: repeated, it answers created and changes nothing', 15, async ({ store, add, stored, start }) => {
    const first = await add({ userId: 'ada' })
    await store.update(first.id, { at: start, set: texts({ a: '1' }) })
    const changed = await stored(first.id)
    expectEqual(await store.create(first), { outcome: 'created', ended: [] })
    expectEqual(await stored(first.id), changed)
    expectEqual(ids((await store.listUser('ada')).items), [first.id])
  }),

  storeCase('create: repeated, it is not one more for the limit', 15, async ({ store, add, stored, start }) => {
    for (const strategy of ['refuse', 'end-oldest', 'end-idlest'] as const) {
      const limit = { max: 1, strategy, keepUntil: start + HOUR }
      const first = await add({ userId: strategy }, { limit })
      expectEqual(await store.create(first, { limit }), { outcome: 'created', ended: [] }, strategy)
      expectEqual(await stored(first.id), first, strategy)
    }
  }),

  storeCase('create: of parallel ones with one id, one is created', 4, async ({ store, record, stored }) => {
    const rivals = Array.from({ length: 20 }, () => record({ id: 'the-one-id', userId: 'ada' }))
    const results = await together(rivals.length, (i) => store.create(rivals[i] as SessionRecord))
    const winners = rivals.filter((_, i) => results[i]?.outcome === 'created')
    expectEqual(winners.length, 1, 'How many were created?')
    expectEqual([await stored('the-one-id')], winners)
  }),

  storeCase(
    'create: the present user epoch lets it pass, one of before does not',
    4,
    async ({ store, record, add }) => {
      const epoch = (await store.userEpoch('ada')).epoch
      await add({ userId: 'ada' }, { ifUserEpoch: epoch })
      const refused = record({ userId: 'ada' })
      expectEqual(await store.create(refused, { ifUserEpoch: epoch - 1 }), { outcome: 'user-changed' })
      expectEqual(await store.read(refused.id), null)
    },
  ),

  storeCase(
    'create: repeated after the epoch was raised, it is created as before',
    4,
    async ({ store, record, start, stored }) => {
      const one = record({ userId: 'ada' })
      const conditions = { ifUserEpoch: await epochOf(store, 'ada') }
      await store.create(one, conditions)
      await store.updateUser('ada', { at: start, set: texts({ a: '1' }) })
      const after = await stored(one.id)
      expectEqual(await store.create(one, conditions), { outcome: 'created', ended: [] })
      expectEqual(await stored(one.id), after)
    },
  ),

  storeCase('create: times and lengths are kept to the millisecond', 15, async ({ add, stored, start }) => {
    const one = await add({
      createdAt: start + 1,
      renewedAt: start + 12,
      lastSeenAt: start + 123,
      authenticatedAt: start + 1_234,
      idleFor: 1_800_001,
      expiresAt: start + 43_200_007,
    })
    expectEqual(await stored(one.id), one)
  }),

  storeCase('create: the epoch of another user does not matter', 15, async ({ store, add, request }) => {
    const ifUserEpoch = (await store.userEpoch('ada')).epoch
    await store.endUser('bob', request())
    await add({ userId: 'ada' }, { ifUserEpoch })
  }),

  ...afterRaise,

  storeCase(
    'create: refused, it ends nobody and leaves no trace',
    15,
    async ({ store, add, record, stored, log, start }) => {
      const first = await add({ userId: 'ada' })
      const limit = { max: 1, strategy: 'end-oldest', keepUntil: start + HOUR } as const
      const epoch = (await store.userEpoch('ada')).epoch
      const changed = await store.create(record({ userId: 'ada' }), { ifUserEpoch: epoch - 1, limit })
      const taken = await store.create(record({ id: first.id, userId: 'ada' }), { limit })
      expectEqual([changed.outcome, taken.outcome], ['user-changed', 'taken'])
      expectEqual(await stored(first.id), first)
      expectEqual(await log(), [])
    },
  ),
]
