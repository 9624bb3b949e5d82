import { sql } from 'kysely'
import type { Database } from '../accounts/database.ts'
import { reached } from '../accounts/faults.ts'
import { inTransaction } from '../accounts/transaction.ts'
import type { Happening } from '../audit/happenings.ts'
import { putLast } from '../bounded-map.ts'
import { bucketOf } from './buckets.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** What is looked at: so many steps of such a width, in milliseconds, the last one under way. */
export const PERIODS = {
  hour: { step: MINUTE, steps: 60 },
  day: { step: HOUR, steps: 24 },
  month: { step: DAY, steps: 30 },
} as const
export type Period = keyof typeof PERIODS

/** The most sessions that there were at once, by state. */
export const ALIVE = 'sessions-alive'
/** Calls of the store, by the bucket of how long they took. */
export const STORE_CALLS = 'store-calls'

/** Each kind of figure: what happened by its type, and the two above. Label → a value for each step, null before counting began. */
export interface History {
  readonly step: number
  /** When each step begins, the earliest first, in epoch milliseconds. */
  readonly at: readonly number[]
  readonly values: ReadonlyMap<string, ReadonlyMap<string, readonly (number | null)[]>>
}

/** Numbers over time, in the server's database: those of several processes add up there. */
export interface Figures {
  /** Counts what happened, whether it is kept or not. */
  readonly happened: (happening: Happening) => void
  /** Counts a call of the store. */
  readonly storeCall: (seconds: number) => void
  /** @throws AccountsOutageError */
  readonly read: (period: Period) => Promise<History>
  /** Removes what no period looks at any more. */
  readonly sweep: () => Promise<void>
  /** Writes what was counted. */
  readonly flush: () => Promise<void>
  /** Writes what was counted, and counts no more. */
  readonly close: () => Promise<void>
}

/** How many sessions there are, by state. */
type Stats = () => Promise<Readonly<Record<string, number>>>

interface Counted {
  readonly at: number
  readonly name: string
  readonly label: string
  value: number
}

/** What waits while the database cannot be written: some hours of it; then the earliest is let go. */
const MOST_WAITING = 20_000
const BATCH = 200

/** `trouble` is told what could not be written. It is tried again a minute later. */
export function makeFigures(
  db: Database,
  stats: Stats,
  trouble: (error: unknown) => void,
  now: () => number = Date.now,
): Figures {
  let waiting = new Map<string, Counted>()
  let writing: Promise<void> = Promise.resolve()
  const add = (name: string, label: string, time: number, value = 1) => {
    const at = startOf(time, MINUTE)
    const key = `${at} ${name} ${label}`
    const known = waiting.get(key)
    if (known !== undefined) known.value = joined(name, known.value, value)
    else putLast(waiting, key, { at, name, label, value }, MOST_WAITING)
  }
  const write = async () => {
    for (const [state, count] of Object.entries(await stats())) add(ALIVE, state, now(), count)
    const batch = waiting
    waiting = new Map()
    try {
      const rows = rowsOf([...batch.values()])
      await reached(() => inTransaction(db, 0, (connection) => insert(connection, rows)))
    } catch (error) {
      for (const { at, name, label, value } of batch.values()) add(name, label, at, value)
      throw error
    }
  }
  const flush = () => {
    writing = writing.then(write).catch(trouble)
    return writing
  }
  const timer = setInterval(() => void flush(), MINUTE)
  timer.unref()
  return {
    happened({ type, at, detail }) {
      // Where all are ended at once, none has an event of its own.
      if (type === 'all-ended') add('ended', 'revoked', at, Number(detail['count']))
      add(type, typeof detail['reason'] === 'string' ? detail['reason'] : '', at)
    },
    storeCall(seconds) {
      add(STORE_CALLS, bucketOf(seconds), now())
    },
    async read(period) {
      await flush()
      const { step, steps } = PERIODS[period]
      const first = startOf(now(), step) - (steps - 1) * step
      const at = Array.from({ length: steps }, (_, i) => first + i * step)
      const since = await reached(() =>
        db
          .selectFrom('figures')
          .select(({ fn }) => fn.min('at').as('at'))
          .where('step', '=', step)
          .executeTakeFirst(),
      )
      const rows = await reached(() =>
        db.selectFrom('figures').selectAll().where('step', '=', step).where('at', '>=', first).execute(),
      )
      return { step, at, values: valuesOf(rows, at, since?.at ?? now()) }
    },
    async sweep() {
      for (const { step, steps } of Object.values(PERIODS)) {
        const query = db.deleteFrom('figures').where('step', '=', step)
        await reached(() => query.where('at', '<', now() - steps * step).execute())
      }
    },
    flush,
    async close() {
      clearInterval(timer)
      await flush()
    },
  }
}

const startOf = (time: number, step: number) => Math.floor(time / step) * step

/** Each process tells of the same sessions, so the most of them counts; all else adds up. */
const joined = (name: string, one: number, other: number) => (name === ALIVE ? Math.max(one, other) : one + other)

interface Row {
  readonly step: number
  readonly at: number
  readonly name: string
  readonly label: string
  readonly value: number
}

/** What was counted in each minute, for every width of step. */
function rowsOf(counted: readonly Counted[]): Row[] {
  const rows = new Map<string, Row>()
  for (const { at: minute, name, label, value } of counted) {
    for (const { step } of Object.values(PERIODS)) {
      const at = startOf(minute, step)
      const key = `${step} ${at} ${name} ${label}`
      const known = rows.get(key)
      rows.set(key, { step, at, name, label, value: known === undefined ? value : joined(name, known.value, value) })
    }
  }
  return [...rows.values()]
}

async function insert(db: Database, rows: readonly Row[]): Promise<void> {
  for (let i = 0; i < rows.length; i += BATCH) {
    await db
      .insertInto('figures')
      .values(rows.slice(i, i + BATCH))
      .onConflict((conflict) =>
        conflict.columns(['step', 'at', 'name', 'label']).doUpdateSet({
          value: sql`CASE excluded.name WHEN ${ALIVE} THEN max(value, excluded.value) ELSE value + excluded.value END`,
        }),
      )
      .execute()
  }
}

/** `since`: when counting began. What was not counted later is 0, but for how many there were at once: nobody looked. */
function valuesOf(rows: readonly Row[], at: readonly number[], since: number): History['values'] {
  const places = new Map(at.map((one, place) => [one, place]))
  const values = new Map<string, Map<string, (number | null)[]>>()
  for (const { at: time, name, label, value } of rows) {
    const place = places.get(time)
    if (place === undefined) continue
    const ofName = values.get(name) ?? new Map<string, (number | null)[]>()
    values.set(name, ofName)
    const list = ofName.get(label) ?? at.map((one) => (one < since || name === ALIVE ? null : 0))
    ofName.set(label, list)
    list[place] = value
  }
  return values
}
