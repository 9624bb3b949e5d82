import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { CreateResult } from '../../src/core/store/store.ts'
import { SCHEMA_VERSION, type SqliteDatabase, sqliteStore } from '../../src/stores/sqlite.ts'
import { freshFile } from '../unit/stores/folder.ts'
import { aRecord } from '../unit/stores/records.ts'

/** A connection on which somebody else comes first, after it has looked and before it has the lock, the `nth` time. */
function overtaken(database: DatabaseSync, nth: number, overtake: () => void): SqliteDatabase {
  let begun = 0
  return {
    get isTransaction() {
      return database.isTransaction
    },
    exec(sql) {
      if (sql === 'BEGIN IMMEDIATE') begun += 1
      if (sql === 'BEGIN IMMEDIATE' && begun === nth) overtake()
      database.exec(sql)
    },
    prepare: (sql) => database.prepare(sql),
    close: () => database.close(),
  }
}

describe('two connections that meet a fresh file at once', () => {
  it.each([
    [1, 'the tables'],
    [2, 'the namespace'],
    [3, 'a session'],
  ])('both have it, where at step %i the other one has already made %s', async (step) => {
    const file = freshFile()
    const database = new DatabaseSync(file)
    const other = sqliteStore(file)
    onTestFinished(() => other.close())
    onTestFinished(() => database.close())
    const overtakers: Promise<CreateResult>[] = []
    const store = sqliteStore(
      overtaken(database, step, () => overtakers.push(other.create(aRecord(other, { id: 'the faster one' })))),
    )
    const created = { outcome: 'created', ended: [] }
    expect(await store.create(aRecord(store, { id: 'the slower one' }))).toEqual(created)
    expect(await Promise.all(overtakers)).toEqual([created])
    for (const id of ['the faster one', 'the slower one']) expect((await store.read(id))?.id).toBe(id)
    expect(await store.stats()).toEqual({ anonymous: 2, signedIn: 0, ended: 0 })
    expect(await other.stats()).toEqual({ anonymous: 2, signedIn: 0, ended: 0 })
    const versions = database.prepare('SELECT version FROM coatcheck_schema ORDER BY version').all()
    expect(versions.map(({ version }) => version)).toEqual(Array.from({ length: SCHEMA_VERSION }, (_, i) => i + 1))
  })
})
