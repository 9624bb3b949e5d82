import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'redis'
import { expect, onTestFinished, test } from 'vitest'
import { startRedis, startRedisCluster } from '../../../../../scripts/engines.ts'
import type { Store } from '../../../src/core/store/store.ts'
import { BARRED, BARRED_FOR } from '../../../src/stores/redis/record-value.ts'
import { startProgram, together } from '../../faults/children.ts'
import { type Facts, type Input, type Left, type Place, USERS } from './facts.ts'
import { complaintsAbout } from './judging.ts'
import { openPlace, sessionsOn } from './places.ts'

/** How long the load goes on; more for a longer proof, which is then given on SQLite too. */
const LONG = process.env['COATCHECK_LOAD_SECONDS']
const SECONDS = Number(LONG ?? 3)
const PROCESSES = 4
const YEAR = 365 * 24 * 60 * 60 * 1_000

const PLACES: Readonly<Record<string, (folder: string) => Promise<Place>>> = {
  sqlite: async (folder) => ({ engine: 'sqlite', file: join(folder, 'sessions.db') }),
  async redis() {
    const redis = await startRedis()
    onTestFinished(redis.stop)
    return { engine: 'redis', ports: [redis.port], namespace: 'load' }
  },
  async 'redis-cluster'() {
    const { ports, stop } = await startRedisCluster()
    onTestFinished(stop)
    return { engine: 'redis-cluster', ports, namespace: 'load' }
  },
}

test.each(LONG === undefined ? ['redis', 'redis-cluster'] : Object.keys(PLACES))(
  'random requests of four processes on %s keep every promise, and leave nothing behind',
  { timeout: 60_000 + 4_000 * SECONDS },
  async (engine) => {
    const folder = mkdtempSync(join(tmpdir(), 'coatcheck-load-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const place = (await PLACES[engine]?.(folder)) as Place
    const shared = join(folder, 'shared')
    mkdirSync(shared)
    const children = Array.from({ length: PROCESSES }, (_, number) => {
      const input: Input = { place, folder: shared, number, milliseconds: SECONDS * 1_000 }
      return startProgram(new URL('load-child.ts', import.meta.url), 'load', input)
    })
    const facts = (await together(children)) as readonly Facts[]
    const { store, close } = await openPlace(place)
    onTestFinished(close)
    const left = await leftIn(store, facts)
    expect(complaintsAbout(facts, left)).toEqual([])
    // A load under which nothing happened proves nothing.
    expect([...new Set(facts.flatMap(({ calls }) => Object.keys(calls)))].toSorted()).toEqual(ACTS)
    expect(left.some(({ isLive }) => isLive)).toBe(true)
    expect(left.some(({ isLive }) => !isLive)).toBe(true)
    await everythingGone(store, place, facts)
  },
)

const ACTS = [
  'authenticate again',
  'count',
  'end',
  'end user',
  'read',
  'renew',
  'sign in',
  'sweep',
  'update user',
  'write',
]

async function leftIn(store: Store, facts: readonly Facts[]): Promise<readonly Left[]> {
  const sessions = sessionsOn(store)
  const listed = new Set<string>()
  for (const user of USERS) for (const { id } of await sessions.list(user)) listed.add(id)
  const left: Left[] = []
  for (const { id, user } of facts.flatMap(({ signedIn }) => signedIn)) {
    const record = await store.read(id)
    const isLive = record !== null && record.ended === null
    const data = Object.fromEntries([...(record?.data ?? [])].map(([key, text]) => [key, JSON.parse(text)]))
    left.push({ id, user, isLive, data, isListed: listed.has(id) })
  }
  return left
}

/** When all sessions are over and swept, no record is left, and no index names one. */
async function everythingGone(store: Store, place: Place, facts: readonly Facts[]): Promise<void> {
  const sessions = sessionsOn(store)
  for (const user of USERS) await sessions.revokeUser(user)
  const later = Date.now() + YEAR
  for (let more = true; more; ) ({ more } = await store.sweep(later, { limit: 1_000, keepFor: 0 }))
  for (const { id } of facts.flatMap(({ signedIn }) => signedIn)) expect(await store.read(id)).toBeNull()
  for (const user of USERS) expect((await store.listUser(user)).items).toEqual([])
  if (place.engine === 'sqlite') return
  const members = await Promise.all(place.ports.map((port) => namedIn(port)))
  expect(members.flat()).toEqual([])
}

/** What stands for a while where a sign-in that was overtaken would have put its record. */
function isBar(value: string | null, left: number): boolean {
  return value === BARRED && left > 0 && left <= BARRED_FOR
}

/** Records, and sessions that the users' sets name, on one machine. */
async function namedIn(port: number): Promise<readonly string[]> {
  const client = createClient({ url: `redis://127.0.0.1:${port}` })
  await client.connect()
  const found: string[] = []
  // A replica has what its master has.
  const isMaster = (await client.info('replication')).includes('role:master')
  for (const key of isMaster ? await client.keys('*') : []) {
    if (/^\{..\}cc4:load:s/.test(key) && !isBar(await client.get(key), await client.pTTL(key))) found.push(key)
    if (!/^\{..\}cc4:load:u/.test(key)) continue
    const members = await client.zRange(key, 0, -1)
    // Those that begin with a control character are the user's epoch and the count of admissions.
    found.push(...members.filter((member) => !member.startsWith('\u001e')))
  }
  client.destroy()
  return found
}
