import type { SessionRecord } from '../../core/record/record.ts'
import type { Authentication } from '../../core/store/store.ts'
import { expectEqual } from '../assert.ts'
import { epochOf, HOUR, type Kit, MINUTE, storeCase, texts, together } from './kit.ts'

const authentication = ({ start }: Kit, fields?: Partial<Authentication>): Authentication => ({
  assurance: { level: 2, methods: ['pwd', 'otp'] },
  expiresAt: start + 20 * HOUR,
  idleFor: HOUR,
  persistent: true,
  ...fields,
})

/** Rotated once before, and its data changed. */
async function rotatedBefore({ add, random, start }: Kit): Promise<SessionRecord> {
  return add({
    userId: 'ada',
    generation: 3,
    minGeneration: 1,
    predecessor: { hash: random.bytes(32), nonce: random.bytes(16), keyId: 'k0', seenAt: null },
    authenticatedAt: start,
    data: texts({ a: '1', b: '2' }),
    version: 2,
  })
}

export const rotateCases = [
  storeCase('rotate: a new secret, the old one stays as predecessor', 3, async (kit) => {
    const before = await rotatedBefore(kit)
    const rotation = kit.rotation(before)
    const after: SessionRecord = {
      ...before,
      generation: 4,
      secretHash: rotation.to,
      predecessor: { hash: before.secretHash, nonce: rotation.predecessor?.nonce ?? null, keyId: 'k1', seenAt: null },
      renewedAt: rotation.at,
    }
    expectEqual(await kit.store.rotate(before.id, rotation), { outcome: 'rotated', record: after })
    expectEqual(await kit.stored(before.id), after)
  }),

  storeCase('rotate: without predecessor no earlier secret is left', 3, async (kit) => {
    const before = await rotatedBefore(kit)
    const rotation = kit.rotation(before, { predecessor: null })
    await kit.store.rotate(before.id, rotation)
    const { predecessor, secretHash, generation } = await kit.stored(before.id)
    expectEqual([predecessor, secretHash, generation], [null, rotation.to, 4])
  }),

  storeCase('rotate: from another secret it answers the record as it is', 3, async (kit) => {
    const before = await rotatedBefore(kit)
    const kept = { outcome: 'kept', record: before }
    const foreign = kit.rotation(before, { from: kit.random.bytes(32) })
    expectEqual(await kit.store.rotate(before.id, foreign), kept, 'A secret that never was.')
    const superseded = kit.rotation(before, { from: before.predecessor?.hash ?? '' })
    expectEqual(await kit.store.rotate(before.id, superseded), kept, 'The predecessor.')
    expectEqual(await kit.stored(before.id), before)
  }),

  storeCase('rotate: to another generation than the next it changes nothing', 3, async (kit) => {
    const before = await rotatedBefore(kit)
    for (const generation of [2, 3, 5]) {
      const result = await kit.store.rotate(before.id, kit.rotation(before, { generation }))
      expectEqual(result, { outcome: 'kept', record: before }, `To generation ${generation}.`)
    }
    expectEqual(await kit.stored(before.id), before)
  }),

  storeCase('rotate: repeated, it answers rotated and changes nothing', 15, async (kit) => {
    const before = await rotatedBefore(kit)
    const rotation = kit.rotation(before)
    await kit.store.rotate(before.id, rotation)
    await kit.store.touch(before.id, rotation.at, { interval: 0, seen: 4 })
    const after = await kit.stored(before.id)
    const again = { ...rotation, at: rotation.at + 5, predecessor: { nonce: 'another', keyId: 'k9' } }
    expectEqual(await kit.store.rotate(before.id, again), { outcome: 'rotated', record: after })
    expectEqual(await kit.stored(before.id), after)
  }),

  storeCase('rotate: to the present secret at another generation is no repetition', 3, async (kit) => {
    const before = await rotatedBefore(kit)
    const rotation = kit.rotation(before)
    await kit.store.rotate(before.id, rotation)
    const after = await kit.stored(before.id)
    for (const generation of [3, 5]) {
      const result = await kit.store.rotate(before.id, { ...rotation, generation })
      expectEqual(result, { outcome: 'kept', record: after }, `At generation ${generation}.`)
    }
    expectEqual(await kit.stored(before.id), after)
  }),

  storeCase('rotate: repeated after another one, it answers kept', 3, async (kit) => {
    const before = await rotatedBefore(kit)
    const rotation = kit.rotation(before)
    await kit.store.rotate(before.id, rotation)
    await kit.store.rotate(before.id, kit.rotation(await kit.stored(before.id)))
    const after = await kit.stored(before.id)
    expectEqual(await kit.store.rotate(before.id, rotation), { outcome: 'kept', record: after })
  }),

  storeCase('rotate: of 50 racers one wins, and all are answered its successor', 3, async (kit) => {
    const before = await rotatedBefore(kit)
    const results = await together(50, () => kit.store.rotate(before.id, kit.rotation(before)))
    const after = await kit.stored(before.id)
    expectEqual(results.filter(({ outcome }) => outcome === 'rotated').length, 1, 'How many won?')
    for (const { outcome, record } of results) {
      expectEqual({ kept: outcome !== 'rotated', record }, { kept: outcome === 'kept', record: after })
    }
    expectEqual([after.generation, after.predecessor?.hash], [4, before.secretHash])
  }),

  storeCase('rotate: an authentication changes all in one step', 3, async (kit) => {
    const before = await rotatedBefore(kit)
    const rotation = kit.rotation(before, {
      predecessor: null,
      authentication: authentication(kit, { set: texts({ a: '"new"', c: '3' }), unset: ['b'] }),
    })
    const after: SessionRecord = {
      ...before,
      generation: 4,
      minGeneration: 4,
      secretHash: rotation.to,
      predecessor: null,
      authenticatedAt: rotation.at,
      renewedAt: rotation.at,
      lastSeenAt: rotation.at,
      assurance: { level: 2, methods: ['pwd', 'otp'] },
      expiresAt: kit.start + 20 * HOUR,
      idleFor: HOUR,
      persistent: true,
      data: texts({ a: '"new"', c: '3' }),
      version: 3,
    }
    expectEqual(await kit.store.rotate(before.id, rotation), { outcome: 'rotated', record: after })
    expectEqual(await kit.stored(before.id), after)
  }),

  storeCase('rotate: an authentication without data leaves data and version alone', 15, async (kit) => {
    const before = await rotatedBefore(kit)
    await kit.store.rotate(before.id, kit.rotation(before, { predecessor: null, authentication: authentication(kit) }))
    const { data, version, minGeneration, authenticatedAt } = await kit.stored(before.id)
    expectEqual([data, version, minGeneration, authenticatedAt], [before.data, before.version, 4, kit.start + MINUTE])
  }),

  storeCase('rotate: an authentication may take the idle timeout away', 15, async (kit) => {
    const before = await rotatedBefore(kit)
    const strong = authentication(kit, { idleFor: null, persistent: false })
    await kit.store.rotate(before.id, kit.rotation(before, { predecessor: null, authentication: strong }))
    const { idleFor, persistent } = await kit.stored(before.id)
    expectEqual([idleFor, persistent], [null, false])
  }),

  storeCase('rotate: after an authentication the old generation writes no more', 3, async (kit) => {
    const before = await rotatedBefore(kit)
    const change = { at: kit.start + MINUTE, set: texts({ a: '9' }) }
    await kit.store.rotate(before.id, kit.rotation(before))
    const renewed = await kit.store.update(before.id, change, { ifGeneration: 3 })
    expectEqual(renewed.outcome, 'updated', 'A renewal does not shut the predecessor out.')
    const present = await kit.stored(before.id)
    await kit.store.rotate(before.id, kit.rotation(present, { predecessor: null, authentication: authentication(kit) }))
    expectEqual(await kit.store.update(before.id, change, { ifGeneration: 4 }), { outcome: 'replaced' })
    expectEqual((await kit.store.update(before.id, change, { ifGeneration: 5 })).outcome, 'updated')
  }),

  storeCase('rotate: after a rotation without predecessor the old generation writes no more', 3, async (kit) => {
    const before = await rotatedBefore(kit)
    const change = { at: kit.start + MINUTE, set: texts({ a: '9' }) }
    await kit.store.rotate(before.id, kit.rotation(before, { predecessor: null }))
    expectEqual(await kit.store.update(before.id, change, { ifGeneration: 3 }), { outcome: 'replaced' })
    expectEqual((await kit.store.update(before.id, change, { ifGeneration: 4 })).outcome, 'updated')
  }),

  storeCase('rotate: repeated, it answers what it did and writes nothing, whatever happened since', 5, async (kit) => {
    const before = await rotatedBefore(kit)
    const ifUserEpoch = await epochOf(kit.store, 'ada')
    const again = authentication(kit, { set: texts({ a: '5' }), unset: ['b'] })
    const rotation = kit.rotation(before, { predecessor: null, authentication: again, ifUserEpoch })
    await kit.store.rotate(before.id, rotation)
    await kit.store.update(before.id, { at: kit.start, set: texts({ a: '6', b: '7' }) })
    await kit.store.updateUser('ada', { at: kit.start, set: texts({ role: '"user"' }) })
    const record = await kit.stored(before.id)
    expectEqual(await kit.store.rotate(before.id, rotation), { outcome: 'rotated', record })
    expectEqual(await kit.stored(before.id), record)
  }),

  storeCase('rotate: user-changed where the epoch was raised, and nothing is written', 4, async (kit) => {
    const before = await rotatedBefore(kit)
    const ifUserEpoch = (await kit.store.userEpoch('ada')).epoch
    await kit.store.updateUser('ada', { at: kit.start, set: texts({ role: '"user"' }) })
    const present = await kit.stored(before.id)
    const stale = kit.rotation(before, { predecessor: null, authentication: authentication(kit), ifUserEpoch })
    expectEqual(await kit.store.rotate(before.id, stale), { outcome: 'user-changed', record: present })
    expectEqual(await kit.stored(before.id), present)
    const fresh = { ...stale, ifUserEpoch: (await kit.store.userEpoch('ada')).epoch }
    expectEqual((await kit.store.rotate(before.id, fresh)).outcome, 'rotated')
  }),

  storeCase('rotate: user-changed also where nothing but the secret was to change', 4, async (kit) => {
    const before = await rotatedBefore(kit)
    const ifUserEpoch = (await kit.store.userEpoch('ada')).epoch
    await kit.store.updateUser('ada', { at: kit.start, set: texts({ role: '"user"' }) })
    const present = await kit.stored(before.id)
    for (const predecessor of [null, { nonce: kit.random.bytes(16), keyId: 'k1' }]) {
      const stale = kit.rotation(before, { predecessor, ifUserEpoch })
      expectEqual(await kit.store.rotate(before.id, stale), { outcome: 'user-changed', record: present })
    }
    expectEqual(await kit.stored(before.id), present)
  }),

  storeCase('rotate: a missing record is gone, and none is made', 4, async ({ store, record, rotation }) => {
    const missing = record({ userId: 'ada' })
    expectEqual(await store.rotate(missing.id, rotation(missing)), { outcome: 'gone', record: null })
    expectEqual(await store.read(missing.id), null)
  }),

  storeCase('rotate: an ended record is gone, with its reason', 4, async (kit) => {
    const before = await rotatedBefore(kit)
    await kit.store.end(before.id, kit.request({ at: kit.start }))
    const after = await kit.stored(before.id)
    for (const at of [kit.start - 1, kit.start, kit.start + 1]) {
      const result = await kit.store.rotate(before.id, kit.rotation(before, { at }))
      expectEqual(result, { outcome: 'gone', record: after })
    }
    expectEqual(await kit.stored(before.id), after)
  }),

  storeCase('rotate: both sides of the idle timeout', 7, async (kit) => {
    const before = await kit.add({ idleFor: MINUTE })
    const late = kit.rotation(before, { at: kit.start + MINUTE })
    expectEqual(await kit.store.rotate(before.id, late), { outcome: 'gone', record: before })
    expectEqual(await kit.stored(before.id), before)
    const intime = kit.rotation(before, { at: kit.start + MINUTE - 1 })
    expectEqual((await kit.store.rotate(before.id, intime)).outcome, 'rotated')
  }),

  storeCase('rotate: both sides of the absolute timeout, and no authentication comes after it', 7, async (kit) => {
    const before = await kit.add({ userId: 'ada', idleFor: null, expiresAt: kit.start + HOUR })
    const again = { predecessor: null, authentication: authentication(kit) }
    const late = kit.rotation(before, { at: kit.start + HOUR, ...again })
    expectEqual(await kit.store.rotate(before.id, late), { outcome: 'gone', record: before })
    expectEqual(await kit.stored(before.id), before)
    const intime = kit.rotation(before, { at: kit.start + HOUR - 1, ...again })
    expectEqual((await kit.store.rotate(before.id, intime)).outcome, 'rotated')
  }),
]
