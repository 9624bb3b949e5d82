// The steps that are measured, and the floor beside each: the least code that could do the job, written by hand.
import { hash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createSessions, type Store } from 'coatcheck'
import { memoryStore } from 'coatcheck/stores/memory'
import { sqliteStore } from 'coatcheck/stores/sqlite'
import { DOCUMENT } from './document.ts'
import type { Contender } from './measure.ts'

const SESSIONS = 1_000
const CALLS = 50_000

interface Prepared {
  readonly contenders: readonly Contender[]
  readonly close: () => Promise<void>
}

function carrier(cookie: string | null) {
  return { headers: { get: (name: string) => (name === 'cookie' ? cookie : null) } }
}
type Carrier = ReturnType<typeof carrier>

function other(token: string): string {
  return `_ga=GA1.1.1234567890.1700000000; __Host-sid=${token}; theme=dark`
}

/** Signed-in sessions in the store, and the requests that present their tokens. */
async function prepare(store: Store) {
  const sessions = createSessions<typeof DOCUMENT & { n: number }>({
    store,
    keys: randomBytes(32).toString('base64url'),
  })
  const requests: Carrier[] = []
  for (let i = 0; i < SESSIONS; i++) {
    const session = await sessions.open(carrier(null))
    await session.signIn(await sessions.begin(`user ${i}`), { data: { ...DOCUMENT, n: 0 } })
    const { cookies } = await sessions.save(session)
    requests.push(carrier(other(/__Host-sid=([^;]+)/.exec(cookies[0] ?? '')?.[1] ?? '')))
  }
  return { sessions, at: (i: number) => requests[i % SESSIONS] ?? carrier(null) }
}

function floorCookie(request: Carrier): string {
  const header = request.headers.get('cookie') ?? ''
  const start = header.indexOf('sid=') + 4
  const end = header.indexOf(';', start)
  return header.slice(start, end === -1 ? header.length : end)
}

function floorTokens() {
  const tokens = Array.from({ length: SESSIONS }, () => randomBytes(32).toString('base64url'))
  const requests = tokens.map((token) => carrier(other(token).replace('__Host-', '')))
  return { tokens, at: (i: number) => requests[i % SESSIONS] ?? carrier(null) }
}

const hashOf = (token: string) => hash('sha256', token, 'base64url')

export async function memoryContenders(): Promise<Prepared> {
  const store = memoryStore()
  const { sessions, at } = await prepare(store)
  const floor = floorTokens()
  const table = new Map(
    floor.tokens.map((token) => [hashOf(token), { userId: 'ada', expiresAt: Number.MAX_VALUE, data: DOCUMENT }]),
  )
  const none = carrier('_ga=GA1.1.1234567890.1700000000; theme=dark')
  const junk = carrier(other(`cc1.0.${'A'.repeat(65)}.${'B'.repeat(28)}`))
  const forged = await forgedRequest(at(0))
  const name = 'floor: cookie found, secret hashed, one Map look-up'
  const row = (what: string, run: Contender['run'], target?: number): Contender => ({
    name: what,
    floor: name,
    calls: CALLS,
    run,
    ...(target === undefined ? {} : { target }),
  })
  const contenders = [
    row(name, (i) => (table.get(hashOf(floorCookie(floor.at(i))))?.expiresAt ?? 0) > Date.now()),
    row('memory: open by a valid token', (i) => sessions.open(at(i)), 8),
    row('memory: open without a cookie', () => sessions.open(none), 0.6),
    row('memory: open by junk (unknown key)', () => sessions.open(junk), 8),
    row('memory: open by a forged token', () => sessions.open(forged), 8),
    row('memory: open, read data, commit without a change', async (i) => {
      const session = await sessions.open(at(i))
      return [session.data.role, await sessions.save(session)]
    }),
    row('memory: open, change a key, commit', async (i) => {
      const session = await sessions.open(at(i))
      session.data.n = i
      return await sessions.save(session)
    }),
  ]
  return { contenders, close: () => sessions.close() }
}

async function forgedRequest(request: Carrier): Promise<Carrier> {
  const cookie = request.headers.get('cookie') ?? ''
  return carrier(
    cookie.replace(
      /(__Host-sid=cc1\.0\.)(.)/,
      (_, before: string, first: string) => before + (first === 'A' ? 'B' : 'A'),
    ),
  )
}

export async function sqliteContenders(): Promise<Prepared> {
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-bench-'))
  const { sessions, at } = await prepare(sqliteStore(join(folder, 'sessions.db')))
  const floor = floorTokens()
  const database = floorDatabase(join(folder, 'floor.db'), floor.tokens)
  const select = database.prepare('SELECT user_id, expires_at, data FROM sessions WHERE hash = ?')
  const update = database.prepare('UPDATE sessions SET data = ? WHERE hash = ?')
  const read = 'floor: cookie found, secret hashed, raw SELECT, JSON.parse'
  const write = 'floor: the same, then a raw UPDATE of the document'
  const floorRead = (i: number) => {
    const key = hashOf(floorCookie(floor.at(i)))
    const found = select.get(key)
    const data: typeof DOCUMENT & { n?: number } = JSON.parse(String(found?.['data']))
    return { key, data, live: Number(found?.['expires_at']) > Date.now() }
  }
  const calls = CALLS / 10
  const contenders: Contender[] = [
    { name: read, floor: read, calls, run: (i) => floorRead(i).data.role },
    {
      name: 'sqlite: open by a valid token, read data',
      floor: read,
      target: 1.4,
      calls,
      run: async (i) => (await sessions.open(at(i))).data.role,
    },
    { name: 'sqlite: open by a valid token', floor: read, calls, run: (i) => sessions.open(at(i)) },
    {
      name: write,
      floor: write,
      calls: calls / 10,
      run: (i) => {
        const { key, data } = floorRead(i)
        update.run(JSON.stringify({ ...data, n: i }), key)
      },
    },
    {
      name: 'sqlite: open, change a key, commit',
      floor: write,
      calls: calls / 10,
      run: async (i) => {
        const session = await sessions.open(at(i))
        session.data.n = i
        return await sessions.save(session)
      },
    },
  ]
  const close = async () => {
    await sessions.close()
    database.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { contenders, close }
}

function floorDatabase(path: string, tokens: readonly string[]): DatabaseSync {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
  database.exec(
    'CREATE TABLE sessions (hash TEXT PRIMARY KEY, user_id TEXT, expires_at INTEGER, data TEXT) WITHOUT ROWID',
  )
  const insert = database.prepare('INSERT INTO sessions VALUES (?, ?, ?, ?)')
  for (const [i, token] of tokens.entries())
    insert.run(hashOf(token), `user ${i}`, Number.MAX_SAFE_INTEGER, JSON.stringify(DOCUMENT))
  return database
}
