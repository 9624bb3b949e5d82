import { runtime } from '#runtime'
import { type Feed, type FeedListener, hasFeed } from '../../core/store/capabilities.ts'
import type { Store } from '../../core/store/store.ts'
import { aMoment } from '../waiting.ts'
import { type BrokenStore, broken } from './bench.ts'

function brokenFeed(
  name: string,
  breaks: string,
  watch: (good: (listener: FeedListener) => Feed, listener: FeedListener) => Feed,
): BrokenStore {
  return broken(name, [`feed: ${breaks}`], ({ good }) => {
    if (!hasFeed(good)) return {}
    return { watch: (listener: FeedListener) => watch((to) => good.watch(to), listener) } as Partial<Store>
  })
}

/** The feed with other values in some fields; the others are read from it each time. */
function feedWith(feed: Feed, change: Partial<Feed>): Feed {
  const same: Feed = {
    get aliveAt() {
      return feed.aliveAt
    },
    get completeSince() {
      return feed.completeSince
    },
    get seesRemovals() {
      return feed.seesRemovals
    },
    age: () => feed.age(),
    stop: () => feed.stop(),
  }
  return Object.defineProperties(same, Object.getOwnPropertyDescriptors(change))
}

/** A feed that says it is alive whatever it has told. */
function alwaysAlive(feed: Feed): Feed {
  return feedWith(feed, {
    get aliveAt() {
      return runtime.now() + 1_000
    },
    age: () => 0,
  })
}

const silent: FeedListener = { ended: () => undefined, changed: () => undefined, missed: () => undefined }

export const brokenFeeds: readonly BrokenStore[] = [
  brokenFeed(
    'a feed of sessions alone',
    'tells of endings of a session, a user and all, as the log has them',
    (good, listener) =>
      good({ ...listener, ended: (entry) => (entry.scope === 'session' ? listener.ended(entry) : undefined) }),
  ),
  brokenFeed(
    'a feed of endings alone',
    'tells of changes of a session and a user, as the log has them',
    (good, listener) => good({ ...listener, changed: () => undefined }),
  ),
  brokenFeed(
    'a feed that stays young',
    'says since when it is complete and how old it is, and is endlessly old when it is stopped',
    (good, listener) => feedWith(good(listener), { age: () => 0 }),
  ),
  brokenFeed('a feed that tells nobody', 'tells of what other instances end', (good) => good(silent)),
  brokenFeed('a feed that tells every second one', 'misses none of many that come at once', (good, listener) => {
    let count = 0
    return good({ ...listener, ended: (entry) => (++count % 2 === 0 ? undefined : listener.ended(entry)) })
  }),
  brokenFeed(
    'a feed that says it is alive before it has told',
    'has told of each ending before it says that it was alive after it',
    (good, listener) =>
      alwaysAlive(good({ ...listener, ended: (entry) => void aMoment(20).then(() => listener.ended(entry)) })),
  ),
  brokenFeed('a feed that cannot be stopped', 'tells nothing when it is stopped', (good, listener) => {
    return feedWith(good(listener), { stop: () => Promise.resolve() })
  }),
]
