import { describe, expect, test } from 'vitest'
import type { SessionRecord } from '../../../../src/core/record/record.ts'
import { memoryStore } from '../../../../src/stores/memory.ts'
import { type CopyProgress, copyStore, movingStore } from '../../../../src/stores/moving.ts'
import { sqliteStore } from '../../../../src/stores/sqlite.ts'
import { intercept, modelStore } from '../../../../src/testing/index.ts'
import { add, ending, HOUR, MINUTE, nastyData, nastyKeys, START } from '../records.ts'

const AT = START + MINUTE
const makers = { memory: () => memoryStore(), sqlite: () => sqliteStore(':memory:', { namespace: 'default' }) }
const pairs = [
  ['memory', 'sqlite'],
  ['sqlite', 'memory'],
  ['sqlite', 'sqlite'],
] as const

async function filled(from: ReturnType<typeof memoryStore>) {
  const records: SessionRecord[] = []
  for (const [i, userId] of nastyKeys.entries()) {
    records.push(
      await add(from, { userId, data: nastyData(), createdAt: START + i, idleFor: i % 2 === 0 ? null : HOUR }),
    )
    records.push(await add(from, { id: `${userId} anonymous` }))
  }
  for (const { id } of records.slice(0, 6)) await from.end(id, { ...ending, note: 'stolen' })
  for (const userId of nastyKeys) await from.updateUser(userId, { at: AT, set: new Map([['role', '"user"']]) })
  return records
}

describe.each(pairs)('from %s to %s', (source, target) => {
  test('everything is there afterwards as it was: sessions, epochs, and the log that readers go on with', async () => {
    const [from, to] = [makers[source](), makers[target]()]
    const records = await filled(from)
    const result = await copyStore(from, to, { batch: 7 })
    expect(result).toEqual({ copied: records.length, there: 0, users: nastyKeys.length, behind: 0 })
    for (const { id } of records) expect(await to.read(id)).toEqual(await from.read(id))
    for (const userId of nastyKeys) {
      expect(await to.listUser(userId)).toMatchObject({ items: (await from.listUser(userId)).items })
      expect(await to.userEpoch(userId)).toEqual(await from.userEpoch(userId))
    }
    const log = await from.changes(0)
    expect(await to.changes(0)).toEqual(log)
    await to.end(records[9]?.id ?? '', ending)
    expect((await to.changes(log.at(-1)?.seq ?? 0)).map(({ subject }) => subject)).toEqual([records[9]?.id])
    await from.close()
    await to.close()
  })
})

test.each(pairs)('what was noted in %s holds in %s, and is not noted there again', async (source, target) => {
  const [from, to] = [makers[source](), makers[target]()]
  const note = { scope: 'token', reason: 'revoked', count: 1, at: AT, keepUntil: AT + HOUR } as const
  const [early, late] = [
    { ...note, subject: 'early' },
    { ...note, subject: 'late', scope: 'session' },
  ] as const
  await from.note([early])
  await copyStore(from, to)
  const { id } = await add(to)
  // As by a process that works with the old store alone, after the log was brought.
  await from.note([late])
  await from.end((await add(from, { id })).id, ending)
  for (let copies = 0; copies < 2; copies++) await copyStore(from, to)
  await to.note([early, late])
  const noted = (await to.changes(0)).filter(({ subject }) => subject !== id)
  expect(noted.map(({ seq: _, ...entry }) => entry)).toEqual([early, late].map((one) => ({ kind: 'ended', ...one })))
})

test('the numbers of a user go when they would have gone before', async () => {
  const [from, to] = [memoryStore(), sqliteStore(':memory:')]
  await from.endUser('ada', { ...ending, forgetAt: AT + 3_000 * 86_400_000 })
  await from.endUser('bob', { ...ending, forgetAt: AT + HOUR })
  for (const other of [to, memoryStore()]) {
    await copyStore(from, other)
    expect((await other.epochs()).items.map(({ userId, forgetAt }) => [userId, forgetAt])).toEqual([
      ['ada', AT + 3_000 * 86_400_000],
      ['bob', AT + HOUR],
    ])
  }
})

test('the epoch of all is that of users whom nobody knows, too', async () => {
  const [from, to] = [memoryStore(), memoryStore()]
  for (let i = 0; i < 3; i++) await from.endAll(ending)
  await copyStore(from, to)
  const epoch = ending.at + 2
  expect(await to.userEpoch('nobody')).toEqual({ epoch, endEpoch: epoch })
})

test('nobody has lower numbers after it, also where a full store has forgotten whose they were', async () => {
  const [from, to] = [memoryStore({ maxSessions: 1 }), memoryStore()]
  const users = Array.from({ length: 1_001 }, (_, i) => `user ${i}`)
  for (const userId of users) await from.endUser(userId, { ...ending, except: 'none' })
  expect((await from.userEpoch('nobody')).epoch).toBeGreaterThan((await from.userEpoch('nobody')).endEpoch)
  await copyStore(from, to)
  for (const userId of ['nobody', ...users]) {
    const [before, after] = [await from.userEpoch(userId), await to.userEpoch(userId)]
    expect([after.epoch >= before.epoch, after.endEpoch >= before.endEpoch]).toEqual([true, true])
  }
})

test('broken off it is gone on with: nothing is copied twice, and all is there', async () => {
  const from = memoryStore()
  for (let i = 0; i < 50; i++) await add(from)
  const store = memoryStore()
  const aborter = new AbortController()
  let cursor: string | null = null
  const killed = copyStore(from, store, {
    batch: 10,
    signal: aborter.signal,
    onProgress(progress) {
      cursor = progress.cursor
      if (progress.done === 20) aborter.abort()
    },
  })
  await expect(killed).rejects.toMatchObject({ code: 'ERR_STORE_TIMEOUT' })
  const adopted: number[] = []
  const to = intercept(store, async ({ method }, proceed) => {
    const answer = await proceed()
    if (method === 'adopt' && Array.isArray(answer)) adopted.push(answer.filter((one) => one === 'adopted').length)
    return answer
  })
  expect(await copyStore(from, to, { batch: 10, cursor })).toMatchObject({ copied: 30, there: 0, behind: 0 })
  // Three of what was left, then five that look whether all is there.
  expect(adopted).toEqual([10, 10, 10, 0, 0, 0, 0, 0])
  expect(await copyStore(from, store)).toMatchObject({ copied: 0, there: 50 })
  // A cursor that leaves out what no copy has brought is put right by the look at all.
  expect(await copyStore(from, memoryStore(), { batch: 10, cursor })).toMatchObject({ copied: 50, behind: 0 })
})

test('it tells how far it is', async () => {
  const from = memoryStore()
  for (let i = 0; i < 5; i++) await add(from)
  const told: CopyProgress[] = []
  await copyStore(from, memoryStore(), { batch: 2, onProgress: (progress) => void told.push(progress) })
  expect(told.map(({ phase, done, total }) => [phase, done, total])).toEqual([
    ['copying', 2, 5],
    ['copying', 4, 5],
    ['copying', 5, 5],
    ['checking', 2, 5],
    ['checking', 4, 5],
    ['checking', 5, 5],
  ])
  expect(told.map(({ cursor }) => cursor === null)).toEqual([false, false, true, true, true, true])
  const { stats: _, ...uncounted } = from
  await copyStore(uncounted, memoryStore(), { onProgress: ({ total }) => expect(total).toBe(0) })
})

describe('a process that works with the old store alone is told of', () => {
  const late = new Map<string, (from: ReturnType<typeof memoryStore>, id: string) => Promise<unknown>>([
    ['an update', (from, id) => from.update(id, { at: AT })],
    ['a touch', (from, id) => from.touch(id, AT, { interval: 0 })],
    [
      'a renewal',
      async (from, id) => {
        const record = await from.read(id)
        await from.rotate(id, {
          at: START,
          from: record?.secretHash ?? '',
          to: 'x',
          generation: 1,
          predecessor: null,
        })
      },
    ],
    ['a beginning', (from) => add(from)],
    ['an ending', (from, id) => from.end(id, ending)],
  ])

  test.each([...late])('by %s', async (name, change) => {
    const [from, to] = [memoryStore(), memoryStore()]
    const { id } = await add(from)
    let isDone = false
    const result = await copyStore(from, to, {
      // Between the copy and the look at it.
      onProgress({ phase }) {
        if (phase === 'copying' && !isDone) void change(from, id)
        isDone = true
      },
    })
    expect(result.behind).toBe(1)
    if (name === 'an ending') expect((await to.read(id))?.ended?.reason).toBe('revoked')
  })

  test('and after a look that has found something comes another', async () => {
    const from = memoryStore()
    await add(from)
    const looks: number[] = []
    const result = await copyStore(from, memoryStore(), {
      onProgress({ phase, done }) {
        if (phase === 'checking') looks.push(done)
        else void add(from)
      },
    })
    expect([result.behind, looks]).toEqual([1, [2, 2]])
  })

  test('and nobody else is', async () => {
    const [from, to] = [memoryStore(), memoryStore()]
    const moving = movingStore({ from, to })
    const [one, two] = [await add(from, { userId: 'ada' }), await add(from)]
    await copyStore(from, to)
    await moving.update(one.id, { at: AT })
    await moving.touch(two.id, START + 20 * MINUTE, { interval: 0 })
    await moving.sweep(START + 31 * MINUTE, { limit: 10, keepFor: HOUR })
    expect(await copyStore(from, to)).toMatchObject({ behind: 0 })
  })
})

test('stores that cannot be moved, and batches that are none, are refused', async () => {
  const { adopt: _, ...bare } = memoryStore()
  const code = 'ERR_OPTION'
  await expect(copyStore(bare, memoryStore())).rejects.toMatchObject({ code, option: 'from' })
  await expect(copyStore(memoryStore(), bare)).rejects.toMatchObject({ code, option: 'to' })
  await expect(copyStore(modelStore(), memoryStore(), { batch: 0 })).rejects.toMatchObject({ code, option: 'batch' })
})
