import { expect, it, onTestFinished } from 'vitest'
import { makeAudit } from '../../../src/audit/audit.ts'
import {
  devicesQuery,
  devicesSeen,
  entriesAlong,
  pathsOf,
  type SessionFilter,
  type SessionTest,
  searchSessions,
} from '../../../src/audit/session-search.ts'
import { tables } from '../accounts/tables.ts'
import { planOf } from './plans.ts'

async function searched() {
  const db = await tables()
  const audit = makeAudit(db, 90, (error) => {
    throw error
  })
  onTestFinished(() => audit.close())
  let at = 0
  /** Each in an hour of its own, so that all are kept. */
  const nextHour = () => {
    at += 3_600_000
    return at
  }
  const signIn = (sessionId: string, userId: string, device: string, network: string) =>
    audit.record({
      at: nextHour(),
      type: 'signed-in',
      severity: 'info',
      userId,
      sessionId,
      actor: null,
      detail: { device, network },
    })
  const end = (sessionId: string, userId: string, reason: string) =>
    audit.record({
      at: nextHour(),
      type: 'ended',
      severity: 'info',
      userId,
      sessionId,
      actor: null,
      detail: { reason, note: null },
    })
  const search = async (filter: SessionFilter, size = 50, test: SessionTest = async () => true) => {
    await audit.flush()
    const { sessions, next } = await searchSessions(db, filter, size, test)
    return { ids: sessions.map(({ sessionId }) => sessionId), sessions, next }
  }
  return { db, audit, signIn, end, search }
}

async function few() {
  const all = await searched()
  all.signIn('s1', 'alice', 'Firefox on Windows', '203.0.113.0/24')
  all.signIn('s2', 'bob', 'Safari on iOS', '203.0.113.0/24')
  all.signIn('s3', 'alice', 'Safari on iOS', '198.51.100.0/24')
  all.end('s1', 'alice', 'idle')
  all.end('s2', 'bob', 'revoked')
  return all
}

it('finds by user, network, device and reason, and by several at once', async () => {
  const { search } = await few()
  expect((await search({})).ids).toEqual(['s3', 's2', 's1'])
  expect((await search({ userIds: ['alice'] })).ids).toEqual(['s3', 's1'])
  expect((await search({ networks: ['203.0.113.0/24'] })).ids).toEqual(['s2', 's1'])
  expect((await search({ devices: ['Safari on iOS'] })).ids).toEqual(['s3', 's2'])
  expect((await search({ reason: 'idle' })).ids).toEqual(['s1'])
  expect((await search({ userIds: ['bob', 'alice'], devices: ['Safari on iOS'] })).ids).toEqual(['s3', 's2'])
  expect((await search({ networks: ['203.0.113.0/24'], devices: ['Safari on iOS'] })).ids).toEqual(['s2'])
  expect((await search({ userIds: ['alice'], reason: 'revoked' })).ids).toEqual([])
  expect((await search({ userIds: [] })).ids).toEqual([])
})

it('tells of each its sign-in and its ending', async () => {
  const { search } = await few()
  const [found] = (await search({ reason: 'revoked' })).sessions
  expect([found?.userId, found?.signedIn?.detail, found?.ended?.detail['reason']]).toEqual([
    'bob',
    { device: 'Safari on iOS', network: '203.0.113.0/24' },
    'revoked',
  ])
  expect((await search({ devices: ['Safari on iOS'] })).sessions[0]?.ended).toBeNull()
})

it('goes on page by page, none twice and none left out, over several values and what else is asked', async () => {
  const { signIn, search } = await searched()
  for (let i = 0; i < 700; i++) signIn(`s${i}`, `user ${i % 3}`, 'x', 'y')
  const seen: string[] = []
  let before: number | undefined
  for (;;) {
    const page = await search({ userIds: ['user 0', 'user 1'], before }, 60)
    seen.push(...page.ids)
    if (page.next === null) break
    before = page.next
  }
  const all = Array.from({ length: 700 }, (_, i) => i).filter((i) => i % 3 < 2)
  expect(seen).toEqual(all.map((i) => `s${i}`).toReversed())
})

it('a page that holds all there are has no next one', async () => {
  const { search } = await few()
  const first = await search({}, 2)
  expect(first.ids).toEqual(['s3', 's2'])
  expect(await search({ before: first.next ?? 0 }, 2)).toMatchObject({ ids: ['s1'], next: null })
  expect(await search({}, 3)).toMatchObject({ ids: ['s3', 's2', 's1'], next: null })
  expect(await search({ userIds: ['alice'] }, 2)).toMatchObject({ ids: ['s3', 's1'], next: null })
  expect(await search({}, 1, async ({ userId }) => userId === 'bob')).toMatchObject({ ids: ['s2'], next: null })
})

it('looks at a thousand for a page, and says where to go on', async () => {
  const { signIn, search } = await searched()
  signIn('last', 'alice', 'x', 'y')
  for (let i = 0; i < 1_000; i++) signIn(`s${i}`, 'alice', 'x', 'y')
  const onlyLast = async ({ sessionId } = { sessionId: '' }) => sessionId === 'last'
  const first = await search({ networks: ['y'] }, 50, onlyLast)
  expect([first.ids, first.next]).toEqual([[], 2])
  expect((await search({ networks: ['y'], before: 2 }, 50, onlyLast)).ids).toEqual(['last'])
})

it('names the devices there were, each once', async () => {
  const { db, audit, signIn } = await few()
  signIn('s4', 'bob', '', 'y')
  await audit.flush()
  expect(await devicesSeen(db)).toEqual(['Firefox on Windows', 'Safari on iOS'])
})

it.each([
  [{}, 'happenings_type'],
  [{ userIds: ['alice'] }, 'happenings_signed_in_user_id'],
  [{ networks: ['y'], devices: ['x'] }, 'happenings_signed_in_network'],
  [{ devices: ['x'], reason: 'idle' }, 'happenings_signed_in_device'],
  [{ reason: 'idle' }, 'happenings_ended_reason'],
] as const)('walks along an index in the order of the page: %j', async (filter, index) => {
  const { db } = await searched()
  const [path] = pathsOf(filter)
  if (path === undefined) throw new Error('no path')
  expect(await planOf(db, entriesAlong(db, path, 1_000, 50).compile())).toEqual([
    expect.stringMatching(`^SEARCH happenings USING INDEX ${index} \\(.*id<\\?\\)$`),
  ])
})

it('steps from device to device, and walks over no entries', async () => {
  const { db } = await searched()
  const plan = await planOf(db, devicesQuery().compile(db))
  const walks = plan.filter((step) => step.includes('happenings'))
  expect(walks).toHaveLength(2)
  for (const step of walks) {
    expect(step).toMatch(/^SEARCH happenings USING INDEX happenings_signed_in_device \(device>\?\)$/)
  }
})
