import { runtime } from '#runtime'
import { type Feed, type FeedListener, hasFeed } from '../../core/capabilities.ts'
import type { Store } from '../../core/store.ts'
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

/** Ever-young: says that it is alive whatever it has told. */
function alwaysAlive(feed: Feed): Feed {
  return {
    get aliveAt() {
      return runtime.now() + 1_000
    },
    seesRemovals: false,
    stop: () => feed.stop(),
  }
}

const silent: FeedListener = { ended: () => undefined, missed: () => undefined }

export const brokenFeeds: readonly BrokenStore[] = [
  brokenFeed(
    'a feed of sessions alone',
    'tells of endings of a session, a user and all, as the log has them',
    (good, listener) =>
      good({ ...listener, ended: (entry) => (entry.scope === 'session' ? listener.ended(entry) : undefined) }),
  ),
  brokenFeed('a feed that tells nobody', 'tells of what other instances end', (good) => good(silent)),
  brokenFeed('a feed that tells every second one', 'misses none of many that come at once', (good, listener) => {
    let count = 0
    return good({ ...listener, ended: (entry) => (++count % 2 === 0 ? undefined : listener.ended(entry)) })
  }),
  brokenFeed(
    'a feed that says it is alive before it has told',
    'has told of each ending before it says that it was alive after it',
    (good, listener) => alwaysAlive(good(listener)),
  ),
  brokenFeed('a feed that cannot be stopped', 'tells nothing when it is stopped', (good, listener) => {
    const feed = good(listener)
    return {
      get aliveAt() {
        return feed.aliveAt
      },
      seesRemovals: feed.seesRemovals,
      stop: () => Promise.resolve(),
    }
  }),
]
