import type { SessionRecord } from '../../core/record/record.ts'
import { expectEqual } from '../assert.ts'
import { show } from '../compare.ts'
import { nastyNoJson, nastyStrings, nastyTexts } from '../nasty.ts'
import { epochOf, HOUR, ids, type Kit, MINUTE, sorted, storeCase, texts, unnumbered } from './kit.ts'

/** Puts each text in by `create`, by `update` and by `rotate`, and reads it back. */
async function expectTextsKept(kit: Kit, given: readonly string[]): Promise<void> {
  const data = new Map(given.map((text, i) => [`key ${i}`, text]))
  const created = await kit.add({ data })
  expectEqual(await kit.stored(created.id), created, 'By create.')

  const { id } = await kit.add({ userId: 'ada' })
  for (const [key, text] of data) await kit.store.update(id, { at: kit.start, set: new Map([[key, text]]) })
  expectEqual((await kit.stored(id)).data, data, 'By update.')

  await kit.store.updateUser('ada', { at: kit.start, set: new Map([...data].toReversed()) })
  expectEqual((await kit.stored(id)).data, data, 'By updateUser.')

  const rotated = await kit.add({ userId: 'bob' })
  const authentication = {
    assurance: { level: 1, methods: [] },
    expiresAt: kit.start + HOUR,
    idleFor: null,
    persistent: false,
    set: data,
  }
  await kit.store.rotate(rotated.id, kit.rotation(rotated, { predecessor: null, authentication }))
  expectEqual((await kit.stored(rotated.id)).data, data, 'By rotate.')
}

export const opaqueCases = [
  storeCase('opaque: JSON texts are returned as they were given', 15, (kit) => expectTextsKept(kit, nastyTexts)),

  storeCase('opaque: texts that are no JSON are returned as they were given', 15, (kit) =>
    expectTextsKept(kit, nastyNoJson),
  ),

  storeCase('opaque: keys are any strings', 15, async (kit) => {
    const { store, add, stored, start } = kit
    const data = new Map(nastyStrings.map((key, i) => [key, String(i)]))
    const { id } = await add({ data })
    expectEqual((await stored(id)).data, data, 'By create.')
    const changed = new Map(nastyStrings.map((key, i) => [key, String(-i - 1)]))
    await store.update(id, { at: start, set: changed })
    expectEqual((await stored(id)).data, changed, 'By update.')
  }),

  storeCase('opaque: a key is itself and no other', 15, async ({ store, add, stored, start }) => {
    const data = new Map(nastyStrings.map((key, i) => [key, String(i)]))
    const { id } = await add({ data })
    for (const key of nastyStrings) {
      const change = { at: start, unset: [key] }
      const wrong = await store.update(id, change, { ifValue: { key, text: 'another text' } })
      expectEqual(wrong, { outcome: 'stale' }, `The key ${show(key)}.`)
      const ifValue = { key, text: data.get(key) ?? null }
      expectEqual((await store.update(id, change, { ifValue })).outcome, 'updated', `The key ${show(key)}.`)
      data.delete(key)
      expectEqual((await stored(id)).data, data, `Without the key ${show(key)}.`)
      expectEqual((await store.update(id, { at: start }, { ifValue: { key, text: null } })).outcome, 'updated')
    }
  }),

  storeCase('opaque: 256 keys of 250 characters', 15, async ({ store, add, stored, start }) => {
    const data = new Map(Array.from({ length: 256 }, (_, i) => [`${i} `.padEnd(250, '.'), `"${'x'.repeat(240)}"`]))
    const { id } = await add()
    await store.update(id, { at: start, set: data })
    expectEqual((await stored(id)).data, data)
  }),

  // More than an application may store by default; it may ask for more.
  storeCase('opaque: a text of 200 kB', 15, (kit) => expectTextsKept(kit, [`"${'x'.repeat(200_000)}"`])),

  storeCase('opaque: ids are any strings', 15, async (kit) => {
    const { store, add, stored, start, request, log } = kit
    const added: SessionRecord[] = []
    for (const id of nastyStrings) added.push(await add({ id, userId: 'ada', data: texts({ id: JSON.stringify(id) }) }))
    for (const record of added) expectEqual(await stored(record.id), record, `The id ${show(record.id)}.`)
    expectEqual(sorted(ids(await kit.listed('ada', 10))), sorted(nastyStrings))
    for (const { id } of added) await store.touch(id, start + MINUTE, { interval: 0 })
    for (const [i, record] of added.entries()) {
      expectEqual((await store.end(record.id, request())).outcome, 'ended', `The id ${show(record.id)}.`)
      const next = added[i + 1]
      if (next !== undefined) expectEqual((await stored(next.id)).ended, null, `After the id ${show(record.id)}.`)
    }
    expectEqual(
      (await log()).map(({ subject }) => subject),
      nastyStrings,
    )
  }),

  storeCase('opaque: users are any strings', 15, async (kit) => {
    const { store, add, listed, request, log, start } = kit
    const added: SessionRecord[] = []
    for (const userId of nastyStrings) added.push(await add({ userId }))
    const epochs = new Map<string, number>()
    for (const userId of nastyStrings) epochs.set(userId, await epochOf(store, userId))
    for (const record of added) {
      const userId = record.userId ?? ''
      expectEqual(await listed(userId), [record], `The user ${show(userId)}.`)
      expectEqual(await epochOf(store, userId), epochs.get(userId), `The user ${show(userId)} before.`)
      expectEqual(await store.updateUser(userId, { at: start, set: texts({ a: '1' }) }), [record.id])
      expectEqual(ids(await store.endUser(userId, request())), [record.id], `The user ${show(userId)}.`)
    }
    expectEqual(
      unnumbered(await log()).map(({ kind, subject }) => [kind, subject]),
      nastyStrings.flatMap((userId) => [
        ['changed', userId],
        ['ended', userId],
      ]),
    )
  }),

  storeCase(
    'opaque: notes, clients, bindings and methods are any strings',
    15,
    async ({ add, stored, store, request }) => {
      for (const text of nastyStrings) {
        const record = await add({
          client: { address: text, userAgent: text, label: text },
          binding: text,
          assurance: { level: 1, methods: [text, ''] },
          predecessor: { hash: 'hash', nonce: text, keyId: text, seenAt: null },
        })
        expectEqual(await stored(record.id), record, `The text ${show(text)}.`)
        await store.end(record.id, request({ note: text }))
        expectEqual((await stored(record.id)).ended?.note, text)
      }
    },
  ),

  storeCase('opaque: times and counts are kept to the last digit', 15, async ({ add, stored }) => {
    const large = Number.MAX_SAFE_INTEGER
    const record = await add({
      generation: large,
      minGeneration: large,
      createdAt: 0,
      authenticatedAt: 0,
      renewedAt: 1,
      lastSeenAt: 2 ** 31,
      idleFor: 2 ** 32 + 1,
      expiresAt: large,
      schema: 2 ** 31 - 1,
      version: large - 1,
    })
    expectEqual(await stored(record.id), record)
  }),
]
