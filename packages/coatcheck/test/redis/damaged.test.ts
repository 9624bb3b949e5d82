import { describe, expect, test } from 'vitest'
import type { SessionRecord } from '../../src/core/record/record.ts'
import type { Page } from '../../src/core/store/store.ts'
import type { StoreTransfer } from '../../src/core/store/transfer.ts'
import { createSessions, type SessionEvent } from '../../src/index.ts'
import { engineOf } from '../../src/stores/redis/clients.ts'
import { makeKeys } from '../../src/stores/redis/keys.ts'
import { ENDING, FIELDS, NUMBERS } from '../../src/stores/redis/record-value.ts'
import { SEPARATOR } from '../../src/stores/redis/text.ts'
import { cookieJar } from '../../src/testing/index.ts'
import { kitOf } from '../../src/testing/store-contract/kit.ts'
import { clientsOf, redisForTests } from './engines.ts'

const HOME = 'https://app.example/'
const { opened } = redisForTests('single', 'cluster')

const nameOf = (field: number) => Object.entries(FIELDS).find(([, number]) => number === field)?.[0]

/** What becomes of a record's value; null: a key of another type takes its place. */
type Damaging = (value: string) => string | null

/** What may become of a record's value: as a whole, then in each field that is a number. */
const damages: readonly (readonly [string, Damaging])[] = [
  ['replaced by a word', () => 'junk'],
  ['emptied', () => ''],
  ['of another type', () => null],
  ['of another format', (value) => `9${value.slice(1)}`],
  ['cut', (value) => value.slice(0, 40)],
  ['with a key of its data that has no text', (value) => `${value}${SEPARATOR}role`],
  ...NUMBERS.map(({ field }) => [`with a word in ${nameOf(field)}`, of(field, '?')] as const),
]

function of(field: number, text: string): (value: string) => string {
  return (value) => withField(value, field, text)
}

function withField(value: string, number: number, text: string): string {
  return value
    .split(SEPARATOR)
    .map((field, i) => (i === number - 1 ? text : field))
    .join(SEPARATOR)
}

async function damage({ send }: ReturnType<typeof engineOf>, key: string, change: Damaging): Promise<void> {
  const value = change(String(await send(key, 'GET', key)))
  if (value !== null) {
    await send(key, 'SET', key, value)
    return
  }
  await send(key, 'DEL', key)
  await send(key, 'LPUSH', key, 'junk')
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
  async function damaged(change: Damaging) {
    const { store, client, namespace } = await opened(name)
    const engine = engineOf(client)
    const kit = kitOf(store, Date.now())
    const one = await kit.add({ userId: 'ada' })
    const other = await kit.add({ userId: 'ada' })
    const key = makeKeys(namespace).record(one.id)
    await damage(engine, key, change)
    const told: string[] = []
    store.onDamaged((id) => told.push(id))
    return { store, kit, one, other, told, isThere: async () => Number(await engine.send(key, 'EXISTS', key)) === 1 }
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
    expect(await store.adopt([one])).toEqual(['there'])
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

test.each(
  NUMBERS.flatMap(({ field, is, optional }) => {
    const texts = [is === 'whole' ? '1z' : 'A', '-1', '1.5', ' 1', '9'.repeat(20), ...(optional ? [] : [''])]
    return texts.map((text) => [nameOf(field), text, field] as const)
  }),
)('scripts and the decoder agree that a record is none with %s of "%s"', async (_, text, field) => {
  const { store, client, namespace } = await opened('ioredis')
  const kit = kitOf(store, Date.now())
  const one = await kit.add({ userId: 'ada' })
  const key = makeKeys(namespace).record(one.id)
  const { send } = engineOf(client)
  await send(key, 'SET', key, withField(String(await send(key, 'GET', key)), field, text))
  expect(await store.read(one.id)).toBeNull()
  expect(await store.update(one.id, { at: kit.start })).toEqual({ outcome: 'gone' })
  expect(await store.touch(one.id, kit.start + 1, { interval: 0 })).toBe('gone')
  expect(await store.end(one.id, kit.request())).toEqual({ outcome: 'missing' })
  expect(await send(key, 'GET', key)).toBeNull()
})

test.each([
  ['client', '{'],
  ['client', '"a"'],
  ['assurance', 'nonsense'],
  ['assurance', '["high"]'],
  ['assurance', '[2,3]'],
] as const)('a record whose %s is %s is read, changed and ended without it', async (name, text) => {
  const { store, client, namespace } = await opened('ioredis')
  const start = Date.now()
  const kit = kitOf(store, start)
  const seen = { address: '192.0.2.1', userAgent: 'Firefox', label: null }
  const one = await kit.add({ userId: 'ada', client: seen, assurance: { level: 2, methods: ['pwd'] } })
  const key = makeKeys(namespace).record(one.id)
  const { send } = engineOf(client)
  await send(key, 'SET', key, withField(String(await send(key, 'GET', key)), FIELDS[name], text))
  const told: string[] = []
  store.onDamaged((id) => told.push(id))
  const nothing = { address: null, userAgent: null, label: null }
  const read = await store.read(one.id)
  expect([read?.client, read?.assurance]).toEqual(name === 'client' ? [nothing, one.assurance] : [seen, null])
  expect((await store.update(one.id, { at: start })).outcome).toBe('updated')
  expect(await store.rotate(one.id, kit.rotation(one))).toMatchObject({ outcome: 'rotated', record: { generation: 1 } })
  expect((await store.endUser('ada', kit.request())).map(({ id }) => id)).toEqual([one.id])
  expect((await store.read(one.id))?.ended?.reason).toBe('revoked')
  expect(told).toEqual([])
})

describe('what cannot be swept keeps no sweep from the others:', () => {
  const faults: readonly (readonly [string, Damaging])[] = [
    ['an ending without its last part', (value) => value.split(SEPARATOR).slice(0, -1).join(SEPARATOR)],
    ['an ending of no time', (value) => withField(value, ENDING.keepUntil, '')],
    ['an ending with another part', (value) => `${value}${SEPARATOR}1`],
    ['a record of another type', () => null],
  ]
  test.each(faults)('%s', async (_, change) => {
    const { store, client, namespace } = await opened('ioredis')
    const start = Date.now()
    const { add, request } = kitOf(store, start - 60_000)
    const [one, other] = [await add(), await add()]
    const key = makeKeys(namespace).record(one.id)
    for (const { id } of [one, other]) await store.end(id, request({ at: start - 60_000, keepUntil: start - 50_000 }))
    await damage(engineOf(client), key, change)
    const told: string[] = []
    store.onDamaged((id) => told.push(id))
    while ((await store.sweep(start, { limit: 1_000, keepFor: 0 })).more);
    expect(await store.read(other.id)).toBeNull()
    expect(told).toEqual([one.id])
    expect(await store.read(one.id)).toBeNull()
  })
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
