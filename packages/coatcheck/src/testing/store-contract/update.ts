import type { FieldChange, Update, UpdateConditions } from '../../core/store/store.ts'
import { expectEqual } from '../assert.ts'
import { HOUR, type Kit, MINUTE, storeCase, texts, together } from './kit.ts'

const CLIENT = { address: '203.0.113.9', userAgent: null, label: 'Phone' }

const fields: readonly (readonly [string, FieldChange])[] = [
  ['schema', { schema: 2 }],
  ['client', { client: CLIENT }],
  ['binding', { binding: 'key-1' }],
  ['binding removed', { binding: null }],
  ['all', { schema: 9, client: CLIENT, binding: 'key-2' }],
]

/** Each refused by one condition more than the one before it. */
const refused: readonly (readonly [string, UpdateConditions, 'replaced' | 'stale'])[] = [
  ['all three', { ifGeneration: 0, ifVersion: 7, ifValue: { key: 'a', text: '7' } }, 'replaced'],
  ['generation', { ifGeneration: 0 }, 'replaced'],
  ['version, below', { ifGeneration: 1, ifVersion: 0, ifValue: { key: 'a', text: '1' } }, 'stale'],
  ['version, above', { ifVersion: 2 }, 'stale'],
  ['value', { ifGeneration: 1, ifVersion: 1, ifValue: { key: 'a', text: '2' } }, 'stale'],
  ['value, as JSON the same', { ifValue: { key: 'a', text: '1.0' } }, 'stale'],
  ['value, with a space', { ifValue: { key: 'a', text: '1 ' } }, 'stale'],
  ['value there, none expected', { ifValue: { key: 'a', text: null } }, 'stale'],
  ['value missing', { ifValue: { key: 'z', text: '1' } }, 'stale'],
  ['value missing, the text null expected', { ifValue: { key: 'z', text: 'null' } }, 'stale'],
  ['value missing, the empty text expected', { ifValue: { key: 'z', text: '' } }, 'stale'],
  ['value is the text null, none expected', { ifValue: { key: 'n', text: null } }, 'stale'],
]

const allowed: readonly (readonly [string, UpdateConditions])[] = [
  ['no condition', {}],
  ['generation of the authentication', { ifGeneration: 1 }],
  ['generation above it', { ifGeneration: 2 }],
  ['version', { ifVersion: 1 }],
  ['value', { ifValue: { key: 'a', text: '1' } }],
  ['value missing', { ifValue: { key: 'z', text: null } }],
  ['value is the text null', { ifValue: { key: 'n', text: 'null' } }],
  ['all', { ifGeneration: 1, ifVersion: 1, ifValue: { key: 'a', text: '1' } }],
]

/** Authenticated at generation 1, version 1. */
async function conditioned({ add, random }: Kit) {
  const predecessor = { hash: random.bytes(32), nonce: null, keyId: 'k1', seenAt: null }
  const data = texts({ a: '1', n: 'null' })
  return add({ userId: 'ada', generation: 2, minGeneration: 1, predecessor, data, version: 1 })
}

export const updateCases = [
  storeCase(
    'update: a text that is there already moves the version all the same',
    5,
    async ({ store, add, stored, start }) => {
      const { id } = await add({ data: texts({ a: '1' }), version: 4 })
      expectEqual(await store.update(id, { at: start, set: texts({ a: '1' }) }), { outcome: 'updated', version: 5 })
      expectEqual((await stored(id)).version, 5)
    },
  ),

  storeCase('update: sets and removes the keys it names, and moves the version by one', 5, async (kit) => {
    const { store, add, stored, start } = kit
    const before = await add({ userId: 'ada', data: texts({ a: '1', b: '2', c: '3' }) })
    const change = { at: start + MINUTE, set: texts({ a: '"new"', d: '4' }), unset: ['b'] }
    expectEqual(await store.update(before.id, change), { outcome: 'updated', version: 1 })
    const after = { ...before, data: texts({ a: '"new"', c: '3', d: '4' }), version: 1 }
    expectEqual(await stored(before.id), after)
    expectEqual(await store.update(before.id, { at: start + MINUTE, unset: ['d'] }), { outcome: 'updated', version: 2 })
    expectEqual(await stored(before.id), { ...after, data: texts({ a: '"new"', c: '3' }), version: 2 })
  }),

  storeCase('update: changes the fields it names', 15, async ({ store, add, stored, start }) => {
    for (const [name, change] of fields) {
      const before = await add({ data: texts({ a: '1' }), binding: 'key-0', version: 4 })
      const result = await store.update(before.id, { at: start, fields: change })
      expectEqual(result, { outcome: 'updated', version: 5 }, name)
      expectEqual(await stored(before.id), { ...before, ...change, version: 5 }, name)
    }
  }),

  storeCase('update: changes data and fields in one step', 5, async ({ store, add, stored, start }) => {
    const before = await add({ data: texts({ a: '1' }) })
    await store.update(before.id, { at: start, set: texts({ a: '2' }), fields: { schema: 2 } })
    expectEqual(await stored(before.id), { ...before, data: texts({ a: '2' }), schema: 2, version: 1 })
  }),

  storeCase('update: removing a key that is not there does no harm', 15, async ({ store, add, stored, start }) => {
    const before = await add({ data: texts({ a: '1' }) })
    expectEqual((await store.update(before.id, { at: start, unset: ['z', 'a.b', ''] })).outcome, 'updated')
    expectEqual((await stored(before.id)).data, before.data)
  }),

  storeCase(
    'update: an empty change changes no data and answers the version',
    15,
    async ({ store, add, stored, start }) => {
      const before = await add({ data: texts({ a: '1' }), version: 3 })
      const result = await store.update(before.id, { at: start, set: new Map(), unset: [], fields: {} })
      const after = await stored(before.id)
      expectEqual(result, { outcome: 'updated', version: after.version })
      expectEqual(after, { ...before, version: after.version })
    },
  ),

  storeCase('update: never creates', 4, async ({ store, stored, add, start, request, log }) => {
    const change: Update = { at: start, set: texts({ a: '1' }), fields: { schema: 2 } }
    expectEqual(await store.update('no-such-session', change), { outcome: 'gone' })
    expectEqual(await store.update('no-such-session', change, { ifVersion: 0 }), { outcome: 'gone' })
    expectEqual(await store.read('no-such-session'), null)
    expectEqual(await log(), [])
    const { id } = await add({ userId: 'ada' })
    await store.end(id, request({ at: start, keepUntil: start }))
    await store.sweep(start, { limit: 10, keepFor: 0 })
    expectEqual(await store.update(id, change), { outcome: 'gone' }, 'Removed by a sweep.')
    expectEqual(await store.read(id), null, 'Removed by a sweep.')
    expectEqual((await store.listUser('ada')).items, [])
    expectEqual((await stored((await add()).id)).ended, null)
  }),

  storeCase('update: an ended record stays ended and empty', 4, async ({ store, add, stored, start, request }) => {
    const { id } = await add({ userId: 'ada', data: texts({ a: '1' }) })
    await store.end(id, request({ at: start }))
    const after = await stored(id)
    for (const at of [start - 1, start, start + 1]) {
      const result = await store.update(id, { at, set: texts({ a: '2' }), fields: { schema: 2 } })
      expectEqual(result, { outcome: 'gone' })
    }
    expectEqual(await stored(id), after)
  }),

  storeCase('update: both sides of the idle timeout', 7, async ({ store, add, stored, start }) => {
    const { id } = await add({ idleFor: MINUTE })
    const change = { set: texts({ a: '1' }) }
    expectEqual((await store.update(id, { at: start + MINUTE - 1, ...change })).outcome, 'updated')
    const before = await stored(id)
    expectEqual(await store.update(id, { at: start + MINUTE, set: texts({ a: '2' }) }), { outcome: 'gone' })
    expectEqual(await stored(id), before)
  }),

  storeCase('update: both sides of the absolute timeout', 7, async ({ store, add, stored, start }) => {
    const { id } = await add({ idleFor: null, expiresAt: start + HOUR })
    expectEqual((await store.update(id, { at: start + HOUR - 1, set: texts({ a: '1' }) })).outcome, 'updated')
    const before = await stored(id)
    expectEqual(await store.update(id, { at: start + HOUR, set: texts({ a: '2' }) }), { outcome: 'gone' })
    expectEqual(await stored(id), before)
  }),

  storeCase('update: a condition that does not hold refuses it, in order, and nothing is written', 5, async (kit) => {
    for (const [name, conditions, outcome] of refused) {
      const before = await conditioned(kit)
      const change = { at: kit.start, set: texts({ a: '9' }), fields: { schema: 9 } }
      expectEqual(await kit.store.update(before.id, change, conditions), { outcome }, name)
      expectEqual(await kit.stored(before.id), before, name)
    }
  }),

  storeCase('update: conditions that hold let it pass', 5, async (kit) => {
    for (const [name, conditions] of allowed) {
      const before = await conditioned(kit)
      const result = await kit.store.update(before.id, { at: kit.start, set: texts({ a: '9' }) }, conditions)
      expectEqual(result, { outcome: 'updated', version: 2 }, name)
      expectEqual(await kit.stored(before.id), { ...before, data: texts({ a: '9', n: 'null' }), version: 2 }, name)
    }
  }),

  storeCase('update: gone comes before every condition', 15, async ({ store, add, start, request }) => {
    const { id } = await add({ userId: 'ada', minGeneration: 1, generation: 1 })
    await store.end(id, request())
    const conditions = { ifGeneration: 0, ifVersion: 7, ifValue: { key: 'a', text: '1' } }
    expectEqual(await store.update(id, { at: start }, conditions), { outcome: 'gone' })
    expectEqual(await store.update('no-such-session', { at: start }, conditions), { outcome: 'gone' })
  }),

  storeCase('update: 50 parallel changes of different keys are 50 keys', 5, async ({ store, add, stored, start }) => {
    const { id } = await add({ data: texts({ kept: '1' }) })
    const results = await together(50, (i) => store.update(id, { at: start, set: texts({ [`key ${i}`]: String(i) }) }))
    const all = Object.fromEntries(results.map((_, i) => [`key ${i}`, String(i)]))
    const after = await stored(id)
    expectEqual(after.data, texts({ kept: '1', ...all }))
    expectEqual(after.version, 50)
    const versions = results.map((result) => (result.outcome === 'updated' ? result.version : null))
    expectEqual(
      new Set(versions),
      new Set(Array.from({ length: 50 }, (_, i) => i + 1)),
      'Each has a version of its own.',
    )
  }),

  storeCase('update: setting one key and removing others in parallel loses nothing', 5, async (kit) => {
    const { store, add, stored, start } = kit
    const old = Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`old ${i}`, '0']))
    const { id } = await add({ data: texts(old) })
    await together(50, (i) => {
      const change = i % 2 === 0 ? { set: texts({ [`new ${i}`]: '1' }) } : { unset: [`old ${(i - 1) / 2}`] }
      return store.update(id, { at: start, ...change })
    })
    const added = Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`new ${2 * i}`, '1']))
    expectEqual((await stored(id)).data, texts(added))
  }),

  storeCase(
    'update: of parallel ones with the same ifVersion one is applied',
    5,
    async ({ store, add, stored, start }) => {
      const { id } = await add()
      const results = await together(20, (i) =>
        store.update(id, { at: start, set: texts({ n: `${i}` }) }, { ifVersion: 0 }),
      )
      const winners = results.flatMap(({ outcome }, i) => (outcome === 'updated' ? [`${i}`] : []))
      expectEqual(winners.length, 1, 'How many were applied?')
      const { data, version } = await stored(id)
      expectEqual([data.get('n'), version], [winners[0], 1])
    },
  ),

  storeCase(
    'update: of parallel ones that expect no value one is applied',
    5,
    async ({ store, add, stored, start }) => {
      const { id } = await add()
      const ifValue = { key: 'n', text: null }
      const results = await together(20, (i) => store.update(id, { at: start, set: texts({ n: `${i}` }) }, { ifValue }))
      expectEqual(results.filter(({ outcome }) => outcome === 'updated').length, 1, 'How many were applied?')
      expectEqual((await stored(id)).version, 1)
    },
  ),

  storeCase('update: a counter by ifValue, raised 100 times in parallel, is 100', 5, async (kit) => {
    const { add, stored } = kit
    const { id } = await add({ data: texts({ n: '0' }) })
    await together(100, () => raise(kit, id))
    expectEqual((await stored(id)).data, texts({ n: '100' }))
  }),

  storeCase('update: a counter by ifValue is not held up by writes of other keys', 5, async (kit) => {
    const { store, add, stored, start } = kit
    const { id } = await add({ data: texts({ n: '0' }) })
    const others = (group: string) =>
      together(10, (i) => store.update(id, { at: start, set: texts({ [`${group} ${i}`]: '1' }) }))
    const raise = () => store.update(id, { at: start, set: texts({ n: '1' }) }, { ifValue: { key: 'n', text: '0' } })
    const [, result] = await Promise.all([others('before'), raise(), others('after')])
    expectEqual(result.outcome, 'updated')
    const { data, version } = await stored(id)
    expectEqual([data.size, data.get('n'), version], [21, '1', 21])
  }),
]

/** A hundred rivals: each attempt has one winner, so a hundred attempts are enough. */
const MOST_ATTEMPTS = 100

async function raise({ store, stored, start }: Kit, id: string): Promise<void> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const text = (await stored(id)).data.get('n') ?? null
    const change = { at: start, set: texts({ n: String(Number(text) + 1) }) }
    const { outcome } = await store.update(id, change, { ifValue: { key: 'n', text } })
    if (outcome === 'updated') return
    expectEqual(outcome, 'stale')
  }
  throw new Error(`The counter could not be raised in ${MOST_ATTEMPTS} attempts.`)
}
