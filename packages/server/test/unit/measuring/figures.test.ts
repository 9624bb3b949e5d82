import { expect, it, onTestFinished } from 'vitest'
import type { Database } from '../../../src/accounts/database.ts'
import { openDatabase } from '../../../src/accounts/database.ts'
import { migrate } from '../../../src/accounts/migrations.ts'
import type { Happening } from '../../../src/audit/happenings.ts'
import { bucketOf, latencyOf } from '../../../src/measuring/buckets.ts'
import { ALIVE, type Figures, makeFigures, type Period, STORE_CALLS } from '../../../src/measuring/figures.ts'
import { dataFile } from '../accounts/tables.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

async function counting() {
  const clock = { now: 100 * DAY }
  const held = { 'signed-in': 3, anonymous: 0 }
  const troubles: unknown[] = []
  const path = dataFile()
  /** As another process would on the same file. */
  const another = async (): Promise<{ db: Database; figures: Figures }> => {
    const db = await openDatabase(path)
    await migrate(db)
    const figures = makeFigures(
      db,
      async () => ({ ...held }),
      (error) => troubles.push(error),
      () => clock.now,
    )
    onTestFinished(async () => {
      await figures.close()
      await db.destroy()
    })
    return { db, figures }
  }
  const { db, figures } = await another()
  const happen = (type: string, detail = {}, by = figures) => by.happened(happening(clock.now, type, detail))
  const shown = async (period: Period, name: string, label = '', by = figures) =>
    (await by.read(period)).values.get(name)?.get(label) ?? null
  return { db, figures, another, clock, held, troubles, happen, shown }
}

const happening = (at: number, type: string, detail: Happening['detail']): Happening => ({
  at,
  type,
  severity: 'info',
  userId: null,
  sessionId: null,
  actor: null,
  detail,
})

const ends = (values: readonly (number | null)[] | null) => [values?.length, values?.slice(-3)]

it('counts by minute, hour and day, and what was before the beginning is not known', async () => {
  const { clock, happen, shown } = await counting()
  happen('signed-in')
  clock.now += MINUTE
  happen('signed-in')
  happen('signed-in')
  expect(ends(await shown('hour', 'signed-in'))).toEqual([60, [null, 1, 2]])
  expect(ends(await shown('day', 'signed-in'))).toEqual([24, [null, null, 3]])
  expect(ends(await shown('month', 'signed-in'))).toEqual([30, [null, null, 3]])
  clock.now += 2 * MINUTE
  expect(ends(await shown('hour', 'signed-in'))).toEqual([60, [2, 0, 0]])
  clock.now += HOUR
  expect(ends(await shown('day', 'signed-in'))).toEqual([24, [null, 3, 0]])
  expect(await shown('hour', 'signed-in')).toBeNull()
})

it('tells when each step begins', async () => {
  const { figures, clock } = await counting()
  clock.now += 90 * MINUTE
  const { at, step } = await figures.read('day')
  expect([at.at(-1), at[0], step]).toEqual([100 * DAY + HOUR, 100 * DAY + HOUR - 23 * HOUR, HOUR])
})

it('keeps reasons apart, and counts those that were ended all at once', async () => {
  const { happen, shown } = await counting()
  happen('ended', { reason: 'idle', note: null })
  happen('ended', { reason: 'idle', note: null })
  happen('all-ended', { count: 40, note: null })
  expect((await shown('hour', 'ended', 'idle'))?.at(-1)).toBe(2)
  expect((await shown('hour', 'ended', 'revoked'))?.at(-1)).toBe(40)
})

it('adds up what several processes counted, but sessions, of which each sees the same', async () => {
  const { figures, another, held, happen, shown } = await counting()
  const { figures: second } = await another()
  happen('signed-in')
  happen('signed-in', {}, second)
  happen('signed-in', {}, second)
  await Promise.all([figures.flush(), second.flush()])
  held['signed-in'] = 2
  for (const by of [figures, second]) {
    expect((await shown('hour', 'signed-in', '', by))?.at(-1)).toBe(3)
    expect((await shown('day', ALIVE, 'signed-in', by))?.at(-1)).toBe(3)
  }
})

it('shows a gap where nobody looked how many sessions there were', async () => {
  const { figures, clock, shown } = await counting()
  await figures.flush()
  clock.now += 2 * MINUTE
  expect(ends(await shown('hour', ALIVE, 'signed-in'))).toEqual([60, [3, null, 3]])
})

it('tries again what could not be written', async () => {
  const { db, figures, troubles, happen, shown } = await counting()
  happen('signed-in')
  await db.schema.alterTable('figures').renameTo('elsewhere').execute()
  await figures.flush()
  expect(troubles).toHaveLength(1)
  await db.schema.alterTable('elsewhere').renameTo('figures').execute()
  expect((await shown('hour', 'signed-in'))?.at(-1)).toBe(1)
})

it('keeps no more than what is looked at', async () => {
  const { db, figures, clock, happen } = await counting()
  for (let i = 0; i < 40; i++) {
    happen('signed-in')
    await figures.flush()
    clock.now += DAY
  }
  clock.now += HOUR
  await figures.sweep()
  const rows = await db.selectFrom('figures').select(['step', 'at']).where('name', '=', 'signed-in').execute()
  expect(rows.map(({ step }) => step)).toEqual(Array(29).fill(DAY))
})

it('how long calls took is known to a quarter', async () => {
  const { figures, shown } = await counting()
  for (let i = 0; i < 98; i++) figures.storeCall(0.0001)
  figures.storeCall(0.004)
  figures.storeCall(0.5)
  expect((await shown('hour', STORE_CALLS, bucketOf(0.0001)))?.at(-1)).toBe(98)
  const counts = new Map([0.0001, 0.004, 0.5].map((one, i) => [bucketOf(one), [98, 1, 1][i] ?? 0]))
  const latency = latencyOf(counts)
  for (const [found, real] of [
    [latency?.median, 0.1],
    [latency?.p99, 4],
    [latency?.longest, 500],
  ] as const) {
    expect(found).toBeGreaterThanOrEqual(real)
    expect(found).toBeLessThanOrEqual(real * 1.25)
  }
  expect(latencyOf(new Map([['3', 0]]))).toBeNull()
  expect([bucketOf(0), bucketOf(1e9)]).toEqual(['0', '80'])
})
