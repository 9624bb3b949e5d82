import type { Ended } from 'coatcheck'
import type { ServerSessions } from './environment.ts'

/** Why a session ended, with our own note where it was ended from outside. */
export type Ending = Pick<Ended, 'reason' | 'note'>

/** Is told once: why the session ended, or null where the server stops. */
export type EndingListener = (ended: Ending | null) => void

/** Tells open pages that their session has ended. */
export interface EndingNotices {
  /** The answer stops it. Null where as many pages listen as may. */
  readonly subscribe: (sessionId: string, listener: EndingListener) => (() => void) | null
  /** Tells all that nothing more will be told. */
  readonly close: () => void
}

const MOST = 10_000
const MOST_OF_ONE = 20

/**
 * Endings by any process are told when the library's feed tells of them. Timeouts, and what a store without a feed does not
 * tell, are found by asking the store every `every` milliseconds for the sessions that are listened for, one after the
 * other; that is no activity.
 */
export function makeEndingNotices(sessions: ServerSessions, every = 5_000): EndingNotices {
  const listeners = new Map<string, Set<EndingListener>>()
  let count = 0
  const tell = (sessionId: string, ended: Ending | null) => {
    const told = listeners.get(sessionId)
    if (told === undefined) return
    listeners.delete(sessionId)
    count -= told.size
    for (const listener of told) listener(ended)
  }
  const ask = async (id: string) => {
    const status = await sessions.find(id)
    if (status?.alive !== true) tell(id, status?.ended ?? { reason: 'unknown', note: null })
  }
  let asking: 'nobody' | 'all' | 'all, and again' = 'nobody'
  const askAll = async () => {
    if (asking !== 'nobody') {
      asking = 'all, and again'
      return
    }
    try {
      do {
        asking = 'all'
        for (const id of [...listeners.keys()]) await ask(id)
      } while (askedAgain())
    } finally {
      asking = 'nobody'
    }
  }
  const askedAgain = () => asking === 'all, and again'
  // An outage of the store is logged where it meets a request; here the next round will do.
  const later = () => undefined
  const watch = sessions.watchEndings({
    ended({ scope, subject }) {
      if (listeners.size === 0) return
      if (scope !== 'session') void askAll().catch(later)
      else if (subject !== null && listeners.has(subject)) void ask(subject).catch(later)
    },
    gone(id) {
      if (listeners.has(id)) void ask(id).catch(later)
    },
    missed: () => void askAll().catch(later),
  })
  let isClosed = false
  const timer = setInterval(() => void askAll().catch(later), every)
  timer.unref()
  return {
    subscribe(sessionId, listener) {
      const present = listeners.get(sessionId) ?? new Set()
      if (isClosed || count >= MOST || present.size >= MOST_OF_ONE) return null
      listeners.set(sessionId, present.add(listener))
      count++
      return () => {
        if (!present.delete(listener)) return
        if (listeners.get(sessionId) !== present) return
        count--
        if (present.size === 0) listeners.delete(sessionId)
      }
    },
    close() {
      isClosed = true
      clearInterval(timer)
      watch.stop()
      for (const id of [...listeners.keys()]) tell(id, null)
    },
  }
}
