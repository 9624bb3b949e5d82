import { sql } from 'kysely'
import { BATCH, inBatches } from './batches.ts'
import type { Database } from './database.ts'
import { reached } from './faults.ts'

/** No limit has a longer window; what is older is swept. In milliseconds. */
export const LONGEST_WINDOW = 60 * 60_000

/** How often something may happen within a window, in milliseconds: at most `LONGEST_WINDOW`. */
export interface Limit {
  readonly most: number
  readonly window: number
}

export interface Attempt {
  /** What it was counted under does not count: it was no failure. */
  readonly giveBack: () => Promise<void>
}

export interface Refusal {
  /** Whole seconds until one more is allowed, at least 1. */
  readonly retryAfter: number
}

/** Counters in the database, so that all processes share them. Every call may throw an AccountsOutageError. */
export interface Attempts {
  /**
   * Counts one attempt under each key, or none where one of the limits is reached. It is counted before its outcome is
   * known, so that many at once cannot all be the last one.
   */
  readonly take: (counted: readonly (readonly [key: string, limit: Limit])[]) => Promise<Attempt | Refusal>
  /** Forgets all that was counted under the key. */
  readonly forget: (key: string) => Promise<void>
  readonly sweep: (olderThan: number, signal?: AbortSignal) => Promise<void>
}

export const isRefusal = (answer: Attempt | Refusal): answer is Refusal => 'retryAfter' in answer

export function makeAttempts(db: Database, now: () => number = Date.now): Attempts {
  const remove = async (ids: readonly number[]) => {
    if (ids.length > 0) await reached(() => db.deleteFrom('attempts').where('id', 'in', ids).execute())
  }
  /** One statement, so that no other process counts in between. */
  const count = async (key: string, { most, window }: Limit): Promise<number | null> => {
    const at = now()
    const result = await reached(() =>
      sql<{ id: number }>`
        INSERT INTO attempts (key, at) SELECT ${key}, ${at}
        WHERE (SELECT count(*) FROM attempts WHERE key = ${key} AND at > ${at - window}) < ${most} RETURNING id`.execute(
        db,
      ),
    )
    return result.rows[0]?.id ?? null
  }
  /** When the oldest of those that fill the limit leaves the window. */
  const secondsLeft = async (key: string, { most, window }: Limit): Promise<number> => {
    const query = db.selectFrom('attempts').select('at').where('key', '=', key).orderBy('at', 'desc')
    const row = await reached(() =>
      query
        .offset(most - 1)
        .limit(1)
        .executeTakeFirst(),
    )
    return Math.max(1, Math.ceil(((row?.at ?? now()) + window - now()) / 1000))
  }
  return {
    async take(counted) {
      const ids: number[] = []
      for (const [key, limit] of counted) {
        const id = await count(key, limit)
        if (id === null) {
          await remove(ids)
          return { retryAfter: await secondsLeft(key, limit) }
        }
        ids.push(id)
      }
      return { giveBack: () => remove(ids) }
    },
    async forget(key) {
      await reached(() => db.deleteFrom('attempts').where('key', '=', key).execute())
    },
    async sweep(olderThan, signal) {
      const old = db.selectFrom('attempts').select('id').where('at', '<=', olderThan).limit(BATCH)
      const query = db.deleteFrom('attempts').where('id', 'in', old)
      await inBatches(async () => Number((await reached(() => query.executeTakeFirst())).numDeletedRows), { signal })
    },
  }
}
