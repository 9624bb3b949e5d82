import type { SessionRecord } from '../../core/record/record.ts'
import { expectEqual, expectTrue } from '../assert.ts'
import { DAY, ended, HOUR, ids, type Kit, MINUTE, sorted, storeCase, texts } from './kit.ts'

const NOTHING = { expired: [], removed: 0, more: false } as const
const BATCH = { limit: 100, keepFor: HOUR } as const

const idleAfter = ({ add, start }: Kit, ms: number, userId: string | null = null) =>
  add({ userId, idleFor: ms, data: texts({ a: '1' }), binding: 'key-1', client: clientOf(start) })

const clientOf = (start: number) => ({ address: '192.0.2.1', userAgent: `Browser of ${start}`, label: null })

export const sweepCases = [
  storeCase('sweep: nothing to do', 14, async ({ store, add, start }) => {
    expectEqual(await store.sweep(start, BATCH), NOTHING)
    await add({ userId: 'ada' })
    expectEqual(await store.sweep(start, BATCH), NOTHING)
  }),

  storeCase('sweep: both sides of the idle timeout', 14, async (kit) => {
    const { store, stored, start } = kit
    const before = await idleAfter(kit, MINUTE, 'ada')
    expectEqual(await store.sweep(start + MINUTE - 1, BATCH), NOTHING)
    expectEqual(await stored(before.id), before)
    const after = ended(before, { at: start + MINUTE, reason: 'idle', note: null, keepUntil: start + MINUTE + HOUR })
    expectEqual((await store.sweep(start + MINUTE, BATCH)).expired, [after])
    expectEqual(await stored(before.id), after)
    expectEqual((await store.listUser('ada')).items, [])
  }),

  storeCase('sweep: both sides of the absolute timeout', 14, async ({ store, add, stored, start }) => {
    const before = await add({ idleFor: null, expiresAt: start + HOUR, data: texts({ a: '1' }) })
    expectEqual(await store.sweep(start + HOUR - 1, BATCH), NOTHING)
    const after = ended(before, { at: start + HOUR, reason: 'absolute', note: null, keepUntil: start + 2 * HOUR })
    expectEqual((await store.sweep(start + HOUR, BATCH)).expired, [after])
    expectEqual(await stored(before.id), after)
  }),

  storeCase('sweep: the ending is as of the deadline, however late the sweep', 11, async (kit) => {
    const { id } = await idleAfter(kit, MINUTE)
    await kit.store.sweep(kit.start + DAY, { limit: 100, keepFor: 30 * DAY })
    const deadline = kit.start + MINUTE
    const ending = { at: deadline, reason: 'idle', note: null, keepUntil: deadline + 30 * DAY }
    expectEqual((await kit.stored(id)).ended, ending)
  }),

  storeCase('sweep: activity puts the deadline off', 14, async (kit) => {
    const { id } = await idleAfter(kit, MINUTE)
    await kit.store.touch(id, kit.start + MINUTE - 1, { interval: 0 })
    expectEqual(await kit.store.sweep(kit.start + 2 * MINUTE - 2, BATCH), NOTHING)
    expectEqual(ids((await kit.store.sweep(kit.start + 2 * MINUTE - 1, BATCH)).expired), [id])
  }),

  storeCase('sweep: an authentication moves the deadline', 14, async ({ store, add, start, rotation }) => {
    const before = await add({ userId: 'ada', idleFor: null, expiresAt: start + HOUR })
    const assurance = { level: 1, methods: ['pwd'] }
    const authentication = { assurance, expiresAt: start + 2 * HOUR, idleFor: null, persistent: false }
    await store.rotate(before.id, rotation(before, { predecessor: null, authentication, logUntil: start + DAY }))
    expectEqual(await store.sweep(start + 2 * HOUR - 1, BATCH), NOTHING)
    expectEqual(ids((await store.sweep(start + 2 * HOUR, BATCH)).expired), [before.id])
  }),

  storeCase('sweep: never a live one', 4, async (kit) => {
    const live: SessionRecord[] = []
    const dead: string[] = []
    for (let i = 0; i < 40; i++) {
      const record = await idleAfter(kit, MINUTE + i, i % 3 === 0 ? null : `user ${i % 4}`)
      if (i < 20) dead.push(record.id)
      else live.push(record)
    }
    expectEqual(sorted((await sweepAll(kit, kit.start + MINUTE + 19, 7)).expired), sorted(dead))
    for (const record of live) expectEqual(await kit.stored(record.id), record)
  }),

  storeCase('sweep: an ended record goes when its keepUntil has come, not before', 14, async (kit) => {
    const { store, add, request, start } = kit
    const { id } = await add({ userId: 'ada' })
    await store.end(id, request({ keepUntil: start + DAY }))
    const before = await kit.stored(id)
    expectEqual(await store.sweep(start + DAY - 1, BATCH), NOTHING)
    expectEqual(await kit.stored(id), before)
    expectEqual((await kit.log()).length, 1)
    expectEqual(
      await store.sweep(start + DAY, BATCH),
      { ...NOTHING, removed: 2 },
      'The record and its entry in the log.',
    )
    expectEqual(await store.read(id), null)
    expectEqual(await kit.log(), [])
    expectEqual(await store.end(id, request()), { outcome: 'missing' })
  }),

  storeCase('sweep: an expired record goes keepFor after its deadline', 14, async (kit) => {
    const { id } = await idleAfter(kit, MINUTE)
    const last = kit.start + MINUTE + HOUR
    await kit.store.sweep(kit.start + MINUTE, BATCH)
    await kit.store.sweep(last - 1, BATCH)
    expectEqual((await kit.stored(id)).ended?.reason, 'idle')
    await kit.store.sweep(last, BATCH)
    expectEqual(await kit.store.read(id), null)
  }),

  storeCase(
    'sweep: entries of users and of all go by their own keepUntil',
    14,
    async ({ store, request, start, log }) => {
      await store.endUser('ada', request({ keepUntil: start + 3 * DAY }))
      await store.endAll(request({ keepUntil: start + 2 * DAY }))
      await store.endUser('bob', request({ keepUntil: start + DAY }))
      const left = async (at: number) => {
        await store.sweep(at, BATCH)
        return (await log()).map(({ subject }) => subject)
      }
      expectEqual(await left(start + DAY - 1), ['ada', null, 'bob'])
      expectEqual(await left(start + DAY), ['ada', null])
      expectEqual(await left(start + 2 * DAY), ['ada'])
      expectEqual(await left(start + 3 * DAY), [])
    },
  ),

  storeCase('sweep: small batches until there is no more', 14, async (kit) => {
    const { store, start, request } = kit
    const expired: string[] = []
    for (let i = 0; i < 25; i++) expired.push((await idleAfter(kit, MINUTE)).id)
    for (let i = 0; i < 25; i++) await store.end((await idleAfter(kit, DAY)).id, request({ keepUntil: start + 1 }))
    const swept = await sweepAll(kit, start + MINUTE, 10)
    expectEqual(sorted(swept.expired), sorted(expired))
    expectEqual(swept.removed, 50, '25 records and 25 entries of the log.')
    expectEqual(await store.sweep(start + MINUTE, { limit: 10, keepFor: HOUR }), NOTHING)
  }),

  storeCase('sweep: two at once expire each record once', 11, async (kit) => {
    const expired: string[] = []
    for (let i = 0; i < 20; i++) expired.push((await idleAfter(kit, MINUTE)).id)
    const at = kit.start + MINUTE
    const results = await Promise.all([kit.store.sweep(at, BATCH), kit.store.sweep(at, BATCH)])
    expectEqual(sorted(results.flatMap((result) => ids(result.expired))), sorted(expired))
  }),

  storeCase('sweep: against a touch in the last millisecond one of the two wins', 4, async (kit) => {
    for (let round = 0; round < 20; round++) {
      const { id } = await idleAfter(kit, MINUTE)
      const at = kit.start + MINUTE
      const touch = () => kit.store.touch(id, at - 1, { interval: 0 })
      const sweep = () => kit.store.sweep(at, BATCH)
      const { touched, swept } = await race(round % 2 === 0, touch, sweep)
      const won = touched === 'touched'
      const alive = (await kit.stored(id)).ended === null
      expectEqual(
        { alive, expired: ids(swept.expired) },
        { alive: won, expired: won ? [] : [id] },
        `It was ${touched}.`,
      )
      await kit.store.end(id, kit.request())
    }
  }),
]

/** Both at once, the touch a step ahead or behind. */
async function race<T, S>(touchFirst: boolean, touch: () => Promise<T>, sweep: () => Promise<S>) {
  const before = touchFirst ? touch() : null
  const sweeping = sweep()
  const [touched, swept] = await Promise.all([before ?? touch(), sweeping])
  return { touched, swept }
}

/** More batches than anything in these cases takes. */
const MOST_BATCHES = 100

async function sweepAll({ store }: Kit, now: number, limit: number) {
  const expired: string[] = []
  let removed = 0
  for (let batches = 1; batches <= MOST_BATCHES; batches++) {
    const swept = await store.sweep(now, { limit, keepFor: HOUR })
    expectTrue(swept.expired.length <= limit, `${swept.expired.length} expired in a batch of ${limit}.`)
    expectTrue(swept.removed <= 2 * limit, `${swept.removed} removed in a batch of ${limit}.`)
    expired.push(...ids(swept.expired))
    removed += swept.removed
    if (!swept.more) return { expired, removed }
  }
  throw new Error(`The sweep was not over after ${MOST_BATCHES} batches.`)
}
