import { runtime } from '#runtime'
import type { Revocation, Store } from '../../core/store.ts'
import { expectEqual, expectTrue } from '../assert.ts'
import { DAY, HOUR, type Kit, sorted, storeCase, together } from './kit.ts'

const subjects = (entries: readonly Revocation[]) => entries.map(({ subject }) => subject)

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

export const revocationCases = [
  storeCase('revocations: none at first', 15, async ({ log, add }) => {
    await add({ userId: 'ada' })
    expectEqual(await log(), [])
  }),

  storeCase('revocations: one session, one user, or all, in the order of their numbers', 11, async (kit) => {
    const { store, add, request, start, log } = kit
    const { id } = await add({ userId: 'ada' })
    await store.end(id, request({ at: start + 3, reason: 'binding' }))
    await store.endUser('ada', request({ at: start + 2, reason: 'reused' }))
    await store.endAll(request({ at: start + 1, keepUntil: start + DAY }))
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
      { seq: first, scope: 'session', subject: id, at: start + 3, reason: 'binding', keepUntil: start + 7 * DAY },
      { seq: second, scope: 'user', subject: 'ada', at: start + 2, reason: 'reused', keepUntil: start + 7 * DAY },
      { seq: third, scope: 'all', subject: null, at: start + 1, reason: 'revoked', keepUntil: start + DAY },
    ])
  }),

  storeCase('revocations: only those since, at most the limit', 15, async (kit) => {
    const ended = await endings(kit, 7)
    const all = await kit.log()
    expectEqual(subjects(all), ended)
    const third = all[2]?.seq ?? 0
    expectEqual(await kit.log(third), all.slice(3))
    expectEqual(await kit.store.revocations(third, { limit: 2 }), all.slice(3, 5))
    expectEqual(await kit.store.revocations(0, { limit: 1 }), all.slice(0, 1))
    expectEqual(await kit.log(all.at(-1)?.seq), [])
  }),

  storeCase('revocations: a thousand unless told otherwise', 15, async ({ store, log, request }) => {
    for (let i = 0; i < 1_005; i++) await store.endUser(`user ${i}`, request())
    const first = await log()
    expectEqual(first.length, 1_000)
    const rest = await log(first.at(-1)?.seq)
    expectEqual(
      subjects([...first, ...rest]),
      Array.from({ length: 1_005 }, (_, i) => `user ${i}`),
    )
  }),

  storeCase('revocations: who follows the log while 50 end at once misses none', 4, async (kit) => {
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

  storeCase('revocations: numbers go on after all entries were swept away', 15, async (kit) => {
    await endings(kit, 3)
    const last = (await kit.log()).at(-1)?.seq ?? 0
    await kit.store.sweep(kit.start + 30 * DAY, { limit: 100, keepFor: HOUR })
    expectEqual(await kit.log(), [])
    const [ended] = await endings(kit, 1)
    expectEqual(subjects(await kit.log(last)), [ended])
  }),
]

/** A log that goes on for ever would otherwise be a case that never ends. */
const MOST_LOOKS = 10_000

/** Small pages, as a follower with little room reads them, until `more` is over and nothing is left. */
async function follow(store: Store, more: () => boolean): Promise<readonly Revocation[]> {
  const followed: Revocation[] = []
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const wasMore = more()
    const entries = await store.revocations(followed.at(-1)?.seq ?? 0, { limit: 7 })
    followed.push(...entries)
    // A store may answer from memory; what is under way in its engine goes on all the same.
    await new Promise<void>((resolve) => runtime.after(0, resolve, true))
    if (!wasMore && entries.length === 0) return followed
  }
  throw new Error(`The log did not end after ${MOST_LOOKS} looks.`)
}
