import { describe, expect, test } from 'vitest'
import type { SessionRecord } from '../../src/core/record.ts'
import type { Page } from '../../src/core/store.ts'
import type { StoreTransfer } from '../../src/core/transfer.ts'
import { createSessions, type SessionEvent } from '../../src/index.ts'
import { engineOf } from '../../src/stores/redis/clients.ts'
import { makeKeys } from '../../src/stores/redis/keys.ts'
import { SEPARATOR } from '../../src/stores/redis/text.ts'
import { cookieJar } from '../../src/testing/index.ts'
import { kitOf } from '../../src/testing/store-contract/kit.ts'
import { clientsOf, redisForTests } from './engines.ts'

const HOME = 'https://app.example/'
const { opened } = redisForTests('single', 'cluster')

/** What may become of a record's value. */
const damages: readonly (readonly [string, (value: string) => string])[] = [
  ['replaced by a word', () => 'junk'],
  ['emptied', () => ''],
  ['of another format', (value) => `9${value.slice(1)}`],
  ['cut', (value) => value.slice(0, 40)],
  ['without its times', (value) => withField(value, 7, '?')],
  ['without its generation', (value) => withField(value, 4, '')],
]

function withField(value: string, number: number, text: string): string {
  return value
    .split(SEPARATOR)
    .map((field, i) => (i === number - 1 ? text : field))
    .join(SEPARATOR)
}

async function scanned(store: StoreTransfer): Promise<readonly string[]> {
  const found: string[] = []
  let cursor: string | null = null
  do {
    const page: Page<SessionRecord> = await store.scan({ cursor })
    found.push(...page.items.map(({ id }) => id))
    cursor = page.cursor
  } while (cursor !== null)
  return found
}

describe.each([...clientsOf('single'), ...clientsOf('cluster')])('%s: a record that is', (name) => {
  async function damaged(change: (value: string) => string) {
    const { store, client, namespace } = await opened(name)
    const { send } = engineOf(client)
    const kit = kitOf(store, Date.now())
    const one = await kit.add({ userId: 'ada' })
    const other = await kit.add({ userId: 'ada' })
    const key = makeKeys(namespace).record(one.id)
    await send(key, 'SET', key, change(String(await send(key, 'GET', key))))
    const told: string[] = []
    store.onDamaged((id) => told.push(id))
    return { store, kit, one, other, told, isThere: async () => (await send(key, 'GET', key)) !== null }
  }

  test.each(damages)('%s counts as none for whatever asks for it, and is told once', async (_, change) => {
    const { store, kit, one, other, told, isThere } = await damaged(change)
    const { start, request, rotation } = kit
    expect(await store.read(one.id)).toBeNull()
    expect(await store.read(one.id)).toBeNull()
    expect(told).toEqual([one.id])
    expect(await store.update(one.id, { at: start })).toEqual({ outcome: 'gone' })
    expect(await store.rotate(one.id, rotation(one))).toEqual({ outcome: 'gone', record: null })
    expect(await store.touch(one.id, start, { interval: 0 })).toBe('gone')
    expect((await store.listUser('ada')).items.map(({ id }) => id)).toEqual([other.id])
    expect(await scanned(store)).toEqual([other.id])
    const limit = { max: 2, strategy: 'end-oldest', keepUntil: start + 60_000 } as const
    const fresh = kit.record({ userId: 'ada' })
    expect(await store.create(fresh, { limit })).toEqual({ outcome: 'created', ended: [] })
    expect(await store.updateUser('ada', { at: start })).toHaveLength(2)
    expect((await store.sweep(start, { limit: 10, keepFor: 0 })).expired).toEqual([])
    expect(await isThere()).toBe(true)
    expect((await store.endUser('ada', request({ at: start }))).map(({ id }) => id).toSorted()).toEqual(
      [other.id, fresh.id].toSorted(),
    )
    expect(told).toEqual([one.id])
  })

  test.each(damages)('%s is removed by what ends it, alone or with all', async (_, change) => {
    const first = await damaged(change)
    expect(await first.store.end(first.one.id, first.kit.request())).toEqual({ outcome: 'missing' })
    expect(await first.store.read(first.one.id)).toBeNull()
    const second = await damaged(change)
    expect(await second.store.endAll(second.kit.request())).toBe(1)
    expect(await second.store.read(second.one.id)).toBeNull()
  })
})

test('a record of which a list is damaged, into which scripts do not look, is read as none, told, and ended', async () => {
  const { store, client, namespace, start } = await opened('ioredis')
  const kit = kitOf(store, start)
  const { id } = await kit.add({ userId: 'ada' })
  const key = makeKeys(namespace).record(id)
  const { send } = engineOf(client)
  await send(key, 'SET', key, withField(String(await send(key, 'GET', key)), 23, '{'))
  const told: string[] = []
  store.onDamaged((one) => told.push(one))
  expect(await store.read(id)).toBeNull()
  expect((await store.listUser('ada')).items).toEqual([])
  expect(told).toEqual([id])
  expect((await store.endUser('ada', kit.request())).map((one) => one.id)).toEqual([id])
  expect((await store.read(id))?.ended?.reason).toBe('revoked')
})

test('a damaged record keeps nobody from signing in and tells an event', async () => {
  const { store, client, namespace } = await opened('ioredis')
  const sessions = createSessions({
    store,
    keys: 'a-signing-key-of-the-damaged-0123456789',
    sessionsPerUser: { max: 3 },
  })
  const events: SessionEvent[] = []
  sessions.on((event) => events.push(event))
  const signIn = async () => {
    const session = await sessions.open(new Request(HOME))
    await session.signIn(await sessions.begin('ada'))
    const jar = cookieJar()
    jar.take(HOME, (await sessions.commit(session, new Response())).headers.getSetCookie())
    return { id: session.id ?? '', cookie: jar.header(HOME) ?? '' }
  }
  const { id, cookie } = await signIn()
  const key = makeKeys(namespace).record(id)
  await engineOf(client).send(key, 'SET', key, 'junk')
  const session = await sessions.open(new Request(HOME, { headers: { cookie } }))
  expect([session.signedIn, session.ended?.reason]).toEqual([false, 'unknown'])
  await signIn()
  expect(await sessions.list('ada')).toHaveLength(1)
  expect(await sessions.revokeUser('ada')).toBe(1)
  expect(events.filter(({ type }) => type === 'record-damaged')).toEqual([
    { type: 'record-damaged', sessionId: id, severity: 'error', seq: expect.any(Number), at: expect.any(Number) },
  ])
})
