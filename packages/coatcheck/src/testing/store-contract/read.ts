import { expectEqual } from '../assert.ts'
import { DAY, MINUTE, storeCase, texts } from './kit.ts'

export const readCases = [
  storeCase('read: null where there is none', 15, async ({ store, add }) => {
    await add()
    expectEqual(await store.read('no-such-session'), null)
  }),

  storeCase('read: an expired record is read as it is', 11, async ({ store, add, start }) => {
    const long = start - 400 * DAY
    const expired = await add({ createdAt: long, renewedAt: long, lastSeenAt: long, expiresAt: long + DAY })
    await add()
    expectEqual(await store.read(expired.id), expired)
  }),

  storeCase('read: an ended record is read with its reason', 11, async ({ store, add, request }) => {
    const { id } = await add({ userId: 'ada' })
    const asked = request({ reason: 'signed-out', note: 'by the button' })
    await store.end(id, asked)
    expectEqual((await store.read(id))?.ended, asked)
  }),

  storeCase('read: strict answers the same', 15, async ({ store, add, start }) => {
    const { id } = await add({ data: texts({ a: '1' }) })
    await store.update(id, { at: start, set: texts({ a: '2' }) })
    expectEqual(await store.read(id, { strict: true }), await store.read(id))
    expectEqual((await store.read(id, { strict: true }))?.data.get('a'), '2')
    expectEqual(await store.read('no-such-session', { strict: true }), null)
  }),

  storeCase('read: a record that was read is not changed by what comes later', 15, async (kit) => {
    const { store, add, stored, start, rotation, request } = kit
    const { id } = await add({ userId: 'ada', data: texts({ a: '1', b: '2' }) })
    await store.rotate(id, rotation(await stored(id)))
    const changes: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['update', () => store.update(id, { at: start, set: texts({ a: '3' }), unset: ['b'] })],
      ['touch', () => store.touch(id, start + MINUTE, { interval: 0, seen: 1 })],
      ['updateUser', () => store.updateUser('ada', { at: start, set: texts({ c: '4' }) })],
      ['rotate', async () => store.rotate(id, rotation(await stored(id)))],
      ['end', () => store.end(id, request())],
    ]
    for (const [name, change] of changes) {
      const before = await stored(id)
      const copy = structuredClone(before)
      await change()
      expectEqual(before, copy, `${name} changed a record that had been read.`)
      expectEqual((await stored(id)) === before, false, `${name} changed nothing.`)
    }
  }),

  storeCase('read: a record that was answered is not changed by what comes later', 15, async (kit) => {
    const { store, add, start, rotation, request } = kit
    const first = await add({ userId: 'ada', data: texts({ a: '1' }) })
    const result = await store.rotate(first.id, rotation(first))
    const [listed] = (await store.listUser('ada')).items
    const copies = structuredClone([result, listed])
    await store.update(first.id, { at: start, set: texts({ a: '2', b: '3' }) })
    await store.touch(first.id, start + MINUTE, { interval: 0, seen: 1 })
    await store.end(first.id, request())
    expectEqual([result, listed], copies)
  }),
]
