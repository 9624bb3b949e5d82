import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { migrate } from '../../../../src/stores/sqlite/migrations.ts'
import { sqliteStore } from '../../../../src/stores/sqlite.ts'
import { add } from '../records.ts'

const tablesOf = (database: DatabaseSync) =>
  database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .all()
    .map(({ name }) => name)

const versionsOf = (database: DatabaseSync) =>
  database
    .prepare('SELECT version FROM coatcheck_schema ORDER BY version')
    .all()
    .map(({ version }) => version)

describe('migrate', () => {
  it('makes our tables beside those of the application', () => {
    const database = new DatabaseSync(':memory:')
    database.exec('CREATE TABLE accounts (id INTEGER PRIMARY KEY); PRAGMA user_version = 7')
    migrate(database, 'read')
    expect(tablesOf(database)).toEqual([
      'accounts',
      'coatcheck_epochs',
      'coatcheck_last_removed',
      'coatcheck_marks',
      'coatcheck_namespaces',
      'coatcheck_revocations',
      'coatcheck_schema',
      'coatcheck_sessions',
    ])
    expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 7 })
  })

  it('does nothing a second time, not even take the lock', () => {
    const database = new DatabaseSync(':memory:')
    migrate(database, 'read')
    database.exec('BEGIN')
    migrate(database, 'read')
    database.exec('ROLLBACK')
    expect(versionsOf(database)).toEqual([1, 2, 3])
  })

  it('takes the steps that are left, in their order', () => {
    const database = new DatabaseSync(':memory:')
    const steps = ['CREATE TABLE a (x)', 'ALTER TABLE a ADD COLUMN y', 'ALTER TABLE a RENAME COLUMN y TO z']
    migrate(database, 'read', steps.slice(0, 1))
    migrate(database, 'read', steps)
    expect(versionsOf(database)).toEqual([1, 2, 3])
    database.exec('INSERT INTO a (x, z) VALUES (1, 2)')
  })

  it('brings a file of the first schema up: its last number is not given again', async () => {
    const database = new DatabaseSync(':memory:')
    const store = sqliteStore(database)
    for (let i = 0; i < 3; i++) await add(store)
    database.exec(
      'DROP TABLE coatcheck_last_removed; DROP TABLE coatcheck_marks; DELETE FROM coatcheck_schema WHERE version > 1',
    )
    migrate(database, 'read')
    expect(database.prepare('SELECT seq FROM coatcheck_last_removed').all()).toEqual([{ seq: 3 }])
  })

  it('does all of it or nothing', () => {
    const database = new DatabaseSync(':memory:')
    expect(() => migrate(database, 'read', ['CREATE TABLE a (x)', 'nonsense'])).toThrow()
    expect(tablesOf(database)).toEqual([])
    expect(database.isTransaction).toBe(false)
  })

  it('refuses a file of a newer schema in one sentence', () => {
    const database = new DatabaseSync(':memory:')
    migrate(
      database,
      'read',
      ['a', 'b', 'c', 'd'].map((name) => `CREATE TABLE ${name} (x)`),
    )
    const error = expect.objectContaining({
      code: 'ERR_STORE_UNAVAILABLE',
      operation: 'read',
      message:
        'store.read: the sessions were written by a newer Coatcheck (schema 4, this one knows 3): update it here too.',
    })
    expect(() => migrate(database, 'read')).toThrow(error)
  })
})
