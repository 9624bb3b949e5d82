import { DatabaseSync } from 'node:sqlite'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, it, onTestFinished, vi } from 'vitest'
import { type Database, openDatabase } from '../../../src/accounts/database.ts'
import { migrate } from '../../../src/accounts/migrations.ts'
import { type AuditFilter, makeAudit, selection } from '../../../src/audit/audit.ts'
import { asCsv, asNdjson } from '../../../src/audit/exporting.ts'
import { accountHappening, type Happening, happeningOf } from '../../../src/audit/happenings.ts'
import { dataFile, tables } from '../accounts/tables.ts'
import { planOf } from './plans.ts'

const DAY = 86_400_000

async function all(texts: AsyncIterable<string>): Promise<string[]> {
  const list: string[] = []
  for await (const text of texts) list.push(text)
  return list
}

async function onAFile() {
  const path = dataFile()
  const db = await openDatabase(path)
  await migrate(db)
  onTestFinished(() => db.destroy())
  const kept = async () => {
    const rows = await db.selectFrom('happenings').select('type').orderBy('id').execute()
    return rows.map(({ type }) => type)
  }
  return { path, kept, ...(await anAudit(db)) }
}

async function anAudit(given?: Database) {
  const clock = { now: 100 * DAY }
  const troubles: unknown[] = []
  const told: Happening[] = []
  const db = given ?? (await tables())
  const audit = makeAudit(
    db,
    90,
    (error) => troubles.push(error),
    (happening) => told.push(happening),
    () => clock.now,
  )
  onTestFinished(() => audit.close())
  const record = (over: Partial<Happening> = {}) =>
    audit.record({
      at: clock.now,
      type: 'signed-in',
      severity: 'info',
      userId: 'alice',
      sessionId: 's1',
      actor: null,
      detail: { replaced: null },
      ...over,
    })
  const types = async (filter: AuditFilter = {}) => (await audit.list(filter, 100)).map(({ type }) => type)
  const counts = async () => {
    const found = new Map<string, number>()
    for await (const { type } of audit.stream({})) found.set(type, (found.get(type) ?? 0) + 1)
    return found
  }
  return { db, clock, troubles, told, audit, record, types, counts }
}

it('what happened is kept in its order, and found by whose it was, session, kind and time', async () => {
  const { clock, record, types, audit } = await anAudit()
  record()
  record({ type: 'ended', detail: { reason: 'idle', note: null } })
  clock.now += 5
  record({ type: 'role-changed', sessionId: null, actor: 'bob', detail: { from: 'user', to: 'admin' } })
  record({ type: 'signed-in', userId: 'bob', sessionId: 's2' })
  expect(await types()).toEqual(['signed-in', 'role-changed', 'ended', 'signed-in'])
  expect(await types({ userId: 'alice' })).toEqual(['role-changed', 'ended', 'signed-in'])
  expect(await types({ sessionId: 's1' })).toEqual(['ended', 'signed-in'])
  expect(await types({ types: ['signed-in'], userId: 'alice' })).toEqual(['signed-in'])
  expect(await types({ since: clock.now })).toEqual(['signed-in', 'role-changed'])
  const [first] = await audit.list({ types: ['role-changed'] }, 1)
  expect(first).toMatchObject({ at: clock.now, actor: 'bob', detail: { from: 'user', to: 'admin' } })
  expect(await types({ before: first?.id ?? 0 })).toEqual(['ended', 'signed-in'])
})

it.each([
  [{ types: ['ended'] }, 'happenings_type'],
  [{ userId: 'alice' }, 'happenings_user_id'],
  [{ sessionId: 's1' }, 'happenings_session_id'],
  [{ userId: 'alice', types: ['ended'] }, 'happenings_user_id'],
  [{ sessionId: 's1', types: ['ended'] }, 'happenings_session_id'],
  [{ userId: 'alice', types: ['ended', 'signed-in'] }, 'happenings_user_id'],
] satisfies [AuditFilter, string][])(
  'walks along the index that leaves the fewest, in its order: %j',
  async (filter, index) => {
    const { db } = await anAudit()
    const latest = selection(db, { ...filter, before: 1_000 })
      .orderBy('id', 'desc')
      .limit(100)
    const walk = expect.stringMatching(`^SEARCH happenings USING INDEX ${index} \\(.*id<\\?\\)$`)
    expect(await planOf(db, latest.compile())).toEqual([walk])
  },
)

it('a user and a session at once are found by either of the two, whatever the type', async () => {
  const { db } = await anAudit()
  const query = selection(db, { userId: 'alice', sessionId: 's1', types: ['ended'] })
    .orderBy('id', 'desc')
    .limit(100)
  const walk = expect.stringMatching(/^SEARCH happenings USING INDEX happenings_(user|session)_id \(/)
  expect(await planOf(db, query.compile())).toEqual([walk])
})

it('what strangers can make happen without end is kept a hundred times a minute, and the rest is counted', async () => {
  const { clock, record, audit, told, counts } = await anAudit()
  for (let i = 0; i < 350; i++) record({ type: 'refused', userId: null, sessionId: null })
  record()
  expect(await counts()).toEqual(
    new Map([
      ['not-kept', 1],
      ['refused', 100],
      ['signed-in', 1],
    ]),
  )
  const [row] = await audit.list({ types: ['not-kept'] }, 1)
  expect(row?.detail).toEqual({ count: 250 })
  expect(told).toHaveLength(351)
  clock.now += 60_000
  record({ type: 'refused' })
  expect((await counts()).get('refused')).toBe(101)
})

it('a database that cannot be written delays nobody, and is told of', async () => {
  const { db, troubles, record, audit } = await anAudit()
  await db.schema.dropTable('happenings').execute()
  record()
  await audit.flush()
  expect(troubles).toHaveLength(1)
  expect(() => record()).not.toThrow()
})

it('what could not be written is kept until it can be, in its order, and what does not fit meanwhile is counted', async () => {
  const { db, clock, troubles, record, audit, types } = await anAudit()
  const hide = () => db.schema.alterTable('happenings').renameTo('elsewhere').execute()
  const restore = () => db.schema.alterTable('elsewhere').renameTo('happenings').execute()
  await hide()
  record({ type: 'invited' })
  await audit.flush()
  record({ type: 'role-changed' })
  await audit.flush()
  expect(troubles).toHaveLength(2)
  await restore()
  expect(await types()).toEqual(['role-changed', 'invited'])
  await hide()
  for (let i = 0; i < 10_003; i++) record()
  await audit.flush()
  record()
  await audit.flush()
  await restore()
  const [row] = await audit.list({ types: ['not-kept'] }, 10)
  expect([row?.at, row?.detail]).toEqual([clock.now, { count: 4 }])
  expect(await audit.list({ types: ['not-kept'] }, 10)).toHaveLength(1)
  expect(await audit.list({ types: ['signed-in'] }, 20_000)).toHaveLength(10_000)
})

it('is written by itself once a database that was busy is free', async () => {
  const { path, troubles, record, audit, kept } = await onAFile()
  const other = new DatabaseSync(path)
  onTestFinished(() => other.close())
  other.exec('BEGIN IMMEDIATE')
  record({ type: 'invited' })
  await audit.flush()
  expect(troubles).toMatchObject([{ code: 'SQLITE_BUSY' }])
  other.exec('ROLLBACK')
  await vi.waitFor(async () => expect(await kept()).toEqual(['invited']), 10_000)
})

it('a server that stops tries again, and not for ever', async () => {
  const { db, troubles, record, audit } = await anAudit()
  await db.schema.dropTable('happenings').execute()
  record()
  await audit.close()
  expect(troubles).toHaveLength(5)
})

it('those who ask while it writes share one turn', async () => {
  const { db, troubles, record, audit } = await anAudit()
  await db.schema.dropTable('happenings').execute()
  record()
  await Promise.all(Array.from({ length: 20 }, () => audit.flush()))
  expect(troubles).toHaveLength(1)
})

it('a flood is bounded in memory: what is beyond is counted', async () => {
  const { record, audit, counts } = await anAudit()
  for (let i = 0; i < 10_250; i++) record()
  expect((await counts()).get('signed-in')).toBe(10_000)
  const [row] = await audit.list({ types: ['not-kept'] }, 1)
  expect(row?.detail).toEqual({ count: 250 })
})

it('what is older than the retention is swept', async () => {
  const { clock, record, types, audit } = await anAudit()
  record()
  await audit.flush()
  clock.now += 90 * DAY
  await audit.sweep()
  expect(await types()).toHaveLength(1)
  clock.now += 1
  await audit.sweep()
  expect(await types()).toHaveLength(0)
})

it('is exported whole, as lines of JSON and as CSV that no spreadsheet runs', async () => {
  const { record, audit } = await anAudit()
  for (let i = 0; i < 1_201; i++) record({ sessionId: `s${i}` })
  record({ type: 'ended', sessionId: '=cmd()', detail: { note: 'a, "b"\r\nc' } })
  const lines = (await all(asNdjson(audit.stream({})))).join('').trimEnd().split('\n')
  expect(lines).toHaveLength(1_202)
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    id: 1,
    at: '1970-04-11T00:00:00.000Z',
    type: 'signed-in',
    severity: 'info',
    userId: 'alice',
    sessionId: 's0',
    actor: null,
    detail: { replaced: null },
  })
  const csv = await all(asCsv(audit.stream({ types: ['ended'] })))
  expect(csv).toEqual([
    'id,at,type,severity,userId,sessionId,actor,detail\r\n',
    `1202,1970-04-11T00:00:00.000Z,ended,info,alice,'=cmd(),,"{""note"":""a, \\""b\\""\\r\\nc""}"\r\n`,
  ])
})

it('lets other work in between the pages of an export', async () => {
  const { record, audit } = await anAudit()
  for (let i = 0; i < 1_000; i++) record()
  await audit.flush()
  let [turns, isRead] = [0, false]
  const others = (async () => {
    while (!isRead) {
      await turn()
      turns++
    }
  })()
  await all(asNdjson(audit.stream({})))
  const between = turns
  isRead = true
  await others
  expect(between).toBeGreaterThanOrEqual(9)
})

it('events of sessions and of accounts become the same kind of entry, without their process’s number', () => {
  const event = {
    type: 'ended',
    sessionId: 's1',
    userId: 'alice',
    reason: 'revoked',
    note: 'lost',
    seq: 7,
    at: 5,
    severity: 'info',
  } as const
  expect(happeningOf(event)).toEqual({
    at: 5,
    type: 'ended',
    severity: 'info',
    userId: 'alice',
    sessionId: 's1',
    actor: null,
    detail: { reason: 'revoked', note: 'lost' },
  })
  expect(accountHappening(9, 'alice', { type: 'role-changed', from: 'user', to: 'admin' }, 'bob')).toEqual({
    at: 9,
    type: 'role-changed',
    severity: 'notice',
    userId: 'alice',
    sessionId: null,
    actor: 'bob',
    detail: { from: 'user', to: 'admin' },
  })
})
