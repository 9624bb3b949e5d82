import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSessions } from 'coatcheck'
import { memoryStore } from 'coatcheck/stores/memory'
import { sqliteStore } from 'coatcheck/stores/sqlite'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Ending, makeEndingNotices } from '../../src/ending-notices.ts'
import type { SessionData } from '../../src/environment.ts'

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

type Process = ReturnType<typeof twoProcesses>['one']

async function signedIn(sessions: Process['sessions'], userId: string): Promise<string> {
  const session = await sessions.open(new Request('http://localhost/'))
  await session.signIn(await sessions.begin(userId))
  return session.id ?? ''
}

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
      notices.subscribe(ada, (ending) => told.push(['ada', ending]))
      notices.subscribe(bob, (ending) => told.push(['bob', ending]))
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
    notices.subscribe(id, (ending) => told.push(ending))
    await sessions.revoke(id, null)
    await vi.waitUntil(() => told.length > 0, 10_000)
    expect(told).toEqual([expect.objectContaining({ reason: 'revoked' })])
  })
})
