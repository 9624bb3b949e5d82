import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import type { Store } from '../../src/core/store/store.ts'
import { sqliteStore } from '../../src/stores/sqlite.ts'
import { seeded } from '../../src/testing/randomness.ts'
import { freshFile } from '../unit/stores/folder.ts'
import { type Child, startChild } from './children.ts'

const KILLS = 50

/** What the child was told to have been written, by session. */
interface Acknowledged {
  counted: number
  ended: boolean
}

function acknowledgedIn(lines: readonly string[]): ReadonlyMap<string, Acknowledged> {
  const sessions = new Map<string, Acknowledged>()
  for (const line of lines) {
    const [what = '', id = '', n = ''] = line.split(' ')
    const session = sessions.get(id) ?? { counted: 0, ended: false }
    if (what === 'counted') session.counted = Number(n)
    if (what === 'ended') session.ended = true
    sessions.set(id, session)
  }
  return sessions
}

/** Everything that was acknowledged and is not there; one step more than that may be, of the write that was under way. */
async function lostIn(store: Store, sessions: ReadonlyMap<string, Acknowledged>): Promise<readonly string[]> {
  const lost: string[] = []
  for (const [id, { counted, ended }] of sessions) {
    const record = await store.read(id)
    const n = Number(record?.data.get('n') ?? '0')
    if (record === null) lost.push(`${id} is not there`)
    else if (ended && record.ended === null) lost.push(`${id} is alive`)
    else if (!ended && record.ended === null && (n < counted || n > counted + 1))
      lost.push(`${id} has ${n}, not ${counted}`)
  }
  return lost
}

async function killed(file: string, number: number, afterLines: number, ms: number): Promise<Child> {
  const child = startChild('acknowledge', { file, number })
  await child.ready
  child.go()
  while (child.lines.length < afterLines) await new Promise((resolve) => setTimeout(resolve, 1))
  await new Promise((resolve) => setTimeout(resolve, ms))
  child.kill('SIGKILL')
  await child.closed
  return child
}

function integrityOf(file: string): unknown {
  return first(file, 'PRAGMA integrity_check')
}

/** The rows themselves, which the store's own counts have to agree with. */
function countsIn(file: string): unknown {
  return first(
    file,
    `SELECT count(*) FILTER (WHERE ended IS NULL AND user_id IS NULL) AS anonymous,
      count(*) FILTER (WHERE ended IS NULL AND user_id IS NOT NULL) AS signedIn,
      count(*) FILTER (WHERE ended IS NOT NULL) AS ended FROM coatcheck_sessions`,
  )
}

function first(file: string, sql: string): unknown {
  const database = new DatabaseSync(file)
  try {
    return { ...database.prepare(sql).get() }
  } finally {
    database.close()
  }
}

describe('a process that is killed while it writes', () => {
  it(`has lost nothing that was acknowledged, ${KILLS} times, and left the file whole`, {
    timeout: 300_000,
  }, async () => {
    const random = seeded('kill')
    const file = freshFile()
    let acknowledged = 0
    for (let round = 0; round < KILLS; round++) {
      // In every other round another process has the file open all the time, so nobody has to recover it.
      const witness = round % 2 === 0 ? null : sqliteStore(file)
      await witness?.read('')
      const { lines } = await killed(file, round, 1 + random.int(400), random.int(10))
      const store = witness ?? sqliteStore(file)
      const sessions = acknowledgedIn(lines)
      expect(await lostIn(store, sessions), `round ${round}`).toEqual([])
      expect(await store.stats(), `round ${round}`).toEqual(countsIn(file))
      expect(integrityOf(file), `round ${round}`).toEqual({ integrity_check: 'ok' })
      acknowledged += lines.length
      await store.close()
    }
    expect(acknowledged).toBeGreaterThan(KILLS * 50)
  })
})
