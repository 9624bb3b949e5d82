import { setImmediate as turn } from 'node:timers/promises'
import { sql } from 'kysely'
import { inBatches } from '../accounts/batches.ts'
import type { Database } from '../accounts/database.ts'
import { reached } from '../accounts/faults.ts'
import { makeBudgets, type Sum } from './budgets.ts'
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
  /** Removes what is older than the retention, in batches with other work in between, until `signal` says that it is enough. */
  readonly sweep: (signal?: AbortSignal) => Promise<void>
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
/** Removed at once. An entry is in eight indexes, so a batch takes longer than elsewhere. */
const SWEPT = 100
const DAY = 86_400_000
/** How long the clock leaves a database alone that could not be written, in milliseconds. */
const REST = 1_000
/** How often a server that stops tries to write what waits; each try waits a second where the file is locked. */
const LAST_TRIES = 5

/** `retention` in days. `trouble` is told why something could not be written (it is tried again), `told` everything, also what is too much to be kept. */
export function makeAudit(
  db: Database,
  retention: number,
  trouble: (error: unknown) => void,
  told: (happening: Happening) => void = () => undefined,
  now: () => number = Date.now,
): Audit {
  const waiting: Happening[] = []
  const budgets = makeBudgets()
  let writing: Promise<void> = Promise.resolve()
  let next: Promise<void> | null = null
  let restUntil = 0
  let isClosing = false
  const insert = (rows: ReturnType<typeof rowOf>[]) => reached(() => db.insertInto('happenings').values(rows).execute())
  /** Each waits until it is written, so that nothing is lost while the database is out of reach. */
  const write = async (isLast: boolean) => {
    for (let left = waiting.length; left > 0; left -= BATCH) {
      const batch = waiting.slice(0, Math.min(left, BATCH))
      await insert(batch.map(rowOf))
      waiting.splice(0, batch.length)
    }
    const sums = budgets.due(now(), isLast)
    for (let i = 0; i < sums.length; i += BATCH) {
      const batch = sums.slice(i, i + BATCH)
      await insert(batch.map((sum) => rowOf(notKept(sum))))
      budgets.take(batch)
    }
  }
  const isWaiting = (isLast = false) => waiting.length > 0 || budgets.due(now(), isLast).length > 0
  /** One after the other, so that the numbers are in the order of what happened; those who ask meanwhile share the next. */
  const flush = () => {
    next ??= writing.then(async () => {
      next = null
      try {
        await write(isClosing)
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
      if (budgets.admit(happening) && waiting.length < MOST_WAITING) waiting.push(happening)
      else budgets.add(happening)
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
    async sweep(signal) {
      const old = db.selectFrom('happenings').select('id')
      const query = db
        .deleteFrom('happenings')
        .where('id', 'in', old.where('at', '<', now() - retention * DAY).limit(SWEPT))
      const remove = async () => Number((await reached(() => query.executeTakeFirst())).numDeletedRows)
      await inBatches(remove, { size: SWEPT, signal })
    },
    flush,
    async close() {
      clearInterval(timer)
      isClosing = true
      await flush()
      for (let tries = 1; tries < LAST_TRIES && isWaiting(true); tries++) await flush()
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

const notKept = ({ at, type, userId, count }: Sum): Happening => ({
  at,
  type: 'not-kept',
  severity: 'notice',
  userId,
  sessionId: null,
  actor: null,
  detail: { of: type, count },
})
