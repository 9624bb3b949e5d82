import { expectEqual } from '../assert.ts'
import { HOUR, later, MINUTE, storeCase, texts } from './kit.ts'
import { commuting, richRecord, type Write } from './writes.ts'

const { update, fields, touch, renewal, authentication, updateUser } = commuting

/** A store that reads the whole record, waits and writes the whole record loses one of two. */
const pairs: readonly (readonly [Write, Write])[] = [
  [update, fields],
  [update, touch],
  [update, renewal],
  [update, authentication],
  [update, updateUser],
  [fields, touch],
  [fields, renewal],
  [fields, authentication],
  [fields, updateUser],
  [touch, renewal],
  [touch, authentication],
  [touch, updateUser],
  [renewal, updateUser],
  [authentication, updateUser],
]

const both = pairs.map(([one, other]) =>
  storeCase(`race: ${one.name} and ${other.name} at once lose nothing`, 5, async (kit) => {
    await inEveryOrder(async (atOnce, what) => {
      const before = await kit.add(richRecord(kit))
      const [first, second] = [one.on(kit, before), other.on(kit, before)]
      await atOnce(first.call, second.call)
      expectEqual(await kit.stored(before.id), second.after(first.after(before)), what)
      await kit.store.end(before.id, kit.request())
    })
  }),
)

const afterAuthentication = storeCase(
  'race: an update by the old generation comes before an authentication or not at all',
  3,
  async (kit) => {
    await inEveryOrder(async (atOnce, what) => {
      const before = await kit.add(richRecord(kit))
      const change = { at: kit.start + MINUTE, set: texts({ old: '1' }) }
      const again = authentication.on(kit, before)
      const [updated] = await atOnce(
        () => kit.store.update(before.id, change, { ifGeneration: before.generation }),
        again.call,
      )
      const withOld = { ...before, data: new Map([...before.data, ['old', '1']]), version: before.version + 1 }
      const first = updated.outcome === 'updated' ? withOld : before
      const version = first.version
      expectEqual(updated, first === before ? { outcome: 'replaced' } : { outcome: 'updated', version }, what)
      expectEqual(await kit.stored(before.id), again.after(first), what)
      await kit.store.end(before.id, kit.request())
    })
  },
)

const nextSuccessor = storeCase('race: a touch that has seen one successor does not mark the next', 3, async (kit) => {
  await inEveryOrder(async (atOnce, what) => {
    const before = await kit.add(richRecord(kit))
    const at = kit.start + MINUTE
    const next = renewal.on(kit, before)
    await atOnce(() => kit.store.touch(before.id, at, { interval: HOUR, seen: before.generation }), next.call)
    expectEqual(await kit.stored(before.id), next.after(before), what)
    await kit.store.end(before.id, kit.request())
  })
})

export const lostUpdateCases = [...both, afterAuthentication, nextSuccessor]

type AtOnce = <A, B>(one: () => Promise<A>, other: () => Promise<B>) => Promise<[A, B]>

/** The most steps that one of the two calls is ahead of the other. */
const MOST_LEAD = 12

/** Runs a round for each lead that one of two calls can have over the other. */
async function inEveryOrder(round: (atOnce: AtOnce, what: string) => Promise<void>): Promise<void> {
  for (let lead = -MOST_LEAD; lead <= MOST_LEAD; lead++) {
    const what = `The second call came ${lead} steps after the first.`
    await round((one, other) => Promise.all([later(-lead, one), later(lead, other)]), what)
  }
}
