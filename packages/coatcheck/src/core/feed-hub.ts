import type { Cancel, Runtime } from '../runtime/index.ts'
import { type Feed, type FeedListener, hasFeed } from './capabilities.ts'
import type { EndReason } from './record.ts'
import type { Change, Store } from './store.ts'

/** The one feed of a process: begun by the first follower, shared by all. */
export interface FeedHub {
  /** Tells a follower of every change from now on; the answer stops that. Without a feed it tells nothing. */
  readonly follow: (listener: FeedListener) => Cancel
  /** Milliseconds since which nothing is outstanding (`Feed.age`); Infinity without a feed, and before the first follower. */
  readonly age: () => number
  readonly close: () => Promise<void>
}

/** An ending by any process. */
export interface WatchedEnding {
  /** One session, all sessions of a user (none is spared then), or all there are. */
  readonly scope: 'session' | 'user' | 'all'
  /** The public id of the session, or the user's id; null for `all`. */
  readonly subject: string | null
  readonly reason: EndReason
  /** Epoch milliseconds, by the clock of the process that ended it. */
  readonly at: number
}

/** Hears of endings by any process. */
export interface EndingWatcher {
  readonly ended: (ending: WatchedEnding) => void
  /** A session's record is gone without an ending: removed by hand. Told by stores that see removals. */
  readonly gone?: ((sessionId: string) => void) | undefined
  /** Endings may have been missed: ask for each session that matters (`sessions.find`). */
  readonly missed?: (() => void) | undefined
}

export interface EndingWatch {
  /**
   * Milliseconds since which nothing is outstanding: an ending that was acknowledged longer ago has been told. Infinity where
   * the store has no feed, and while nothing is known.
   */
  age(): number
  stop(): void
}

export function makeFeedHub(store: Store, runtime: Runtime): FeedHub {
  const listeners = new Set<FeedListener>()
  let feed: Feed | null = null

  /** A follower that throws disturbs neither the feed nor the others. */
  function each(tell: (listener: FeedListener) => void): void {
    for (const listener of [...listeners]) {
      try {
        tell(listener)
      } catch (error) {
        runtime.warn(`A listener of endings threw: ${error instanceof Error ? error.name : typeof error}`)
      }
    }
  }

  return {
    follow(listener) {
      const own = { ...listener }
      listeners.add(own)
      if (feed === null && hasFeed(store)) {
        feed = store.watch({
          ended: (change) => each(({ ended }) => ended(change)),
          changed: (change) => each(({ changed }) => changed(change)),
          gone: (sessionId) => each(({ gone }) => gone?.(sessionId)),
          missed: () => each(({ missed }) => missed()),
        })
      }
      return () => {
        listeners.delete(own)
      }
    },
    age: () => feed?.age() ?? Number.POSITIVE_INFINITY,
    async close() {
      listeners.clear()
      await feed?.stop()
      feed = null
    },
  }
}

/** Follows the hub for endings of sessions alone. */
export function watchEndings(hub: FeedHub, { ended, gone, missed }: EndingWatcher): EndingWatch {
  const stop = hub.follow({
    ended(change) {
      if (isOfSessions(change))
        ended({ scope: change.scope, subject: change.subject, reason: change.reason, at: change.at })
    },
    changed: () => undefined,
    gone,
    missed: () => missed?.(),
  })
  return { age: hub.age, stop }
}

type EndingOfSessions = Change & Pick<WatchedEnding, 'scope' | 'reason'>

function isOfSessions(change: Change): change is EndingOfSessions {
  return change.kind === 'ended' && change.scope !== 'token'
}
