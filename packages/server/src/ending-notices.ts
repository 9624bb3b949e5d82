import type { Ended } from 'coatcheck'
import type { ServerSessions } from './session-data.ts'

/** Why a session ended, with our own note where it was ended from outside. */
export type Ending = Pick<Ended, 'reason' | 'note'>

/** Is told once: why the session ended, or null where the server stops. */
export type EndingListener = (ended: Ending | null) => void

/** A page that listens: by each of these so many may. */
export interface Listening {
  readonly sessionId: string
  readonly userId: string
  /** As `siteKey` answers it. */
  readonly site: string
}

/** Tells open pages that their session has ended. */
export interface EndingNotices {
  /** The answer stops it. Null where as many pages listen as may. */
  readonly subscribe: (who: Listening, listener: EndingListener) => (() => void) | null
  /** Whether one more may listen. */
  readonly hasRoom: (who: Listening) => boolean
  /** Tells all that nothing more will be told. */
  readonly close: () => void
}

/** How many pages may listen: in all, and of one session, one user and one address, so that no one takes all places. */
export const LISTENING = { inAll: 10_000, ofSession: 20, ofUser: 100, ofSite: 1_000 } as const

/**
 * Endings by any process are told when the library's feed tells of them. Timeouts, and what a store without a feed does not
 * tell, are found by asking the store every `every` milliseconds for the sessions that are listened for, one after the
 * other; that is no activity.
 */
export function makeEndingNotices(sessions: ServerSessions, every = 5_000): EndingNotices {
  const listeners = new Map<string, Map<EndingListener, Listening>>()
  /** How many listen by user and by site; none where nobody does. */
  const counts = new Map<string, number>()
  let count = 0
  const bounds = ({ userId, site }: Listening) =>
    [
      [`user ${userId}`, LISTENING.ofUser],
      [`site ${site}`, LISTENING.ofSite],
    ] as const
  const add = (who: Listening, one: 1 | -1) => {
    count += one
    for (const [key] of bounds(who)) {
      const now = (counts.get(key) ?? 0) + one
      if (now === 0) counts.delete(key)
      else counts.set(key, now)
    }
  }
  const tell = (sessionId: string, ended: Ending | null) => {
    const told = listeners.get(sessionId)
    if (told === undefined) return
    listeners.delete(sessionId)
    for (const [listener, who] of told) {
      add(who, -1)
      listener(ended)
    }
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
  const sessionsOf = (user: string | null) =>
    [...listeners].flatMap(([id, told]) => ([...told.values()].some(({ userId }) => userId === user) ? id : []))
  const watch = sessions.watchEndings({
    ended({ scope, subject }) {
      if (listeners.size === 0) return
      if (scope === 'all') void askAll().catch(later)
      else
        for (const id of scope === 'user' ? sessionsOf(subject) : [subject ?? ''])
          if (listeners.has(id)) void ask(id).catch(later)
    },
    gone(id) {
      if (listeners.has(id)) void ask(id).catch(later)
    },
    missed: () => void askAll().catch(later),
  })
  let isClosed = false
  const timer = setInterval(() => void askAll().catch(later), every)
  timer.unref()
  const hasRoom = (who: Listening) =>
    !isClosed &&
    count < LISTENING.inAll &&
    (listeners.get(who.sessionId)?.size ?? 0) < LISTENING.ofSession &&
    bounds(who).every(([key, most]) => (counts.get(key) ?? 0) < most)
  return {
    hasRoom,
    subscribe(who, listener) {
      if (!hasRoom(who)) return null
      const present = listeners.get(who.sessionId) ?? new Map<EndingListener, Listening>()
      listeners.set(who.sessionId, present.set(listener, who))
      add(who, 1)
      return () => {
        if (!present.delete(listener)) return
        if (listeners.get(who.sessionId) !== present) return
        add(who, -1)
        if (present.size === 0) listeners.delete(who.sessionId)
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
