// Writes accounts, sessions and the audit log of a large site into the database of a server that stands still: sessions
// by the store's own tables, so that they are what the store would have written, many in each transaction.
import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { seeded } from 'coatcheck/testing'
import type { SessionRecord } from '../../packages/coatcheck/src/core/record/record.ts'
import { inTransaction } from '../../packages/coatcheck/src/stores/sqlite/database.ts'
import { Tables } from '../../packages/coatcheck/src/stores/sqlite/tables.ts'
import { Transaction } from '../../packages/coatcheck/src/stores/sqlite/transaction.ts'
import { accountHappening } from '../../packages/server/src/audit/happenings.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const BATCH = 20_000

/** What the timing asks for. */
export interface Filled {
  /** Of an account in the middle of all. */
  readonly name: string
  readonly userId: string
  /** Of one of its sessions. */
  readonly sessionId: string
  /** The number of an event in the middle of all. */
  readonly event: number
}

const nameOf = (number: number) => `user-${String(number).padStart(6, '0')}`
const idOf = () => randomBytes(16).toString('base64url')

/** Six in ten sessions are signed in, two ended lately, two anonymous; each sign-in and ending is in the audit log. */
export function fillDatabase(
  path: string,
  { sessions, users }: { readonly sessions: number; readonly users: number },
  say: (text: string) => void,
): Filled {
  const database = new DatabaseSync(path)
  // Whoever stops half-way throws the file away.
  database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; PRAGMA wal_autocheckpoint = 50000;')
  const random = seeded(1)
  const now = Date.now()
  try {
    const ids = fillAccounts(database, users, now)
    say(`${users} accounts`)
    const [number, namespace] = Object.values(
      database.prepare('SELECT namespace, name FROM coatcheck_namespaces').get() ?? {},
    ) as [number, string]
    const tables = new Tables(database, namespace, number)
    const happen = database.prepare(
      'INSERT INTO happenings (at, type, severity, user_id, session_id, actor, detail) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    const middle = Math.floor(users / 2)
    let sessionId = ''
    const addOne = (transaction: Transaction, index: number) => {
      const kind = index % 10
      const user = Math.floor(index / 10) % users
      const userId = kind < 8 ? (ids[user] ?? null) : null
      // In the order of time, as they would have come.
      const at = Math.floor(now - 12 * HOUR + (12 * HOUR * index) / sessions)
      const record = recordOf(namespace, userId, nameOf(user), at)
      transaction.add(record)
      if (kind === 0 && user === middle) sessionId = record.id
      if (userId === null) return
      const device = random.pick(['Firefox on Windows', 'Chrome on Android', 'Safari on macOS', 'Edge on Windows'])
      const sighted = {
        type: 'signed-in',
        sessionId: record.id,
        device,
        network: '203.0.113.0/24',
        isNew: false,
      } as const
      write(accountHappening(at, userId, sighted, null))
      if (kind < 6) return
      const ending = { reason: 'signed-out', at, note: null, keepUntil: now + DAY } as const
      transaction.end(record, ending)
      const detail = { reason: ending.reason, note: null }
      write({ at, type: 'ended', severity: 'info', userId, sessionId: record.id, actor: null, detail })
    }
    const write = ({ at, type, severity, userId, sessionId: id, actor, detail }: ReturnType<typeof accountHappening>) =>
      happen.run(at, type, severity, userId, id, actor, JSON.stringify(detail))
    for (let from = 0; from < sessions; from += BATCH) {
      inTransaction(database, () => {
        const transaction = new Transaction(tables)
        for (let index = from; index < Math.min(from + BATCH, sessions); index++) addOne(transaction, index)
        transaction.flush()
      })
      if (from % (BATCH * 10) === 0) say(`${from} of ${sessions} sessions`)
    }
    const event = Number(Object.values(database.prepare('SELECT max(id) / 2 FROM happenings').get() ?? {})[0])
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    return { name: nameOf(middle), userId: ids[middle] ?? '', sessionId, event: Math.floor(event) }
  } finally {
    database.close()
  }
}

/** Accounts like the one that is there, with its password; answers their ids. */
function fillAccounts(database: DatabaseSync, users: number, now: number): readonly string[] {
  const template = database.prepare('SELECT * FROM accounts LIMIT 1').get() ?? {}
  const columns = Object.keys(template)
  const insert = database.prepare(
    `INSERT INTO accounts (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  )
  const ids: string[] = []
  inTransaction(database, () => {
    for (let number = 0; number < users; number++) {
      const [id, name, email] = [idOf(), nameOf(number), `${nameOf(number)}@example.org`]
      const own = { id, name, name_key: name, role: 'user', created_at: now - 90 * DAY + number }
      const row = { ...template, ...own, email, email_key: email, email_verified: 1 }
      insert.run(...columns.map((column) => row[column as keyof typeof row] ?? null))
      ids.push(id)
    }
  })
  return ids
}

function recordOf(namespace: string, userId: string | null, name: string, at: number): SessionRecord {
  const data = userId === null ? { role: 'visitor' } : { name, role: 'user', theme: null, language: null }
  return {
    id: idOf(),
    namespace,
    kind: 'opaque',
    userId,
    generation: 0,
    minGeneration: 0,
    secretHash: randomBytes(32).toString('base64url'),
    predecessor: null,
    data: new Map(Object.entries(data).map(([key, value]) => [key, JSON.stringify(value)])),
    schema: 1,
    createdAt: at,
    authenticatedAt: userId === null ? null : at,
    renewedAt: at,
    lastSeenAt: at,
    idleFor: null,
    persistent: false,
    expiresAt: at + 30 * DAY,
    assurance: userId === null ? null : { level: 1, methods: ['password'] },
    client: {
      address: '203.0.113.7',
      userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:150.0) Gecko/20100101 Firefox/150.0',
      label: 'Firefox on Windows',
    },
    binding: null,
    version: 0,
    ended: null,
  }
}
