import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { MIGRATIONS, migrate, SCHEMA_VERSION } from '../../../../src/stores/sqlite/migrations.ts'
import { sqliteStore } from '../../../../src/stores/sqlite.ts'

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
      'coatcheck_changes',
      'coatcheck_epochs',
      'coatcheck_last_removed',
      'coatcheck_marks',
      'coatcheck_namespaces',
      'coatcheck_notes',
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
    expect(versionsOf(database)).toEqual(MIGRATIONS.map((_, index) => index + 1))
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
    migrate(database, 'read', MIGRATIONS.slice(0, 1))
    database.exec(`INSERT INTO coatcheck_sessions (namespace, seq, id, kind, generation, auth_generation, secret_hash, data,
      schema, created_at, renewed_at, last_seen_at, persistent, expires_at, version, due_at)
      VALUES (1, 3, 'a', 'opaque', 0, 0, '', '', 0, 0, 0, 0, 0, 9, 0, 9)`)
    migrate(database, 'read')
    expect(database.prepare('SELECT seq FROM coatcheck_last_removed').all()).toEqual([{ seq: 3 }])
  })

  it('brings a file of the third schema up: sessions, endings and epochs are there as they were', async () => {
    const database = new DatabaseSync(':memory:')
    migrate(database, 'read', MIGRATIONS.slice(0, 3))
    database.exec(`INSERT INTO coatcheck_namespaces (namespace, name, signed_in, last_epoch, epoch_of_all, last_revocation)
        VALUES (1, 'default', 1, 9, 4, 7);
      INSERT INTO coatcheck_epochs (namespace, user_id, epoch) VALUES (1, 'ada', 9);
      INSERT INTO coatcheck_revocations (namespace, seq, scope, subject, at, reason, keep_until)
        VALUES (1, 7, 'user', 'ada', 5, 'revoked', 99);
      INSERT INTO coatcheck_sessions (namespace, seq, id, kind, user_id, generation, auth_generation, secret_hash, data,
        schema, created_at, renewed_at, last_seen_at, persistent, expires_at, version, due_at)
        VALUES (1, 3, 'a', 'opaque', 'ada', 5, 2, 'hash', '', 0, 0, 0, 0, 0, 9, 0, 9)`)
    const store = sqliteStore(database)
    expect(await store.read('a')).toMatchObject({ userId: 'ada', generation: 5, minGeneration: 2, secretHash: 'hash' })
    expect(await store.userEpoch('ada')).toEqual({ epoch: 9, endEpoch: 9 })
    expect(await store.userEpoch('bob')).toEqual({ epoch: 4, endEpoch: 4 })
    expect(await store.changes(0)).toEqual([
      { seq: 7, kind: 'ended', scope: 'user', subject: 'ada', at: 5, reason: 'revoked', count: 0, keepUntil: 99 },
    ])
    await store.updateUser('ada', { at: 3, set: new Map() })
    expect((await store.userEpoch('ada')).epoch).toBe(10)
    expect((await store.changes(7)).map(({ seq, count }) => [seq, count])).toEqual([[8, 10]])
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
      [...MIGRATIONS, ''].map((_, i) => `CREATE TABLE t${i} (x)`),
    )
    const error = expect.objectContaining({
      code: 'ERR_STORE_UNAVAILABLE',
      operation: 'read',
      message:
        `store.read: the sessions were written by a newer Coatcheck (schema ${SCHEMA_VERSION + 1}, this one knows ` +
        `${SCHEMA_VERSION}): update it here too.`,
    })
    expect(() => migrate(database, 'read')).toThrow(error)
  })
})
