import { sql } from 'kysely'
import type { Database } from '../accounts/database.ts'
import { reached } from '../accounts/faults.ts'
import { type Kept, keptOf } from './kept.ts'

/** By what sessions are found in the audit log. The lists are alternatives, of few values each. */
export interface SessionFilter {
  readonly userIds?: readonly string[] | undefined
  /** As `networkOf` answers them. */
  readonly networks?: readonly string[] | undefined
  /** As `deviceName` answers them. */
  readonly devices?: readonly string[] | undefined
  /** Why it ended. */
  readonly reason?: string | undefined
  /** Those whose entry has a smaller number. */
  readonly before?: number | undefined
}

/** A session as the audit log knows it: its sign-in, and its ending where that was told of this session alone. */
export interface FoundSession {
  /** The number of the entry by which it was found. */
  readonly id: number
  readonly sessionId: string
  readonly userId: string | null
  readonly signedIn: Kept | null
  readonly ended: Kept | null
}

export interface FoundSessions {
  /** The latest first. */
  readonly sessions: readonly FoundSession[]
  /** `before` of the next page; null where nothing is left. Where that was too much to look at, it may turn out empty. */
  readonly next: number | null
}

/** What else has to hold, which the audit log does not know, such as whether it is alive. */
export type SessionTest = (session: FoundSession) => Promise<boolean>

const CHUNK = 200
/** So many are looked at for a page, so that it is quick whatever is asked for; the next page goes on from there. */
const MOST_LOOKED_AT = 1_000
const MOST_DEVICES = 500

/** Which value a search walks along, by an index that has it and the order; the other ones are compared. */
export function pathsOf({ userIds, networks, devices, reason }: SessionFilter): readonly Path[] {
  const paths = (column: Path['column'], values: readonly string[]) =>
    values.map((value): Path => ({ column, value, type: 'signed-in' }))
  if (userIds !== undefined) return paths('user_id', userIds)
  if (networks !== undefined) return paths('network', networks)
  if (devices !== undefined) return paths('device', devices)
  if (reason !== undefined) return [{ column: 'reason', value: reason, type: 'ended' }]
  return [{ column: null, value: '', type: 'signed-in' }]
}

interface Path {
  readonly column: 'user_id' | 'network' | 'device' | 'reason' | null
  readonly value: string
  readonly type: 'signed-in' | 'ended'
}

/** The entries along one path below a number, the latest first. */
export function entriesAlong(db: Database, { column, value, type }: Path, before: number, limit: number) {
  // As text in the statement: SQLite uses a partial index only where it sees that its condition holds.
  const all = db
    .selectFrom('happenings')
    .selectAll()
    .where(sql.raw<boolean>(`type = '${type}'`))
  const along = column === null ? all : all.where(column, '=', value)
  return along.where('id', '<', before).orderBy('id', 'desc').limit(limit)
}

/** Finds sessions, a page of `size` at a time. @throws AccountsOutageError */
export async function searchSessions(
  db: Database,
  filter: SessionFilter,
  size: number,
  test: SessionTest,
): Promise<FoundSessions> {
  const paths = pathsOf(filter)
  const found: FoundSession[] = []
  let before = filter.before ?? Number.MAX_SAFE_INTEGER
  for (let lookedAt = 0; lookedAt < MOST_LOOKED_AT; lookedAt += CHUNK) {
    const entries = await nextEntries(db, paths, before)
    for (const session of await knownOf(db, entries)) {
      if (fits(session, filter) && (await test(session))) {
        // One more than fits on the page: only then is there a next one.
        if (found.length === size) return { sessions: found, next: before }
        found.push(session)
      }
      before = session.id
    }
    if (entries.length < CHUNK) return { sessions: found, next: null }
  }
  return { sessions: found, next: before }
}

/** The latest of all paths: each is asked for as many, so none can be missing among them. */
async function nextEntries(db: Database, paths: readonly Path[], before: number): Promise<Kept[]> {
  const all: Kept[] = []
  for (const path of paths) {
    const rows = await reached(() => entriesAlong(db, path, before, CHUNK).execute())
    all.push(...rows.map(keptOf))
  }
  return all.toSorted((a, b) => b.id - a.id).slice(0, CHUNK)
}

/** With the other entry of each session. */
async function knownOf(db: Database, entries: readonly Kept[]): Promise<FoundSession[]> {
  const ids = entries.flatMap(({ sessionId }) => (sessionId === null ? [] : [sessionId]))
  if (ids.length === 0) return []
  const query = db
    .selectFrom('happenings')
    .selectAll()
    .where('session_id', 'in', ids)
    // The sign hides the column from the planner, who might walk along the type instead, which is longer.
    .where(sql<boolean>`+type IN ('signed-in', 'ended')`)
  const others = new Map<string, Kept>()
  for (const row of await reached(() => query.execute())) others.set(`${row.type} ${row.session_id}`, keptOf(row))
  return entries.flatMap(({ id, sessionId, userId }) => {
    if (sessionId === null) return []
    const [signedIn = null, ended = null] = ['signed-in', 'ended'].map((type) => others.get(`${type} ${sessionId}`))
    return [{ id, sessionId, userId, signedIn, ended }]
  })
}

function fits({ userId, signedIn, ended }: FoundSession, filter: SessionFilter): boolean {
  const isOneOf = (values: readonly string[] | undefined, value: unknown) =>
    values === undefined || (typeof value === 'string' && values.includes(value))
  return (
    isOneOf(filter.userIds, userId) &&
    isOneOf(filter.networks, signedIn?.detail['network']) &&
    isOneOf(filter.devices, signedIn?.detail['device']) &&
    (filter.reason === undefined || ended?.detail['reason'] === filter.reason)
  )
}

/** Every device that was signed in with, in order: of a million sign-ins it reads one entry for each. @throws AccountsOutageError */
export async function devicesSeen(db: Database): Promise<readonly string[]> {
  const { rows } = await reached(() => devicesQuery().execute(db))
  return rows.map(({ device }) => device)
}

/** Steps from each device to the next one in the index. By itself the planner would walk along the type, over all entries. */
export function devicesQuery() {
  const next = (after: string) => `SELECT device FROM happenings INDEXED BY happenings_signed_in_device
    WHERE type = 'signed-in' AND device > ${after} ORDER BY device LIMIT 1`
  return sql<{ device: string }>`
    WITH RECURSIVE seen (device) AS (
      SELECT (${sql.raw(next("''"))}) UNION ALL
      SELECT (${sql.raw(next('seen.device'))}) FROM seen WHERE seen.device IS NOT NULL
    ) SELECT device FROM seen WHERE device IS NOT NULL LIMIT ${MOST_DEVICES}`
}
