import { stat } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { LATEST } from '../../accounts/migrations.ts'
import { isThere } from '../../backup/backing-up.ts'
import { faultsOf } from '../../backup/copying.ts'
import { markOf, schemaAt } from '../../backup/restoring.ts'
import { databaseTrouble } from '../../database-trouble.ts'
import { type Finding, well, wrong } from './finding.ts'

const MEGABYTE = 1024 * 1024
/** SQLite begins its log anew long before, unless somebody reads from the same moment on and on. */
const LONGEST_LOG = 256 * MEGABYTE

/** The database: whole, in its mode, of our version; looked at without a change. `hasSessions`: or they are elsewhere. */
export async function databaseFindings(path: string, hasSessions: boolean): Promise<readonly Finding[]> {
  if (await isThere(markOf(path))) {
    return [
      wrong(
        'database',
        'A backup is being restored, or that was broken off.',
        'Wait for it, or run coatcheck restore again.',
      ),
    ]
  }
  try {
    const [fault] = faultsOf(path)
    if (fault !== undefined) return [wrong('database', `${path} is damaged: ${fault}`, RESTORE)]
    return [
      well('database', 'whole'),
      journalFinding(path),
      await logFinding(`${path}-wal`),
      await schemaFinding(path, hasSessions),
    ]
  } catch (error) {
    const trouble = await databaseTrouble(path, error)
    const [found = '', ...remedy] = (trouble instanceof Error ? trouble.message : String(trouble)).split(': ')
    return [wrong('database', `${found}.`, remedy.join(': ') || RESTORE)]
  }
}

const RESTORE = 'Stop the server, and restore a backup by coatcheck restore.'

function journalFinding(path: string): Finding {
  const mode = valueAt(path, 'PRAGMA journal_mode')
  if (mode === 'wal') return well('journal', 'write-ahead log')
  return wrong(
    'journal',
    `The database has the journal mode ${String(mode)}: readers and writers wait for one another.`,
    'Start the server, or run coatcheck migrate: it sets the mode. If it is set back, find the program that does so.',
  )
}

async function logFinding(path: string): Promise<Finding> {
  const size = (await isThere(path)) ? (await stat(path)).size : 0
  const found = `The write-ahead log has ${Math.ceil(size / MEGABYTE)} MB`
  if (size <= LONGEST_LOG) return well('log', found)
  return wrong(
    'log',
    `${found}.`,
    'Something reads from one moment on and on, such as a backup that hangs: end it, then restart the server.',
  )
}

async function schemaFinding(path: string, hasSessions: boolean): Promise<Finding> {
  const { accounts, sessions } = await schemaAt(path)
  const found = `accounts ${accounts} (known: ${LATEST.accounts}), sessions ${sessions} (known: ${LATEST.sessions})`
  if (accounts > LATEST.accounts || sessions > LATEST.sessions) {
    return wrong(
      'schema',
      `The tables are of a newer Coatcheck: ${found}.`,
      'Use that version, or restore the copy that its upgrade has kept.',
    )
  }
  if (accounts < LATEST.accounts || (hasSessions && sessions < LATEST.sessions)) {
    return wrong(
      'schema',
      `The tables are of an earlier version: ${found}.`,
      'Run coatcheck migrate, or start the server: a copy is kept before.',
    )
  }
  return well('schema', found)
}

/** When the latest session or account was made, by the clock of then; null where there is none, or it cannot be read. */
export function newestRow(path: string): number | null {
  try {
    return Math.max(
      ...['accounts', 'coatcheck_sessions'].map((table) =>
        Number(valueAt(path, `SELECT max(created_at) FROM ${table}`)),
      ),
    )
  } catch {
    return null
  }
}

function valueAt(path: string, query: string): unknown {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 1_000 })
  try {
    return Object.values(database.prepare(query).get() ?? {})[0]
  } finally {
    database.close()
  }
}
