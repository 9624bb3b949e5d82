import { runtime } from '#runtime'
import { type Feed, hasFeed } from '../../core/store/capabilities.ts'
import type { Change, Store } from '../../core/store/store.ts'
import { expectEqual, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import { until } from '../waiting.ts'
import { type Kit, kitOf, type StoreContext, texts } from './kit.ts'

const NONE = 'The store has no feed.'
const ALONE = 'No second instance can be opened over the same records.'
/** A feed that is begun, and what it has told. */
interface Followed {
  readonly feed: Feed
  readonly told: Change[]
  /** Waits until as many were told. */
  readonly hears: (count: number) => Promise<void>
}

function feedCase(name: string, run: (kit: Kit, followed: Followed, second: Store) => Promise<void>, isShared = false) {
  const one: Case<StoreContext> = {
    name: `feed: ${name}`,
    promise: null,
    skipFor: ({ store, open }) => (hasFeed(store) ? (isShared && open === undefined ? ALONE : null) : NONE),
    async run(context) {
      const { store, start } = context
      expectTrue(hasFeed(store), NONE)
      const kit = kitOf(store, start)
      // Before the feed begins, so none of its business.
      await kit.store.end((await kit.add()).id, kit.request())
      const told: Change[] = []
      const feed = store.watch({
        ended: (entry) => told.push(entry),
        changed: (entry) => told.push(entry),
        missed: () => told.splice(0),
      })
      const second = isShared ? await context.open?.() : undefined
      try {
        await until(() => feed.aliveAt > 0, 'The feed never began.')
        const hears = (count: number) => until(() => told.length >= count, `Less than ${count} endings were told.`)
        await run(kit, { feed, told, hears }, second ?? store)
      } finally {
        await feed.stop()
        await second?.close()
      }
    },
  }
  return one
}

export const feedCases: readonly Case<StoreContext>[] = [
  feedCase('tells of endings of a session, a user and all, as the log has them', async (kit, { told, hears }) => {
    const { store, add, request, log } = kit
    await store.end((await add({ userId: 'ada' })).id, request({ reason: 'signed-out' }))
    await store.endUser('ada', request())
    await store.endAll(request())
    await hears(3)
    expectEqual(told, (await log()).slice(1))
  }),

  feedCase('tells of changes of a session and a user, as the log has them', async (kit, { told, hears }) => {
    const { store, add, start, rotation, log } = kit
    const record = await add({ userId: 'ada' })
    await store.rotate(record.id, rotation(record, { predecessor: null }))
    await store.updateUser('ada', { at: start, set: texts({ role: '"user"' }) })
    await hears(2)
    expectEqual(told, (await log()).slice(1))
    expectEqual(
      told.map(({ kind, scope }) => [kind, scope]),
      [
        ['changed', 'session'],
        ['changed', 'user'],
      ],
    )
  }),

  feedCase(
    'says since when it is complete and how old it is, and is endlessly old when it is stopped',
    async (_, { feed }) => {
      await until(() => feed.completeSince > 0 && feed.age() < 5_000, 'It stays old, or is never complete.')
      expectTrue(feed.completeSince <= runtime.now(), 'It is complete since a time to come.')
      await feed.stop()
      expectEqual(feed.age(), Number.POSITIVE_INFINITY)
    },
  ),

  feedCase(
    'tells of what other instances end',
    async ({ add, request }, { told, hears }, second) => {
      const { id } = await add({ userId: 'ada' })
      await second.end(id, request())
      await hears(1)
      expectEqual(told[0]?.subject, id)
    },
    true,
  ),

  feedCase('misses none of many that come at once', async ({ store, add, request, log }, { told, hears }) => {
    const added = await Promise.all(Array.from({ length: 50 }, () => add()))
    await Promise.all(added.map(({ id }) => store.end(id, request())))
    await hears(50)
    expectEqual(told, (await log()).slice(1))
  }),

  feedCase('has told of each ending before it says that it was alive after it', async (kit, { feed, told }) => {
    for (let i = 1; i <= 5; i++) {
      const { id } = await kit.add()
      await kit.store.end(id, kit.request())
      const acknowledged = runtime.now()
      await until(() => feed.aliveAt > acknowledged, 'The feed stands still.')
      expectEqual(told.at(-1)?.subject, id)
    }
  }),

  feedCase('tells nothing when it is stopped', async ({ store, add, request }, { feed, told, hears }) => {
    await store.end((await add()).id, request())
    await hears(1)
    await feed.stop()
    const other: Change[] = []
    expectTrue(hasFeed(store), NONE)
    const witness = store.watch({
      ended: (entry) => other.push(entry),
      changed: () => undefined,
      missed: () => undefined,
    })
    await until(() => witness.aliveAt > 0, 'The feed never began.')
    await store.end((await add()).id, request())
    await until(() => other.length > 0, 'The second feed tells nothing.')
    await witness.stop()
    expectEqual(told.length, 1)
  }),
]
