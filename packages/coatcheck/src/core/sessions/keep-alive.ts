import type { Cancel } from '../../runtime/index.ts'
import { reportStoreFailure } from '../events/outage.ts'
import { isTouchDue } from '../record/lifecycle.ts'
import { type SessionRecord, withFields } from '../record/record.ts'
import type { Context } from './context.ts'
import { hasRunOut } from './running-out.ts'
import { recordOf, type SessionState } from './state.ts'

/** How many touches are under way at once. */
const AT_ONCE = 16
/** Milliseconds; a policy of very short timeouts must not keep a process busy. */
const SHORTEST_PAUSE = 20

/** A request whose answer has not begun. */
interface Underway {
  readonly state: SessionState
  readonly since: number
  /** The client is gone, or the answer has ended: nobody waits any more. */
  readonly isOver: () => boolean
  /** The session that `seenAt` is of. */
  id: string | null
  seenAt: number
}

/** Records activity for requests that last long, such as uploads, until their answers begin. */
export interface KeepAlive {
  /** Begins with this request's session; the answer ends it. A passive request is no activity. */
  readonly begin: (state: SessionState, isOver: () => boolean) => Cancel
  readonly close: () => void
}

const NOTHING: Cancel = () => undefined

/**
 * One timer for all requests under way, which touches each session at most once per touch interval. It looks twice in each, so
 * that a session is touched before its deadline: one that has passed is never revived.
 */
export function makeKeepAlive(ctx: Context): KeepAlive {
  const { runtime, settings } = ctx
  const { beat, longestRequest } = settings.policy
  const pause = Math.max(SHORTEST_PAUSE, Math.floor(beat / 2))
  const underway = new Set<Underway>()
  let cancel: Cancel | null = null
  let isClosed = false

  function schedule(): void {
    if (cancel !== null || isClosed || underway.size === 0) return
    cancel = runtime.after(pause, () => {
      void touchAll().then(() => {
        cancel = null
        schedule()
      })
    })
  }

  async function touchAll(): Promise<void> {
    const all = [...underway]
    for (let i = 0; i < all.length; i += AT_ONCE) await Promise.all(all.slice(i, i + AT_ONCE).map(touchOne))
  }

  async function touchOne(one: Underway): Promise<void> {
    try {
      if (!(await staysAlive(one))) underway.delete(one)
    } catch (error) {
      // The next round tries again; a session that cannot be touched in time ends as any other.
      reportStoreFailure(ctx, 'touch', error)
    }
  }

  /** False where there is nothing more to do for this request. */
  async function staysAlive(one: Underway): Promise<boolean> {
    const now = runtime.now()
    if (one.isOver() || now - one.since > longestRequest) return false
    const { held } = one.state
    // A session may begin later in this request.
    if (held === null) return one.id === null
    const { record } = held
    if (record.id !== one.id) remember(one, record)
    const seen = withFields(record, { lastSeenAt: one.seenAt })
    if (!isTouchDue(seen, now, beat)) return true
    const over = hasRunOut(ctx, { ...held, record: seen })
    if (over !== false && (await over) !== null) return false
    if (!ctx.touches.admit(record.id, now)) return true
    const result = await held.kind.touch({ ...held, isUnseen: false }, now, beat)
    if (result === 'touched') one.seenAt = now
    return result !== 'gone'
  }

  /** Notes the last activity that the store knows: the opening of the session has recorded what was due then. */
  function remember(one: Underway, record: SessionRecord): void {
    one.id = record.id
    one.seenAt = isTouchDue(record, one.since, settings.policy.touch) ? one.since : record.lastSeenAt
  }

  return {
    begin(state, isOver) {
      if (state.passive || longestRequest === 0 || isClosed || !runtime.mayShareAcrossRequests()) return NOTHING
      const one: Underway = { state, since: runtime.now(), isOver, id: null, seenAt: 0 }
      const record = recordOf(state)
      if (record !== null) remember(one, record)
      underway.add(one)
      schedule()
      return () => underway.delete(one)
    },
    close() {
      isClosed = true
      underway.clear()
      cancel?.()
    },
  }
}
