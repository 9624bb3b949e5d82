import type { EndReason } from '../../core/record/record.ts'
import { expectEqual } from '../assert.ts'
import { fullRecord } from './create.ts'
import { DAY, ended, HOUR, type Kit, MINUTE, storeCase, texts, together, unnumbered } from './kit.ts'

const reasons: readonly EndReason[] = [
  'idle',
  'absolute',
  'signed-out',
  'revoked',
  'replaced',
  'limit',
  'reused',
  'binding',
]

export const endCases = [
  storeCase('end: what the application put in goes, what tells its holder why stays', 11, async (kit) => {
    const before = fullRecord(kit)
    await kit.store.create(before)
    const request = kit.request({ reason: 'signed-out', note: 'by the button' })
    const after = ended(before, request)
    expectEqual(await kit.store.end(before.id, request), { outcome: 'ended', record: after })
    expectEqual(await kit.stored(before.id), after)
  }),

  storeCase('end: every reason is kept', 11, async ({ store, add, stored, request }) => {
    for (const reason of reasons) {
      const { id } = await add()
      await store.end(id, request({ reason }))
      expectEqual((await stored(id)).ended?.reason, reason)
    }
  }),

  storeCase('end: the first ending counts', 4, async ({ store, add, stored, request, start, log }) => {
    const { id } = await add({ userId: 'ada' })
    const first = request({ reason: 'signed-out', note: 'first' })
    await store.end(id, first)
    const record = await stored(id)
    const second = { at: start + HOUR, reason: 'revoked', note: 'second', keepUntil: start + 30 * DAY } as const
    expectEqual(await store.end(id, second), { outcome: 'already', record })
    expectEqual((await stored(id)).ended, first)
    expectEqual((await log()).length, 1, 'How many entries are in the log?')
  }),

  storeCase('end: a missing record is missing, and nothing is written', 9, async ({ store, request, log }) => {
    expectEqual(await store.end('no-such-session', request()), { outcome: 'missing' })
    expectEqual(await store.read('no-such-session'), null)
    expectEqual(await log(), [])
  }),

  storeCase('end: an expired record is ended like a live one', 11, async ({ store, add, stored, request, start }) => {
    const expired = await add({ expiresAt: start + MINUTE })
    const late = request({ at: start + HOUR })
    expectEqual(await store.end(expired.id, late), { outcome: 'ended', record: ended(expired, late) })
    expectEqual((await stored(expired.id)).ended, late)
  }),

  storeCase('end: it is in the change log as soon as it is answered', 11, async (kit) => {
    const { store, add, request, log, start } = kit
    const { id } = await add({ userId: 'ada' })
    await store.end(id, request({ note: 'not for the log' }))
    const entry = {
      kind: 'ended',
      scope: 'session',
      subject: id,
      at: start + MINUTE,
      reason: 'revoked',
      keepUntil: start + 7 * DAY,
    }
    expectEqual(unnumbered(await log()), [entry])
  }),

  storeCase('end: no other record is touched', 15, async ({ store, add, stored, request }) => {
    const others = [await add({ userId: 'ada' }), await add({ userId: 'bob' }), await add()]
    const { id } = await add({ userId: 'ada' })
    await store.end(id, request())
    for (const other of others) expectEqual(await stored(other.id), other)
    expectEqual((await store.listUser('ada')).items, [others[0]])
  }),

  storeCase('end: nothing brings an ended record back', 4, async (kit) => {
    const { store, stored, request, rotation, start } = kit
    const before = await kit.add({ userId: 'ada', data: texts({ a: '1' }), binding: 'key-1' })
    await store.end(before.id, request({ at: start }))
    const after = await stored(before.id)
    for (const at of [start - MINUTE, start, start + MINUTE]) await tryAll(kit, before.id, at)
    await store.rotate(before.id, rotation(before, { predecessor: null }))
    await store.create(before)
    await store.sweep(start + MINUTE, { limit: 10, keepFor: HOUR })
    expectEqual(await stored(before.id), after)
    expectEqual((await store.listUser('ada')).items, [])
  }),

  storeCase(
    'end: of parallel ones the first counts, for all of them',
    4,
    async ({ store, add, stored, request, log }) => {
      const { id } = await add({ userId: 'ada' })
      const results = await together(20, (i) => store.end(id, request({ note: `caller ${i}` })))
      const record = await stored(id)
      const winners = results.flatMap(({ outcome }, i) => (outcome === 'ended' ? [`caller ${i}`] : []))
      expectEqual(winners, [record.ended?.note], 'Who ended it?')
      for (const result of results)
        expectEqual(result, { outcome: result.outcome === 'ended' ? 'ended' : 'already', record })
      expectEqual((await log()).length, 1, 'How many entries are in the log?')
    },
  ),
]

async function tryAll({ store }: Kit, id: string, at: number): Promise<void> {
  await store.update(id, { at, set: texts({ a: '2' }), fields: { binding: 'key-2', schema: 5 } })
  await store.touch(id, at, { interval: 0, seen: 0 })
  await store.updateUser('ada', { at, set: texts({ a: '3' }) })
}
