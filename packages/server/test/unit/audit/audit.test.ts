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

it('what names nobody is kept twenty times a minute of each type, and the rest is one sum a minute', async () => {
  const { clock, record, audit, told, counts } = await anAudit()
  const ofNobody = (type: string) => record({ type, userId: null, sessionId: null })
  for (let i = 0; i < 350; i++) ofNobody('refused')
  ofNobody('csrf-blocked')
  expect(await counts()).toEqual(
    new Map([
      ['refused', 20],
      ['csrf-blocked', 1],
    ]),
  )
  expect(told).toHaveLength(351)
  clock.now += 60_000
  ofNobody('refused')
  expect((await counts()).get('refused')).toBe(21)
  expect(await audit.list({ types: ['not-kept'] }, 9)).toMatchObject([
    { at: clock.now - 60_000, userId: null, severity: 'notice', detail: { of: 'refused', count: 330 } },
  ])
})

it('of all that strangers can cause fewer than a hundred a minute are kept, and no type hides another', async () => {
  const { record, counts } = await anAudit()
  const types = ['csrf-blocked', 'refused', 'sign-in-failed', 'cookie-withheld']
  for (const type of types) for (let i = 0; i < 120; i++) record({ type, userId: null, sessionId: null })
  expect(await counts()).toEqual(new Map(types.map((type) => [type, 20])))
})

it('a flood that names nobody keeps nothing from the log that is about somebody', async () => {
  const { record, types } = await anAudit()
  for (let i = 0; i < 500; i++) {
    for (const type of ['csrf-blocked', 'refused', 'sign-in-failed']) record({ type, userId: null, sessionId: null })
  }
  for (const type of ['sign-in-failed', 'refused']) record({ type, userId: 'alice', sessionId: null })
  expect(await types({ userId: 'alice' })).toEqual(['refused', 'sign-in-failed'])
})

it('of each type about an account a hundred an hour are kept, whatever happens to others, and the rest is counted by minute', async () => {
  const { clock, record, audit, types } = await anAudit()
  const kept = async (userId: string, type: string) => (await audit.list({ userId, types: [type] }, 1_000)).length
  for (let i = 0; i < 137; i++) record({ type: 'sign-in-failed', userId: 'alice', sessionId: null })
  record({ type: 'sign-in-failed', userId: 'bob', sessionId: null })
  record({ type: 'preferences-changed', userId: 'alice' })
  expect([await kept('alice', 'sign-in-failed'), await kept('bob', 'sign-in-failed')]).toEqual([100, 1])
  expect(await types({ userId: 'alice', types: ['preferences-changed'] })).toHaveLength(1)
  clock.now += 60_000
  expect(await audit.list({ userId: 'alice', types: ['not-kept'] }, 9)).toMatchObject([
    { userId: 'alice', detail: { of: 'sign-in-failed', count: 37 } },
  ])
  for (let i = 0; i < 500; i++) record({ type: 'sign-in-failed', userId: 'alice', sessionId: null })
  for (let i = 0; i < 9; i++) await audit.flush()
  clock.now += 60_000
  const sums = await audit.list({ userId: 'alice', types: ['not-kept'] }, 9)
  expect(sums.map(({ detail }) => detail['count'])).toEqual([500, 37])
  clock.now += 3_600_000
  record({ type: 'sign-in-failed', userId: 'alice', sessionId: null })
  expect(await kept('alice', 'sign-in-failed')).toBe(101)
})

it('what somebody does to somebody else is always kept', async () => {
  const { record, audit } = await anAudit()
  for (let i = 0; i < 150; i++) record({ type: 'sessions-ended', actor: 'chief' })
  expect(await audit.list({ types: ['sessions-ended'] }, 1_000)).toHaveLength(150)
})

it('sums of a minute that is not over are written when the server stops', async () => {
  const { db, record, audit } = await anAudit()
  for (let i = 0; i < 101; i++) record({ type: 'refused' })
  await audit.close()
  const sum = { type: 'not-kept', user_id: 'alice', detail: '{"of":"refused","count":1}' }
  const rows = await db.selectFrom('happenings').select(['type', 'user_id', 'detail']).orderBy('id', 'desc').execute()
  expect(rows[0]).toEqual(sum)
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
  for (let i = 0; i < 10_003; i++) record({ userId: `user-${i}` })
  await audit.flush()
  record({ userId: 'user-10002' })
  await audit.flush()
  await restore()
  clock.now += 60_000
  const rows = await audit.list({ types: ['not-kept'] }, 10)
  expect(rows.map(({ at, userId, detail }) => [at, userId, detail])).toEqual([
    [clock.now - 60_000, 'user-10002', { of: 'signed-in', count: 2 }],
    [clock.now - 60_000, 'user-10001', { of: 'signed-in', count: 1 }],
    [clock.now - 60_000, 'user-10000', { of: 'signed-in', count: 1 }],
  ])
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
  const { clock, record, audit, counts } = await anAudit()
  for (let i = 0; i < 10_250; i++) record({ userId: `user-${i % 5_000}` })
  expect((await counts()).get('signed-in')).toBe(10_000)
  clock.now += 60_000
  const rows = await audit.list({ types: ['not-kept'] }, 1_000)
  expect(rows.reduce((sum, { detail }) => sum + Number(detail['count']), 0)).toBe(250)
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

it('sweeps batch after batch with other work in between, and stops after one when it is told to', async () => {
  const { db, clock, record, audit } = await anAudit()
  for (let i = 0; i < 1_050; i++) record({ userId: `user-${i}` })
  await audit.flush()
  clock.now += 91 * DAY
  const left = async () => (await db.selectFrom('happenings').select('id').execute()).length
  const stopping = new AbortController()
  stopping.abort()
  await audit.sweep(stopping.signal)
  expect(await left()).toBe(950)
  let [turns, isSwept] = [0, false]
  const others = (async () => {
    while (!isSwept) {
      await turn()
      turns++
    }
  })()
  await audit.sweep()
  const between = turns
  isSwept = true
  await others
  expect([await left(), between >= 9]).toEqual([0, true])
})

it('is exported whole, as lines of JSON and as CSV that no spreadsheet runs', async () => {
  const { record, audit } = await anAudit()
  for (let i = 0; i < 1_201; i++) record({ sessionId: `s${i}`, userId: `user-${i}` })
  record({ type: 'ended', sessionId: '=cmd()', detail: { note: 'a, "b"\r\nc' } })
  const lines = (await all(asNdjson(audit.stream({})))).join('').trimEnd().split('\n')
  expect(lines).toHaveLength(1_202)
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    id: 1,
    at: '1970-04-11T00:00:00.000Z',
    type: 'signed-in',
    severity: 'info',
    userId: 'user-0',
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

it('no cell of the CSV is a formula, split at any separator, with quotes or without, and its detail is JSON all the same', async () => {
  const { record, audit } = await anAudit()
  const formulas = ['=', '+', '-', '@', '＝', '＋', '－', '＠'].map((sign) => `${sign}cmd|' /C calc'!A0`)
  const separators = [',', ';', '\t', '\r\n', '\n', '"', '","', '";"']
  const texts = formulas.flatMap((formula) => separators.map((separator) => `x${separator}${formula}${separator}y`))
  for (const [i, text] of [...texts, ...formulas].entries()) {
    record({ type: 'ended', userId: `u${i}`, sessionId: text, detail: { [text]: text, note: [text] } })
  }
  const csv = (await all(asCsv(audit.stream({})))).join('')
  const rows = csv.trimEnd().split('\r\n')
  expect(rows).toHaveLength(1 + texts.length + formulas.length)
  // Where commas separate, quotes are heeded; where something else does, they stand within a cell and are not.
  const cells = [
    ...rows.flatMap((row) => [...row.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, a, b]) => a ?? b ?? '')),
    ...csv.split(/[;\t\r\n]/),
  ]
  expect(cells.filter((cell) => /^["'\s]*[=+\-@＝＋－＠]/.test(cell) && !cell.startsWith("'"))).toEqual([])
  const detail = /"((?:[^"]|"")*)"$/.exec(rows[2] ?? '')?.[1]?.replaceAll('""', '"') ?? ''
  expect(JSON.parse(detail)).toEqual({ [texts[1] ?? '']: texts[1], note: [texts[1]] })
})

it('no export holds a control character or a mark that turns the text around', async () => {
  const { record, audit } = await anAudit()
  const hidden = '\u0000\u001b\u007f\u0085\u009b31m\u2028\u202e\u2066'
  record({ sessionId: hidden, detail: { device: hidden } })
  for (const write of [asCsv, asNdjson]) {
    const text = (await all(write(audit.stream({})))).join('')
    expect(text.replaceAll(/\r?\n/g, '')).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cf}]/u)
    expect(text).toContain('\\u009b31m')
  }
  const [line = ''] = await all(asNdjson(audit.stream({})))
  expect(JSON.parse(line)).toMatchObject({ sessionId: hidden, detail: { device: hidden } })
})

it('lets other work in between the pages of an export', async () => {
  const { record, audit } = await anAudit()
  for (let i = 0; i < 1_000; i++) record({ userId: `user-${i}` })
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
