import { runtime } from '#runtime'
import type { SessionRecord } from '../../core/record/record.ts'
import type { Page } from '../../core/store/store.ts'
import { hasTransfer } from '../../core/store/transfer.ts'
import { expectEqual, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import { nastyNoJson, nastyStrings, nastyTexts } from '../nasty.ts'
import { DAY, ended, HOUR, ids, type Kit, later, MINUTE, type StoreContext, sorted, texts, together } from './kit.ts'
import { MOST_PAGES, type Transferring, transferCase, walked } from './transfer-case.ts'
import { transferredLogs } from './transfer-logs.ts'
import { richRecord } from './writes.ts'

/** By id, since a walk may answer a record twice. */
async function scanned(store: Transferring, limit?: number): Promise<ReadonlyMap<string, SessionRecord>> {
  const records = await walked((page) => store.scan(page), limit)
  return new Map(records.map((record) => [record.id, record]))
}

const byId = (records: readonly SessionRecord[]) => new Map(records.map((record) => [record.id, record]))

/** Records in every state that a store may be asked to take in. */
function everyState(kit: Kit): readonly SessionRecord[] {
  const { record, request, start } = kit
  const nasty = [...nastyTexts, ...nastyNoJson]
  const data = new Map(nastyStrings.map((key, i) => [key, nasty[i % nasty.length] ?? '']))
  const seen = { hash: kit.random.bytes(32), nonce: null, keyId: 'k1', seenAt: start + MINUTE }
  return [
    record(),
    record({ userId: 'ada', idleFor: null, persistent: true }),
    { ...richRecord(kit), version: 12, generation: 9, minGeneration: 7, renewedAt: start + HOUR },
    record({ userId: 'ada', predecessor: seen, data }),
    record({ userId: 'ada', lastSeenAt: start + MINUTE, expiresAt: start + 2 * MINUTE }),
    ended({ ...richRecord(kit), version: 3 }, { ...request(), note: 'stolen' }),
    ended(record(), { at: start, reason: 'idle', note: null, keepUntil: start + DAY }),
    ...nastyStrings.map((id, i) => record({ id, userId: nastyStrings.at(-i - 1) ?? '' })),
  ]
}

const scans = [
  transferCase('scan: every record, live, expired and ended, as it is', 15, async (kit) => {
    const { store, record, request } = kit
    expectEqual(await scanned(store), new Map(), 'Of an empty store.')
    const given = everyState(kit).filter((one) => one.ended === null)
    for (const one of given) expectEqual((await store.create(one)).outcome, 'created')
    const over = record({ userId: 'ada' })
    await store.create(over)
    await store.end(over.id, request())
    const all = byId([...given, ended(over, request())])
    expectEqual(await scanned(store), all)
    expectEqual(await scanned(store, 7), all, 'In pages of seven.')
  }),

  transferCase('scan: misses none that stays while others come, change and go', 15, async (kit) => {
    const { store, add, request, start } = kit
    const all = await together(80, (i) => add({ userId: i % 3 === 0 ? null : 'ada' }))
    const staying = all.filter((_, i) => i % 4 > 0)
    const going = all.filter((_, i) => i % 4 === 0)
    const found = new Set<string>()
    let cursor: string | null = null
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const page: Page<SessionRecord> = await store.scan({ cursor, limit: 8 })
      for (const { id } of page.items) found.add(id)
      cursor = page.cursor
      if (cursor === null) break
      for (const { id } of going.slice(3 * pages, 3 * pages + 3)) await store.end(id, request({ keepUntil: start }))
      await store.sweep(start + MINUTE, { limit: 10, keepFor: 0 })
      await add({ userId: 'cyd' })
      for (const { id } of staying.slice(0, 5)) await store.update(id, { at: start, set: texts({ n: String(pages) }) })
    }
    expectEqual(cursor, null, 'The walk did not end.')
    expectEqual(
      ids(staying).filter((id) => !found.has(id)),
      [],
    )
  }),

  transferCase(
    'scan: a cursor may be gone on with elsewhere, also where the record it stood at has gone',
    15,
    async (kit, { open }) => {
      const { store, add, request, start } = kit
      const elsewhere = (await open?.()) ?? store
      expectTrue(hasTransfer(elsewhere), 'Another instance cannot be moved from.')
      const records = await together(30, () => add())
      const first = await store.scan({ limit: 10 })
      const seen = new Set(ids(first.items))
      await scanned(store, 5)
      for (const { id } of first.items) await store.end(id, request({ keepUntil: start }))
      await store.sweep(start + MINUTE, { limit: 100, keepFor: 0 })
      if (first.cursor !== null) {
        const rest = await walked(({ cursor }) => elsewhere.scan({ cursor: cursor ?? first.cursor, limit: 10 }))
        for (const { id } of rest) seen.add(id)
      }
      expectEqual(sorted([...seen]), sorted(ids(records)))
    },
  ),
]

const adoptions = [
  transferCase('adopt: a record is there as it was given, whatever it has been through', 15, async (kit) => {
    const { store, stored, log } = kit
    const given = everyState(kit)
    expectEqual(
      await store.adopt(given),
      given.map(() => 'adopted'),
    )
    for (const one of given) expectEqual(await stored(one.id), one)
    expectEqual(await log(), [], 'Nothing is revoked by it.')
    expectEqual(await store.userEpoch('ada'), { epoch: 0, endEpoch: 0 }, 'Nothing is changed for its user.')
    const foreign = kit.record({ namespace: 'elsewhere' })
    await store.adopt([foreign])
    expectEqual((await stored(foreign.id)).namespace, store.namespace)
  }),

  transferCase('adopt: what is there stays, live or ended, and each is answered for itself', 4, async (kit) => {
    const { store, add, record, request, start, stored } = kit
    const [changed, over] = [await add({ userId: 'ada' }), await add({ userId: 'ada' })]
    await store.update(changed.id, { at: start, set: texts({ a: '2' }) })
    await store.end(over.id, request())
    const before = [await stored(changed.id), await stored(over.id)]
    const fresh = record()
    const late = ended(changed, request())
    expectEqual(await store.adopt([changed, fresh, over, late, fresh]), ['there', 'adopted', 'there', 'there', 'there'])
    expectEqual([await stored(changed.id), await stored(over.id)], before)
  }),

  transferCase('adopt: of 20 at once one adopts', 5, async ({ store, record, stored }) => {
    const given = record({ userId: 'ada' })
    const outcomes = await together(20, (i) => later(i % 4, () => store.adopt([{ ...given, version: i }])))
    expectEqual(sorted(outcomes.flat()), sorted(['adopted', ...Array.from({ length: 19 }, () => 'there')]))
    expectEqual(
      (await stored(given.id)).version,
      outcomes.findIndex(([outcome]) => outcome === 'adopted'),
    )
  }),

  transferCase('adopt: an adopted record is listed, limited, ended and swept as others are', 4, async (kit) => {
    const { store, record, listed, request, start, stored } = kit
    const open = [0, 1, 2].map((i) => record({ userId: 'ada', createdAt: start + i }))
    const over = ended(record({ userId: 'ada' }), request({ keepUntil: start + MINUTE }))
    await store.adopt([...open, over])
    expectEqual(ids(await listed('ada')), ids(open.toReversed()))
    const newcomer = record({ userId: 'ada', createdAt: start + MINUTE })
    const limit = { max: 3, strategy: 'end-oldest', keepUntil: start + DAY } as const
    const created = await store.create(newcomer, { limit })
    expectEqual(created.outcome === 'created' && ids(created.ended), [open[0]?.id])
    expectEqual(sorted(ids(await store.endUser('ada', request()))), sorted(ids([...open.slice(1), newcomer])))
    for (const { id } of open) expectTrue((await stored(id)).ended !== null, 'It has not ended.')
    const brief = record({ expiresAt: start + MINUTE })
    await store.adopt([brief])
    const swept = await store.sweep(start + HOUR, { limit: 10, keepFor: DAY })
    expectEqual(ids(swept.expired), [brief.id])
    expectEqual(await store.read(over.id), null, 'What is over is kept for ever.')
  }),

  transferCase('adopt: outdated where endAll came since the epoch was asked for', 4, async (kit) => {
    const { store, record, request } = kit
    const before = await store.epochOfAll()
    const [first, second] = [record({ userId: 'ada' }), record()]
    expectEqual(await store.adopt([first], { ifEpochOfAll: before }), ['adopted'])
    await store.endUser('ada', request())
    expectEqual(await store.epochOfAll(), before, 'An ending of one user is none of all.')
    await store.endAll(request())
    expectEqual(await store.adopt([second, first], { ifEpochOfAll: before }), ['outdated', 'there'])
    expectEqual(await store.read(second.id), null)
    expectEqual(await store.adopt([second], { ifEpochOfAll: await store.epochOfAll() }), ['adopted'])
  }),

  transferCase('adopt: an adoption and endAll at once leave nothing alive', 4, async (kit) => {
    const { store, record, request } = kit
    for (let round = 0; round < 4; round++) {
      const epoch = await store.epochOfAll()
      const given = record({ userId: round % 2 === 0 ? 'ada' : null })
      const adopting = () => store.adopt([given], { ifEpochOfAll: epoch })
      const ending = () => store.endAll(request())
      const [first, second] = round % 4 > 1 ? [ending, adopting] : [adopting, ending]
      await Promise.all([first(), later(round % 3, async () => void (await second()))])
      const left = await store.read(given.id)
      expectTrue(left === null || left.ended !== null, 'It is alive.')
    }
  }),
]

const epochs = [
  transferCase('epochs: every user whose epoch was raised, with what it is', 4, async (kit) => {
    const { store, request, start } = kit
    expectEqual(await walked((page) => store.epochs(page)), [])
    for (const userId of nastyStrings) await store.endUser(userId, request())
    await store.updateUser('ada', { at: start })
    const expected = await Promise.all(
      [...nastyStrings, 'ada'].map(async (userId) => [userId, (await store.userEpoch(userId)).epoch] as const),
    )
    for (const limit of [undefined, 7]) {
      const found = await walked((page) => store.epochs(page), limit)
      expectEqual(new Map(found.map(({ userId, epoch }) => [userId, epoch])), new Map(expected))
    }
  }),

  transferCase('epochs: with epochOfAll they are at least those of every user', 4, async (kit) => {
    const { store, request } = kit
    await store.endUser('ada', request())
    await store.endAll(request())
    await store.endUser('bob', request())
    const ofAll = await store.epochOfAll()
    const found = await walked((page) => store.epochs(page))
    const named = new Map(found.map(({ userId, epoch }) => [userId, epoch]))
    for (const userId of ['ada', 'bob', 'nobody']) {
      const epoch = (await store.userEpoch(userId)).epoch
      expectTrue(Math.max(ofAll, named.get(userId) ?? 0) >= epoch, `The epoch of ${userId} is above what was answered.`)
      expectTrue(ofAll <= epoch, `The epoch of ${userId} is below that of all.`)
    }
  }),

  transferCase('epochs: from when on the numbers may be removed is not before it was asked for', 4, async (kit) => {
    const { store, request, start } = kit
    await store.endUser('ada', { ...request(), forgetAt: start + 60 * DAY })
    await store.updateUser('ada', { at: start, forgetAt: start + DAY })
    const [found] = await walked((page) => store.epochs(page))
    // A store that does not know may leave it out.
    expectTrue((found?.forgetAt ?? Number.POSITIVE_INFINITY) >= start + 60 * DAY, 'They would go too early.')
  }),

  transferCase('raiseEpoch: the numbers are kept until they may be forgotten', 4, async (kit) => {
    const { store, start } = kit
    const forgetAt = Math.max(start, runtime.now()) + 60 * DAY
    const sweep = async (now: number) => {
      while ((await store.sweep(now, { limit: 100, keepFor: 0 })).more);
    }
    await store.raiseEpoch('ada', { epoch: 40, endEpoch: 30, forgetAt })
    await store.raiseEpoch('bob', { epoch: 40, endEpoch: 30, forgetAt: start })
    await store.raiseEpoch('bob', { epoch: 12, endEpoch: 12, forgetAt })
    await sweep(forgetAt - 1)
    for (const userId of ['ada', 'bob']) {
      expectEqual(await store.userEpoch(userId), { epoch: 40, endEpoch: 30 }, `Those of ${userId} went too early.`)
    }
    const known = (await walked((page) => store.epochs(page))).flatMap((one) => one.forgetAt ?? [])
    for (const at of known) expectEqual(at, forgetAt, 'It is not what was asked for.')
  }),

  transferCase('raiseEpoch: one user or all, never lower, and later endings raise on', 4, async (kit) => {
    const { store, record, request } = kit
    await store.raiseEpoch('ada', { epoch: 40, endEpoch: 30 })
    expectEqual(await store.userEpoch('ada'), { epoch: 40, endEpoch: 30 })
    expectEqual(await store.userEpoch('bob'), { epoch: 0, endEpoch: 0 })
    await store.raiseEpoch('ada', { epoch: 12, endEpoch: 35 })
    expectEqual(await store.userEpoch('ada'), { epoch: 40, endEpoch: 35 })
    await store.endUser('ada', request())
    expectTrue((await store.userEpoch('ada')).epoch > 40, 'An ending did not raise it.')
    const before = (await store.userEpoch('cyd')).epoch
    await store.raiseEpoch(null, { epoch: 300, endEpoch: 300 })
    await store.raiseEpoch(null, { epoch: 5, endEpoch: 5 })
    const all = await Promise.all(['ada', 'bob', 'cyd', 'nobody'].map((userId) => store.userEpoch(userId)))
    expectTrue(
      all.every(({ epoch, endEpoch }) => epoch >= 300 && endEpoch >= 300),
      'One is lower than that of all.',
    )
    expectTrue((await store.epochOfAll()) >= 300, 'That of all is lower.')
    const result = await store.create(record({ userId: 'cyd' }), { ifUserEpoch: before })
    expectEqual(result.outcome, 'user-changed')
    await store.endAll(request())
    expectTrue((await store.userEpoch('bob')).epoch > 300, 'The ending of all did not raise it.')
  }),
]

export const transferCases: readonly Case<StoreContext>[] = [...scans, ...adoptions, ...epochs, ...transferredLogs]
