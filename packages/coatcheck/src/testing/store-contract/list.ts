import { expectEqual, expectTrue } from '../assert.ts'
import { nastyStrings } from '../nasty.ts'
import { ids, type Kit, MINUTE, sorted, storeCase, texts, together } from './kit.ts'

/** `count` sessions of Ada's, each a millisecond newer than the one before. */
async function many({ add, start }: Kit, count: number): Promise<readonly string[]> {
  const added: string[] = []
  for (let i = 0; i < count; i++) added.push((await add({ userId: 'ada', createdAt: start - count + i })).id)
  return added
}

const paging = [1, 2, 250].flatMap((count) =>
  [1, 2, 100].map((limit) =>
    storeCase(`listUser: ${count} in pages of ${limit}, newest first`, 13, async (kit) => {
      const added = await many(kit, count)
      expectEqual(ids(await kit.listed('ada', limit)), added.toReversed())
    }),
  ),
)

export const listCases = [
  storeCase("listUser: nobody's list is empty", 15, async ({ store, add }) => {
    await add({ userId: 'ada' })
    expectEqual(await store.listUser('bob'), { items: [], cursor: null })
  }),

  storeCase("listUser: the user's own records as they are, no one else's, none that has ended", 13, async (kit) => {
    const { store, add, stored, start, request, rotation, listed } = kit
    const old = await add({ userId: 'ada', createdAt: start - 2, data: texts({ a: '1' }) })
    const ended = await add({ userId: 'ada', createdAt: start - 1 })
    const young = await add({ userId: 'ada' })
    await add({ userId: 'bob' })
    await add({ userId: 'ada ' })
    await add()
    await store.end(ended.id, request())
    await store.rotate(old.id, rotation(old))
    await store.update(old.id, { at: start, set: texts({ b: '2' }) })
    await store.touch(old.id, start + MINUTE, { interval: 0 })
    expectEqual(await listed('ada'), [young, await stored(old.id)])
  }),

  ...paging,

  storeCase('listUser: pages of the size that the store thinks right', 13, async (kit) => {
    const added = await many(kit, 250)
    expectEqual(ids(await kit.listed('ada')), added.toReversed())
  }),

  storeCase('listUser: those begun in the same millisecond are all there', 13, async ({ add, listed }) => {
    const added: string[] = []
    for (let i = 0; i < 25; i++) added.push((await add({ userId: 'ada' })).id)
    for (const limit of [1, 2, 10]) expectEqual(sorted(ids(await listed('ada', limit))), sorted(added), `By ${limit}.`)
  }),

  storeCase('listUser: those begun in the same millisecond with any ids, page by page', 13, async ({ add, listed }) => {
    for (const id of nastyStrings) await add({ userId: 'ada', id })
    for (const limit of [1, 3]) {
      expectEqual(sorted(ids(await listed('ada', limit))), sorted(nastyStrings), `By ${limit}.`)
    }
  }),

  storeCase('listUser: an ending between two pages hides no other session', 13, async (kit) => {
    const { store, request } = kit
    const added = (await many(kit, 9)).toReversed()
    const first = await store.listUser('ada', { limit: 3 })
    expectTrue(first.cursor !== null, 'There is more than one page.')
    for (const id of added.slice(0, 4)) await store.end(id, request())
    const second = await store.listUser('ada', { limit: 10, cursor: first.cursor })
    expectEqual(ids(second.items), added.slice(4))
  }),

  storeCase('listUser: a beginning between two pages shows no session twice', 13, async (kit) => {
    const { store, add, start } = kit
    const added = (await many(kit, 9)).toReversed()
    const first = await store.listUser('ada', { limit: 3 })
    for (let i = 1; i <= 4; i++) await add({ userId: 'ada', createdAt: start + i })
    const second = await store.listUser('ada', { limit: 10, cursor: first.cursor })
    expectEqual(ids([...first.items, ...second.items]), added)
  }),

  storeCase('listUser: parallel beginnings are all there', 4, async ({ add, listed }) => {
    const added = await together(50, () => add({ userId: 'ada' }))
    expectEqual(sorted(ids(await listed('ada'))), sorted(ids(added)))
  }),

  storeCase('listUser: a session is listed as soon as it can be read', 4, async ({ store, record, listed }) => {
    for (let round = 0; round < 20; round++) {
      const one = record({ userId: 'ada' })
      const creating = store.create(one)
      while ((await store.read(one.id)) === null);
      expectEqual(ids(await listed('ada')).includes(one.id), true, 'It could be read and was not listed.')
      await creating
    }
  }),
]
