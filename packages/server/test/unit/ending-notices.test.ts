import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSessions } from 'coatcheck'
import { memoryStore } from 'coatcheck/stores/memory'
import { sqliteStore } from 'coatcheck/stores/sqlite'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Ending, makeEndingNotices } from '../../src/ending-notices.ts'
import type { SessionData } from '../../src/session-data.ts'

/** Asking the store by itself is left to the feed. */
const NEVER = 2_000_000_000
const KEY = 'a-signing-key-of-the-notices-0123456789'

function twoProcesses() {
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-notices-'))
  const opened = () => {
    const store = sqliteStore(join(folder, 'sessions.db'))
    return { store, sessions: createSessions<SessionData>({ store, keys: KEY }) }
  }
  const [one, other] = [opened(), opened()]
  onTestFinished(async () => {
    for (const { sessions } of [one, other]) await sessions.close()
    rmSync(folder, { recursive: true })
  })
  return { one, other }
}

const listening = (sessionId: string, userId: string, site = '203.0.113.7') => ({ sessionId, userId, site })

type Process = ReturnType<typeof twoProcesses>['one']

async function signedIn(sessions: Process['sessions'], userId: string): Promise<string> {
  const session = await sessions.open(new Request('http://localhost/'))
  await session.signIn(await sessions.begin(userId))
  return session.id ?? ''
}

describe('a place to listen', () => {
  function aNotices() {
    const store = memoryStore()
    const notices = makeEndingNotices(createSessions<SessionData>({ store, keys: KEY }), NEVER)
    onTestFinished(notices.close)
    const taken = (times: number, who: (i: number) => ReturnType<typeof listening>) =>
      Array.from({ length: times }, (_, i) => notices.subscribe(who(i), () => undefined)).flatMap((stop) => stop ?? [])
    return { notices, taken }
  }

  it.each([
    ['session', 20, (i: number) => listening('s', 'ada', `site ${i}`)],
    ['user', 100, (i: number) => listening(`s${i}`, 'ada', `site ${i}`)],
    ['address', 1_000, (i: number) => listening(`s${i}`, `user ${i}`)],
  ])('is one of so many of a %s, given back by who leaves, and others have theirs', (_, most, who) => {
    const { notices, taken } = aNotices()
    const stops = taken(most + 5, who)
    expect(stops).toHaveLength(most)
    expect(notices.hasRoom(who(most + 5))).toBe(false)
    expect(notices.hasRoom(listening('other', 'bob', 'elsewhere'))).toBe(true)
    for (const stop of [...stops.slice(0, 2), ...stops.slice(0, 2)]) stop()
    expect(taken(5, (i) => who(most + 10 + i))).toHaveLength(2)
  })

  it('is one of ten thousand, which no one takes alone', () => {
    const { notices, taken } = aNotices()
    expect(taken(12_000, (i) => listening(`s${i}`, `user ${i % 500}`, `site ${i % 20}`))).toHaveLength(10_000)
    expect(notices.hasRoom(listening('other', 'bob', 'elsewhere'))).toBe(false)
  })
})

describe('an open page', () => {
  it.each([
    ['its session', (sessions, id) => sessions.revoke(id, 'stolen')],
    ['all sessions of its user', (sessions) => sessions.revokeUser('ada', { note: 'stolen' })],
    ['all sessions', (sessions) => sessions.revokeAll('stolen')],
  ] as readonly (readonly [string, (sessions: Process['sessions'], id: string) => Promise<unknown>])[])(
    'is told when another process ends %s, and no other page is',
    async (_, end) => {
      const { one, other } = twoProcesses()
      const notices = makeEndingNotices(one.sessions, NEVER)
      onTestFinished(notices.close)
      const [ada, bob] = [await signedIn(one.sessions, 'ada'), await signedIn(one.sessions, 'bob')]
      const told: (readonly [string, Ending | null])[] = []
      notices.subscribe(listening(ada, 'ada'), (ending) => told.push(['ada', ending]))
      notices.subscribe(listening(bob, 'bob'), (ending) => told.push(['bob', ending]))
      await end(other.sessions, ada)
      await vi.waitUntil(() => told.length > 0, 10_000)
      expect(told.filter(([name]) => name === 'ada')).toEqual([
        ['ada', expect.objectContaining({ reason: 'revoked', note: 'stolen' })],
      ])
      const all = await other.sessions.find(bob)
      if (all?.alive === true) expect(told).toHaveLength(1)
    },
  )

  it('is told of endings in its own process', async () => {
    const store = memoryStore()
    const sessions = createSessions<SessionData>({ store, keys: KEY })
    const notices = makeEndingNotices(sessions, NEVER)
    onTestFinished(notices.close)
    const id = await signedIn(sessions, 'ada')
    const told: (Ending | null)[] = []
    notices.subscribe(listening(id, 'ada'), (ending) => told.push(ending))
    await sessions.revoke(id, null)
    await vi.waitUntil(() => told.length > 0, 10_000)
    expect(told).toEqual([expect.objectContaining({ reason: 'revoked' })])
  })
})
