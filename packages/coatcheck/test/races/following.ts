import { expect } from 'vitest'
import { cookieJar } from '../../src/testing/index.ts'
import { startProgram } from '../faults/children.ts'
import type { Place } from '../redis/load/facts.ts'
import { openPlace, sessionsOn } from '../redis/load/places.ts'

const HOME = 'https://app.example/'
const program = new URL('feed-child.ts', import.meta.url)

/** This process's way to the sessions, with browsers that are signed in. */
async function openHere(place: Place) {
  const { store, close } = await openPlace(place)
  const sessions = sessionsOn(store)

  async function signedIn(userId: string) {
    const jar = cookieJar()
    const open = () => sessions.open(new Request(HOME, { headers: { cookie: jar.header(HOME) ?? '' } }))
    async function visit<T>(act: (session: Awaited<ReturnType<typeof open>>) => Promise<T>): Promise<T> {
      const session = await open()
      const result = await act(session)
      jar.take(HOME, (await sessions.commit(session, new Response())).headers.getSetCookie())
      return result
    }
    await visit(async (session) => session.signIn(await sessions.begin(userId)))
    return { visit, id: (await open()).id ?? '' }
  }

  return { store, sessions, signedIn, close }
}

type Told = { readonly kind: string; readonly scope?: string; readonly subject: string | null; readonly count?: number }

/**
 * Another process is told of every change that this one makes, with the right counts; by hand too, where `removeByHand` can.
 */
export async function expectChangesToArrive(
  place: Place,
  removeByHand: ((id: string) => Promise<unknown>) | null,
): Promise<void> {
  const { store, sessions, signedIn, close } = await openHere(place)
  const child = startProgram(program, 'follow', place)
  await child.ready
  const told = () => child.lines.map((line) => JSON.parse(line) as Told)
  const expected: object[] = []
  /** What is told next, whatever else has been told before. */
  async function expectNext(...changes: readonly object[]): Promise<void> {
    expected.push(...changes)
    await expect.poll(() => told().length, { timeout: 20_000 }).toBeGreaterThanOrEqual(expected.length)
    expect(told()).toEqual(expected)
  }
  const epochOf = async (userId: string) => (await store.userEpoch(userId)).epoch

  const ada = await signedIn('ada')
  const other = await signedIn('ada')
  await sessions.updateUser('ada', { set: { role: 'user' } })
  const user = { scope: 'user', subject: 'ada' }
  await expectNext({ kind: 'changed', ...user, reason: 'updated', count: await epochOf('ada') })
  await ada.visit(async (session) => session.reauthenticate(await sessions.begin('ada')))
  await expectNext({ kind: 'changed', scope: 'session', subject: ada.id, reason: 'authenticated', count: 1 })
  await ada.visit((session) => session.rotate())
  await expectNext({ kind: 'changed', scope: 'session', subject: ada.id, reason: 'rotated', count: 2 })
  await sessions.revokeUser('ada', { except: ada.id })
  await expectNext({ kind: 'ended', scope: 'session', subject: other.id, reason: 'revoked', count: 1 })
  await sessions.revoke(ada.id)
  await expectNext({ kind: 'ended', scope: 'session', subject: ada.id, reason: 'revoked', count: 3 })
  await signedIn('ada')
  await sessions.revokeUser('ada')
  await expectNext({ kind: 'ended', ...user, reason: 'revoked', count: await epochOf('ada') })
  if (removeByHand !== null) {
    const { id } = await signedIn('bob')
    await removeByHand(id)
    await expectNext({ kind: 'gone', subject: id })
  }
  await sessions.revokeAll()
  await expectNext({ kind: 'ended', scope: 'all', subject: null, reason: 'revoked', count: await epochOf('nobody') })
  await close()
}

/** Another process misses nothing of many changes that are made at once, and is told them in the order of the log. */
export async function expectNoneToBeMissed(place: Place): Promise<void> {
  const { store, sessions, signedIn, close } = await openHere(place)
  const child = startProgram(program, 'follow', place)
  await child.ready
  const users = Array.from({ length: 20 }, (_, i) => `user ${i}`)
  await Promise.all(
    users.map(async (userId, i) => {
      const [first, second] = await Promise.all([signedIn(userId), signedIn(userId)])
      await sessions.updateUser(userId, { set: { role: 'user' } })
      await first.visit((session) => session.rotate())
      await sessions.revokeUser(userId, { except: first.id })
      if (i % 2 === 0) await sessions.revokeUser(userId)
      else await first.visit((session) => session.signOut())
      return second
    }),
  )
  const log = await store.changes(0)
  expect(log).toHaveLength(users.length * 4)
  const plain = log.map(({ kind, scope, subject, reason, count }) => ({ kind, scope, subject, reason, count }))
  await expect.poll(() => child.lines.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(plain.length)
  expect(child.lines.map((line) => JSON.parse(line))).toEqual(plain)
  await close()
}

/** A process that was stopped for `ms` milliseconds knows at once that it does not know, and then hears what it missed. */
export async function expectToKnowThatItWasStopped(place: Place, ms: number): Promise<void> {
  const { sessions, signedIn, close } = await openHere(place)
  const { id } = await signedIn('ada')
  const child = startProgram(program, 'follow', place)
  await child.ready
  child.kill('SIGSTOP')
  await sessions.revoke(id)
  await new Promise((resolve) => setTimeout(resolve, ms))
  child.go()
  child.kill('SIGCONT')
  await expect.poll(() => child.lines.length, { timeout: 20_000 }).toBeGreaterThan(0)
  expect(child.lines.map((line) => JSON.parse(line))).toEqual([
    { kind: 'ended', scope: 'session', subject: id, reason: 'revoked', count: 1 },
  ])
  child.go()
  const { oldest, young } = (await child.result) as { oldest: number; young: boolean }
  expect([oldest > ms - 500, young]).toEqual([true, true])
  await close()
}
