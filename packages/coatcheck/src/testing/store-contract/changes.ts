import { runtime } from '#runtime'
import type { Change, Store } from '../../core/store/store.ts'
import { expectEqual, expectTrue } from '../assert.ts'
import { nastyStrings } from '../nasty.ts'
import { DAY, epochOf, HOUR, type Kit, sorted, storeCase, together } from './kit.ts'

const subjects = (entries: readonly Change[]) => entries.map(({ subject }) => subject)

/** Ends `count` sessions one after the other; answers their ids. */
async function endings({ store, add, request }: Kit, count: number): Promise<readonly string[]> {
  const added: string[] = []
  for (let i = 0; i < count; i++) {
    const { id } = await add()
    await store.end(id, request())
    added.push(id)
  }
  return added
}

const changes = [
  storeCase('changes: none at first', 15, async ({ log, add }) => {
    await add({ userId: 'ada' })
    expectEqual(await log(), [])
  }),

  storeCase('changes: one session, one user, or all, in the order of their numbers', 11, async (kit) => {
    const { store, add, request, start, log } = kit
    const { id } = await add({ userId: 'ada' })
    await store.end(id, request({ at: start + 3, reason: 'binding' }))
    await store.endUser('ada', request({ at: start + 2, reason: 'reused' }))
    const ofUser = await epochOf(store, 'ada')
    await store.endAll(request({ at: start + 1, keepUntil: start + DAY }))
    const ofAll = await epochOf(store, 'nobody')
    const of = { kind: 'ended', keepUntil: start + 7 * DAY }
    const entries = await log()
    const seqs = entries.map(({ seq }) => seq)
    expectTrue(
      seqs.every((seq) => Number.isSafeInteger(seq) && seq > 0),
      `${seqs} are not all numbers above 0.`,
    )
    expectEqual(
      seqs,
      [...new Set(seqs)].toSorted((a, b) => a - b),
      'The numbers grow.',
    )
    const [first = 0, second = 0, third = 0] = seqs
    expectEqual(entries, [
      { ...of, seq: first, scope: 'session', subject: id, at: start + 3, reason: 'binding', count: 1 },
      { ...of, seq: second, scope: 'user', subject: 'ada', at: start + 2, reason: 'reused', count: ofUser },
      {
        ...of,
        seq: third,
        scope: 'all',
        subject: null,
        at: start + 1,
        reason: 'revoked',
        count: ofAll,
        keepUntil: start + DAY,
      },
    ])
  }),

  storeCase(
    'changes: a rotation without predecessor, once, with the generation from which on tokens count',
    3,
    async (kit) => {
      const { store, add, start, stored, rotation, log } = kit
      const before = await add({ userId: 'ada', generation: 3 })
      await store.rotate(before.id, rotation(before))
      expectEqual(await log(), [], 'After a renewal the old token still counts.')
      const renewed = await stored(before.id)
      const bare = rotation(renewed, { predecessor: null, at: start + 2, logUntil: start + DAY })
      await store.rotate(before.id, bare)
      await store.rotate(before.id, bare)
      await store.rotate(before.id, rotation(renewed, { predecessor: null }))
      const assurance = { level: 1, methods: [] }
      const authentication = { assurance, expiresAt: start + 2 * HOUR, idleFor: null, persistent: false }
      const again = rotation(await stored(before.id), { predecessor: null, authentication, at: start + 3 })
      await store.rotate(before.id, again)
      await store.rotate(before.id, again)
      const ifUserEpoch = await epochOf(store, 'ada')
      await store.updateUser('ada', { at: start, set: new Map() })
      await store.rotate(before.id, rotation(await stored(before.id), { predecessor: null, ifUserEpoch }))
      await store.rotate('no such session', rotation(before, { predecessor: null }))
      const entries = (await log()).filter(({ scope }) => scope === 'session').map(({ seq: _, ...entry }) => entry)
      const of = { kind: 'changed', scope: 'session', subject: before.id }
      expectEqual(entries, [
        { ...of, at: start + 2, reason: 'rotated', count: 5, keepUntil: start + DAY },
        { ...of, at: start + 3, reason: 'authenticated', count: 6, keepUntil: start + 3 + HOUR },
      ])
    },
  ),

  storeCase('changes: an updateUser, with the epoch after it, also of a user without a session', 4, async (kit) => {
    const { store, add, start, log } = kit
    await add({ userId: 'ada' })
    const counts: number[] = []
    for (const userId of ['ada', 'nobody']) {
      await store.updateUser(userId, { at: start + 5, logUntil: start + DAY, set: new Map([['a', '1']]) })
      counts.push(await epochOf(store, userId))
    }
    const of = { kind: 'changed', scope: 'user', at: start + 5, reason: 'updated', keepUntil: start + DAY }
    expectEqual(
      (await log()).map(({ seq: _, ...entry }) => entry),
      ['ada', 'nobody'].map((subject, i) => ({ ...of, subject, count: counts[i] })),
    )
  }),

  storeCase('changes: an ended session counts above all its generations', 3, async (kit) => {
    const { store, add, start, request, log } = kit
    const limit = { max: 1, strategy: 'end-oldest', keepUntil: start + DAY } as const
    const byLimit = await add({ userId: 'ada', generation: 4 })
    const spared = await add({ userId: 'ada', generation: 6 }, { limit })
    const byUser = await add({ userId: 'ada', generation: 8 })
    await store.endUser('ada', { ...request(), except: spared.id })
    await store.end(spared.id, request())
    expectEqual(
      (await log()).map(({ subject, count }) => [subject, count]),
      [
        [byLimit.id, 5],
        [byUser.id, 9],
        [spared.id, 7],
      ],
    )
  }),

  storeCase(
    'changes: kept until the time that is said for the log, whatever is said for the record',
    4,
    async (kit) => {
      const { store, add, start, request, rotation, log } = kit
      const until = start + 2 * HOUR
      const short = { keepUntil: start + 1, logUntil: until }
      const limit = { max: 1, strategy: 'end-oldest', ...short } as const
      await add({ userId: 'eve' })
      await add({ userId: 'eve', expiresAt: start + 9 * HOUR, idleFor: null }, { limit })
      await store.end((await add()).id, request(short))
      const rotated = await add({ expiresAt: start + 9 * HOUR, idleFor: null })
      await store.rotate(rotated.id, rotation(rotated, { predecessor: null, logUntil: until }))
      await add({ userId: 'ada' })
      await store.endUser('ada', { ...request(short), except: 'other' })
      await store.endUser('bob', request(short))
      await store.updateUser('bob', { at: start, logUntil: until, set: new Map() })
      await store.endAll(request(short))
      const entries = await log()
      expectEqual(
        entries.map(({ keepUntil }) => keepUntil),
        entries.map(() => until),
      )
      expectEqual(entries.length, 7)
      await store.sweep(until - 1, { limit: 100, keepFor: 0 })
      expectEqual((await log()).length, 7, 'One went too early.')
      await store.sweep(until, { limit: 100, keepFor: 0 })
      expectEqual(await log(), [])
    },
  ),

  storeCase(
    'changes: an endUser with except that ends nobody is not in the log',
    4,
    async ({ store, add, request, log }) => {
      const { id } = await add({ userId: 'ada' })
      await store.endUser('ada', { ...request(), except: id })
      await store.endUser('nobody', { ...request(), except: id })
      expectEqual(await log(), [])
    },
  ),

  storeCase(
    'changes: the ending of an expired record is in the log',
    11,
    async ({ store, add, start, request, log }) => {
      const late = request({ at: start + 13 * HOUR })
      const [first, second] = [await add(), await add({ userId: 'ada' })]
      await store.end(first.id, late)
      await store.endUser('ada', { ...late, except: 'other' })
      expectEqual(subjects(await log()), [first.id, second.id])
    },
  ),

  storeCase('changes: only those since, at most the limit', 15, async (kit) => {
    const ended = await endings(kit, 7)
    const all = await kit.log()
    expectEqual(subjects(all), ended)
    const third = all[2]?.seq ?? 0
    expectEqual(await kit.log(third), all.slice(3))
    expectEqual(await kit.store.changes(third, { limit: 2 }), all.slice(3, 5))
    expectEqual(await kit.store.changes(0, { limit: 1 }), all.slice(0, 1))
    expectEqual(await kit.log(all.at(-1)?.seq), [])
  }),

  storeCase('changes: a thousand unless told otherwise', 15, async ({ store, log, request }) => {
    for (let i = 0; i < 1_005; i++) await store.endUser(`user ${i}`, request())
    const first = await log()
    expectEqual(first.length, 1_000)
    const rest = await log(first.at(-1)?.seq)
    expectEqual(
      subjects([...first, ...rest]),
      Array.from({ length: 1_005 }, (_, i) => `user ${i}`),
    )
  }),

  storeCase('changes: who follows the log while 50 end at once misses none', 4, async (kit) => {
    const { store, add, request } = kit
    const added = await together(50, () => add({ userId: 'ada' }))
    let ending = true
    const all = together(added.length, (i) => store.end(added[i]?.id ?? '', request())).then(() => {
      ending = false
    })
    const followed = await follow(store, () => ending)
    await all
    expectEqual(sorted(followed.map(({ subject }) => subject ?? '')), sorted(added.map(({ id }) => id)))
    expectEqual(followed, await kit.log())
  }),

  storeCase('changes: numbers go on after all entries were swept away', 15, async (kit) => {
    await endings(kit, 3)
    const last = (await kit.log()).at(-1)?.seq ?? 0
    await kit.store.sweep(kit.start + 30 * DAY, { limit: 100, keepFor: HOUR })
    expectEqual(await kit.log(), [])
    const [ended] = await endings(kit, 1)
    expectEqual(subjects(await kit.log(last)), [ended])
  }),
]

const NOTE = { reason: 'signed-out', count: 3 } as const

const notes = [
  storeCase('note: each is an entry, in the order given', 11, async ({ store, start, log }) => {
    const keepUntil = start + DAY
    const entries = nastyStrings.flatMap((subject) => [
      { ...NOTE, scope: 'session', subject, at: start + 1, keepUntil } as const,
      { ...NOTE, scope: 'token', subject, at: start + 1, keepUntil } as const,
    ])
    await store.note(entries)
    await store.note([])
    expectEqual(
      (await log()).map(({ seq: _, ...entry }) => entry),
      entries.map((entry) => ({ kind: 'ended', ...entry })),
    )
  }),

  storeCase('note: once for each scope and subject, also by 20 at once', 4, async ({ store, start, log }) => {
    const one = { ...NOTE, scope: 'token', subject: 'a token', at: start, keepUntil: start + DAY } as const
    await together(20, (i) => store.note([{ ...one, at: start + i }]))
    await store.note([one, one])
    await store.note([{ ...one, keepUntil: start + HOUR }])
    expectEqual(subjects(await log()), ['a token'])
  }),

  storeCase('note: again where it has to be kept longer, or was swept away', 4, async ({ store, start, log }) => {
    const one = { ...NOTE, scope: 'session', subject: 'sealed', at: start, keepUntil: start + HOUR } as const
    await store.note([one])
    await store.note([{ ...one, keepUntil: start + 2 * HOUR }])
    const kept = async () => (await log()).map(({ keepUntil }) => keepUntil)
    expectEqual(await kept(), [start + HOUR, start + 2 * HOUR])
    await store.sweep(start + HOUR, { limit: 10, keepFor: 0 })
    await store.note([{ ...one, keepUntil: start + 2 * HOUR }])
    expectEqual(await kept(), [start + 2 * HOUR])
    await store.sweep(start + 2 * HOUR, { limit: 10, keepFor: 0 })
    await store.note([{ ...one, at: start + 2 * HOUR, keepUntil: start + 3 * HOUR }])
    expectEqual(await kept(), [start + 3 * HOUR])
  }),
]

export const changeCases = [...changes, ...notes]

/** A log that goes on for ever would otherwise be a case that never ends. */
const MOST_LOOKS = 10_000

/** Small pages, as a follower with little room reads them, until `more` is over and nothing is left. */
async function follow(store: Store, more: () => boolean): Promise<readonly Change[]> {
  const followed: Change[] = []
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const wasMore = more()
    const entries = await store.changes(followed.at(-1)?.seq ?? 0, { limit: 7 })
    followed.push(...entries)
    // A store may answer from memory; what is under way in its engine goes on all the same.
    await new Promise<void>((resolve) => runtime.after(0, resolve, true))
    if (!wasMore && entries.length === 0) return followed
  }
  throw new Error(`The log did not end after ${MOST_LOOKS} looks.`)
}
