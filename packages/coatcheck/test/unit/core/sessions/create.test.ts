import { expect, test } from 'vitest'
import type { SessionRecord } from '../../../../src/core/record/record.ts'
import { createSessions } from '../../../../src/index.ts'
import { runtime as node } from '../../../../src/runtime/node.ts'
import { modelStore } from '../../../../src/testing/index.ts'
import { anApp, KEY, rejection } from '../app.ts'

const START = Date.UTC(2026, 0, 1)
const HOUR = 3_600_000

/** The records that the application made. */
async function made(work: (app: ReturnType<typeof anApp>) => Promise<string | null>): Promise<SessionRecord | null> {
  const app = anApp({ policy: { rememberMe: { idle: '7d', absolute: '30d' } }, data: { version: 3 } })
  const id = await work(app)
  return await app.inner.read(id ?? '')
}

const beginning = {
  namespace: 'model',
  kind: 'opaque',
  generation: 0,
  minGeneration: 0,
  predecessor: null,
  schema: 3,
  createdAt: START,
  renewedAt: START,
  lastSeenAt: START,
  binding: null,
  version: 0,
  ended: null,
}

test('an anonymous record begins with the data, the timeouts of the policy and nobody in it', async () => {
  const record = await made(async ({ aClient }) => {
    const client = aClient()
    await client.visit((session) => {
      session.data.n = 1
    })
    return await client.visit((session) => session.id)
  })
  expect(record).toEqual({
    ...beginning,
    id: expect.stringMatching(/^[\w-]{22}$/),
    secretHash: expect.stringMatching(/^[\w-]{43}$/),
    userId: null,
    data: new Map([['n', '1']]),
    authenticatedAt: null,
    idleFor: HOUR / 2,
    expiresAt: START + 12 * HOUR,
    persistent: false,
    assurance: null,
    client: { address: null, userAgent: null, label: null },
  })
})

test('a remembered record of a user begins with the timeouts of its own', async () => {
  const record = await made(async ({ aClient, sessions }) => {
    const session = await sessions.open(aClient().request({ 'user-agent': 'Firefox' }))
    await session.signIn(await sessions.begin('ada'), { remember: true, data: { role: 'user' } })
    return session.id
  })
  expect(record).toMatchObject({
    ...beginning,
    userId: 'ada',
    data: new Map([['role', '"user"']]),
    authenticatedAt: START,
    idleFor: 7 * 24 * HOUR,
    expiresAt: START + 30 * 24 * HOUR,
    persistent: true,
    assurance: { level: 1, methods: [] },
    client: { address: null, userAgent: 'Firefox', label: null },
  })
})

test('what is said of the client is cut: 64 characters of an address, 200 of a label, 512 of a user agent', async () => {
  const record = await made(async ({ aClient, sessions }) => {
    const client = { address: 'a'.repeat(1_000), label: `${'l'.repeat(199)}\u{1f600}`, userAgent: 'u'.repeat(1_000) }
    const session = await sessions.open(aClient().request(), { client })
    await session.signIn(await sessions.begin('ada'))
    return session.id
  })
  // No half of a character is left at the cut.
  expect(record?.client).toEqual({ address: 'a'.repeat(64), label: 'l'.repeat(199), userAgent: 'u'.repeat(512) })
})

test('an id that is taken is a failing store or failing randomness, and the other session stays as it is', async () => {
  const store = modelStore()
  const runtime = { now: () => START, random: (bytes: number) => 'r'.repeat(Math.ceil((bytes * 4) / 3)) }
  const sessions = createSessions({ store, keys: KEY, runtime })
  const open = () => sessions.open({ headers: { get: () => null } })
  const first = await open()
  await first.signIn(await sessions.begin('ada'))
  const second = createSessions({
    store,
    keys: KEY,
    runtime: { ...runtime, sha256: (text) => node.sha256(`${text}.`) },
  })
  const session = await second.open({ headers: { get: () => null } })
  session.data['n'] = 1
  expect(await rejection(second.save(session))).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE', operation: 'create' })
  expect(session.id).toBeNull()
  expect((await store.read(first.id ?? ''))?.userId).toBe('ada')
})
