import { expect, test } from 'vitest'
import { anApp } from '../app.ts'

const MINUTE = 60_000

test('a list goes over all pages, newest first, and each session is in it once', async () => {
  const { signedIn, sessions, clock, counting } = anApp()
  for (let i = 0; i < 201; i++) {
    await signedIn()
    clock.advance(1)
  }
  counting.reset()
  const list = await sessions.list('ada')
  expect(new Set(list.map(({ id }) => id)).size).toBe(201)
  const times = list.map(({ createdAt }) => createdAt)
  expect(times).toEqual(times.toSorted((a, b) => b - a))
  expect(counting.counts()).toEqual({ listUser: 3 })
})

test('a list leaves out what has expired, to the millisecond, also before it is swept', async () => {
  const { signedIn, sessions, clock } = anApp()
  await signedIn()
  clock.advance(30 * MINUTE - 1)
  expect(await sessions.list('ada')).toHaveLength(1)
  clock.advance(1)
  expect(await sessions.list('ada')).toEqual([])
})

test('an entry tells what a person wants to know of a device, and nothing more', async () => {
  const { sessions, aClient, clock } = anApp()
  const attempt = await sessions.begin('ada')
  const client = { address: '192.0.2.7', userAgent: 'Firefox', label: 'Laptop' }
  const session = await sessions.open(aClient().request(), { client })
  await session.signIn(attempt, { assurance: { level: 2, methods: ['pwd', 'otp'] }, data: { role: 'admin' } })
  const now = clock.now()
  expect(await sessions.list('ada')).toEqual([
    {
      id: session.id,
      userId: 'ada',
      createdAt: now,
      authenticatedAt: now,
      lastSeenAt: now,
      endsAt: now + 30 * MINUTE,
      persistent: false,
      assurance: { level: 2, methods: ['pwd', 'otp'] },
      client,
    },
  ])
})

test('a session is found by its id while it lives, and for as long as it is known why it ended', async () => {
  const { sessions, signedIn, clock, counting } = anApp()
  await signedIn()
  const [info] = await sessions.list('ada')
  const id = info?.id ?? ''
  counting.reset()
  clock.advance(5 * MINUTE)
  expect(await sessions.find(id)).toEqual({ alive: true, info })
  expect(counting.counts()).toEqual({ read: 1 })
  const idleAt = info?.endsAt ?? 0
  clock.advance(25 * MINUTE)
  expect(await sessions.find(id)).toEqual({
    alive: false,
    userId: 'ada',
    ended: { reason: 'idle', at: idleAt, note: null },
  })
  await signedIn()
  const [other] = await sessions.list('ada')
  await sessions.revoke(other?.id ?? '', 'stolen')
  const found = await sessions.find(other?.id ?? '')
  expect(found).toEqual({
    alive: false,
    userId: 'ada',
    ended: { reason: 'revoked', at: clock.now(), note: 'stolen' },
  })
  expect(await sessions.find('nothing')).toBeNull()
})

test('an anonymous session is nobody’s, and not found', async () => {
  const { sessions, aClient } = anApp()
  const session = await aClient().visit(async (each) => {
    each.data.n = 1
    await each.save()
    return each
  })
  expect(session.id).not.toBeNull()
  expect(await sessions.find(session.id ?? '')).toBeNull()
})
