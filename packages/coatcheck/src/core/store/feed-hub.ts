import type { Cancel, Runtime } from '../../runtime/index.ts'
import type { EndReason } from '../record/record.ts'
import { type Feed, type FeedListener, hasFeed } from './capabilities.ts'
import type { Change, Store } from './store.ts'

/** The one feed of a process: begun by the first follower, shared by all, stopped when the last has left. */
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

interface Follower {
  readonly listener: FeedListener
}

export function makeFeedHub(store: Store, runtime: Runtime): FeedHub {
  const followers = new Set<Follower>()
  let feed: Feed | null = null
  /** Settles when each feed that was stopped has ended. */
  let ending: Promise<unknown> = Promise.resolve()

  /** A follower that throws disturbs neither the feed nor the others. */
  function each(tell: (listener: FeedListener) => void): void {
    for (const { listener } of [...followers]) {
      try {
        tell(listener)
      } catch (error) {
        runtime.warn(`A listener of endings threw: ${error instanceof Error ? error.name : typeof error}`)
      }
    }
  }

  /** Forgets the feed at once, so that whoever follows while it ends begins another. */
  function stop(): void {
    const stopped = feed?.stop()
    feed = null
    if (stopped === undefined) return
    const failed = (error: unknown) =>
      runtime.warn(`A feed could not be stopped: ${error instanceof Error ? error.name : typeof error}`)
    ending = Promise.all([ending, stopped.catch(failed)])
  }

  return {
    follow(listener) {
      // An object of its own, since one listener may follow twice. The listener is kept as it is: it may have a class.
      const own = { listener }
      followers.add(own)
      if (feed === null && hasFeed(store)) {
        feed = store.watch({
          ended: (change) => each((one) => one.ended(change)),
          changed: (change) => each((one) => one.changed(change)),
          gone: (sessionId) => each((one) => one.gone?.(sessionId)),
          missed: () => each((one) => one.missed()),
        })
      }
      return () => {
        if (followers.delete(own) && followers.size === 0) stop()
      }
    },
    age: () => feed?.age() ?? Number.POSITIVE_INFINITY,
    async close() {
      followers.clear()
      stop()
      await ending
    },
  }
}

/** Follows the hub for endings of sessions alone. */
export function watchEndings(hub: FeedHub, watcher: EndingWatcher): EndingWatch {
  const stop = hub.follow({
    ended(change) {
      if (isOfSessions(change))
        watcher.ended({ scope: change.scope, subject: change.subject, reason: change.reason, at: change.at })
    },
    changed: () => undefined,
    gone: (sessionId) => watcher.gone?.(sessionId),
    missed: () => watcher.missed?.(),
  })
  return { age: hub.age, stop }
}

type EndingOfSessions = Change & Pick<WatchedEnding, 'scope' | 'reason'>

function isOfSessions(change: Change): change is EndingOfSessions {
  return change.kind === 'ended' && change.scope !== 'token'
}
