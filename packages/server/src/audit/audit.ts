import { setImmediate as turn } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Database } from '../accounts/database.ts'
import { reached } from '../accounts/faults.ts'
import type { Happening } from './happenings.ts'
import { type Kept, keptOf, rowOf } from './kept.ts'
import {
  devicesSeen,
  type FoundSessions,
  type SessionFilter,
  type SessionTest,
  searchSessions,
} from './session-search.ts'

/** What is looked for; all of it has to fit. */
export interface AuditFilter {
  readonly userId?: string | undefined
  readonly sessionId?: string | undefined
  /** One of these types. */
  readonly types?: readonly string[] | undefined
  /** Those with a smaller number: the next page after the last one of a page. */
  readonly before?: number | undefined
  /** At this time or later, in epoch milliseconds. */
  readonly since?: number | undefined
}

/** The account of what happened, in the server's database. */
export interface Audit {
  /** Never throws and never waits: it is written with others a moment later. */
  readonly record: (happening: Happening) => void
  /** The newest first. @throws AccountsOutageError */
  readonly list: (filter: AuditFilter, limit: number) => Promise<Kept[]>
  /** All that fits, the oldest first, a page at a time with other work in between, so that none has to hold it all. @throws AccountsOutageError */
  readonly stream: (filter: AuditFilter) => AsyncGenerator<Kept>
  /** Sessions of users by what is known of them, a page of `size` at a time. @throws AccountsOutageError */
  readonly sessions: (filter: SessionFilter, size: number, test: SessionTest) => Promise<FoundSessions>
  /** Every device that was signed in with. @throws AccountsOutageError */
  readonly devices: () => Promise<readonly string[]>
  /** Removes what is older than the retention. */
  readonly sweep: () => Promise<void>
  /** Writes what waits. What cannot be written goes on waiting; `trouble` is told why. Never throws. */
  readonly flush: () => Promise<void>
  /** Writes what waits, in at most five tries, and takes no more. */
  readonly close: () => Promise<void>
}

const EVERY = 250
const MOST_WAITING = 10_000
const BATCH = 200
/** Small enough that no request notices: SQLite's work stops the whole process. */
const PAGE = 100
const DAY = 86_400_000
/** How long the clock leaves a database alone that could not be written, in milliseconds. */
const REST = 1_000
/** How often a server that stops tries to write what waits; each try waits a second where the file is locked. */
const LAST_TRIES = 5
/** Of what strangers can make happen as often as they like, so many are kept in a minute. */
const MOST_OF_STRANGERS = 100
const OF_STRANGERS: ReadonlySet<string> = new Set(['refused', 'csrf-blocked', 'sign-in-failed', 'cookie-withheld'])

/** `retention` in days. `trouble` is told why something could not be written (it is tried again), `told` everything, also what is too much to be kept. */
export function makeAudit(
  db: Database,
  retention: number,
  trouble: (error: unknown) => void,
  told: (happening: Happening) => void = () => undefined,
  now: () => number = Date.now,
): Audit {
  const waiting: Happening[] = []
  let dropped = 0
  let strangers = { minute: 0, count: 0 }
  let writing: Promise<void> = Promise.resolve()
  let next: Promise<void> | null = null
  let restUntil = 0
  const admit = ({ type, at }: Happening): boolean => {
    if (waiting.length >= MOST_WAITING) return false
    if (!OF_STRANGERS.has(type)) return true
    const minute = Math.floor(at / 60_000)
    if (strangers.minute !== minute) strangers = { minute, count: 0 }
    strangers.count++
    return strangers.count <= MOST_OF_STRANGERS
  }
  const insert = (rows: ReturnType<typeof rowOf>[]) => reached(() => db.insertInto('happenings').values(rows).execute())
  /** Each waits until it is written, so that nothing is lost while the database is out of reach. */
  const write = async () => {
    for (let left = waiting.length; left > 0; left -= BATCH) {
      const batch = waiting.slice(0, Math.min(left, BATCH))
      await insert(batch.map(rowOf))
      waiting.splice(0, batch.length)
    }
    if (dropped === 0) return
    const count = dropped
    await insert([rowOf(notKept(now(), count))])
    dropped -= count
  }
  const isWaiting = () => waiting.length > 0 || dropped > 0
  /** One after the other, so that the numbers are in the order of what happened; those who ask meanwhile share the next. */
  const flush = () => {
    next ??= writing.then(async () => {
      next = null
      try {
        await write()
      } catch (error) {
        restUntil = performance.now() + REST
        trouble(error)
      }
    })
    writing = next
    return next
  }
  const timer = setInterval(() => {
    if (isWaiting() && performance.now() >= restUntil) void flush()
  }, EVERY)
  timer.unref()
  return {
    record(happening) {
      told(happening)
      if (admit(happening)) waiting.push(happening)
      else dropped++
    },
    async list(filter, limit) {
      await flush()
      const rows = await reached(() => selection(db, filter).orderBy('id', 'desc').limit(limit).execute())
      return rows.map(keptOf)
    },
    async *stream(filter) {
      await flush()
      let after = 0
      for (;;) {
        const page = selection(db, filter).where('id', '>', after).orderBy('id').limit(PAGE)
        const rows = await reached(() => page.execute())
        yield* rows.map(keptOf)
        if (rows.length < PAGE) return
        after = rows.at(-1)?.id ?? after
        await turn()
      }
    },
    async sessions(filter, size, test) {
      await flush()
      return await searchSessions(db, filter, size, test)
    },
    async devices() {
      await flush()
      return await devicesSeen(db)
    },
    async sweep() {
      await reached(() =>
        db
          .deleteFrom('happenings')
          .where('at', '<', now() - retention * DAY)
          .execute(),
      )
    },
    flush,
    async close() {
      clearInterval(timer)
      await flush()
      for (let tries = 1; tries < LAST_TRIES && isWaiting(); tries++) await flush()
    },
  }
}

/** What a filter leaves, in no order. */
export function selection(db: Database, { userId, sessionId, types, before, since }: AuditFilter) {
  let query = db.selectFrom('happenings').selectAll()
  if (userId !== undefined) query = query.where('user_id', '=', userId)
  if (sessionId !== undefined) query = query.where('session_id', '=', sessionId)
  if (types !== undefined) {
    // A type is of far more than a user or a session is. The sign hides it from the planner, who would walk along it.
    const isOfOne = userId !== undefined || sessionId !== undefined
    query = query.where(isOfOne ? sql<string>`+type` : sql.ref<string>('type'), 'in', types)
  }
  if (before !== undefined) query = query.where('id', '<', before)
  return since === undefined ? query : query.where('at', '>=', since)
}

const notKept = (at: number, count: number): Happening => ({
  at,
  type: 'not-kept',
  severity: 'notice',
  userId: null,
  sessionId: null,
  actor: null,
  detail: { count },
})
