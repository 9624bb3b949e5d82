import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { copyDatabase, faultsOf } from '../../../src/backup/copying.ts'

const ROWS = 20_000

/** A database in WAL mode of some thousand pages, left open. */
function aDatabase() {
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-copy-'))
  const path = join(folder, 'from.db')
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE numbers (n INTEGER, text TEXT)')
  database.exec(`
    WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < ${ROWS})
    INSERT INTO numbers SELECT n, hex(randomblob(500)) FROM up`)
  onTestFinished(() => {
    database.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return { folder, path, database, copy: join(folder, 'to.db') }
}

function countOf(path: string): unknown {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    return database.prepare('SELECT count(*) AS count FROM numbers').get()?.['count']
  } finally {
    database.close()
  }
}

test('a copy is as the database was when it began, though others write in between, and is one file', async () => {
  const { folder, path, database, copy } = aDatabase()
  const shares: number[] = []
  await copyDatabase(path, copy, (done, total) => {
    shares.push(done / total)
    database.exec('INSERT INTO numbers VALUES (0, hex(randomblob(9000)))')
  })
  // Each step saw a write of another connection, and none of them began it anew.
  expect(shares.length).toBeGreaterThan(3)
  expect(shares).toEqual(shares.toSorted((a, b) => a - b))
  expect(countOf(copy)).toBe(ROWS)
  expect(statSync(copy).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder).filter((name) => name.startsWith('to.db'))).toEqual(['to.db'])
})

test('what is there is not overwritten', async () => {
  const { path, copy } = aDatabase()
  writeFileSync(copy, 'mine')
  await expect(copyDatabase(path, copy)).rejects.toMatchObject({ code: 'EEXIST' })
  expect(statSync(copy).size).toBe(4)
})

test('a database that is damaged, or none, leaves no copy', async () => {
  const { path, copy, database, folder } = aDatabase()
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(4_096, 0xab), 0, 4_096, 50 * 4_096)
  closeSync(file)
  expect(faultsOf(path).length).toBeGreaterThan(0)
  await expect(copyDatabase(path, copy)).rejects.toMatchObject({ name: 'DamagedError' })
  expect(existsSync(copy)).toBe(false)
  const garbage = join(folder, 'garbage.db')
  writeFileSync(garbage, 'garbage '.repeat(2_000))
  await expect(copyDatabase(garbage, copy)).rejects.toThrow('file is not a database')
  expect(existsSync(copy)).toBe(false)
})
