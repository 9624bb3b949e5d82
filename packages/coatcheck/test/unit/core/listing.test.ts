import { expect, test } from 'vitest'
import { anApp } from './app.ts'

const MINUTE = 60_000

test('a list goes over all pages, newest first, and each session is in it once', async () => {
  const { signedIn, sessions, clock, counting } = anApp()
  for (let i = 0; i < 250; i++) {
    await signedIn()
    clock.advance(1)
  }
  counting.reset()
  const list = await sessions.list('ada')
  expect(new Set(list.map(({ id }) => id)).size).toBe(250)
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
