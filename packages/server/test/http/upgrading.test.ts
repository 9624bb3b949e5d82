import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as argon2 from '@node-rs/argon2'
import { expect, test } from 'vitest'
import { openDatabase } from '../../src/accounts/database.ts'
import { LATEST, MIGRATIONS, migrate } from '../../src/accounts/migrations.ts'
import { schemaAt } from '../../src/backup/restoring.ts'
import { startServer } from '../../src/server.ts'
import { change, EARLIER, toEarlierSessions } from '../earlier-schema.ts'
import { Client, dataFolder, PASSWORD, runningServer, testConfig } from '../running.ts'

/** A database whose accounts have an earlier schema, with one account and no sessions. */
async function accountsOf(version: number): Promise<string> {
  const data = dataFolder()
  mkdirSync(data, { recursive: true })
  const path = join(data, 'coatcheck.db')
  const db = await openDatabase(path)
  await migrate(db, undefined, MIGRATIONS.slice(0, version))
  await db.destroy()
  const hash = await argon2.hash(PASSWORD)
  change(path, (database) =>
    database
      .prepare(
        "INSERT INTO accounts (id, name, name_key, password_hash, created_at) VALUES ('a', 'alice', 'alice', ?, 1)",
      )
      .run(hash),
  )
  return data
}

const kept = (data: string) => readdirSync(data).filter((name) => name.includes('backup'))

test.each(MIGRATIONS.map((_, i) => i).slice(1))(
  'accounts of schema %i are kept, then migrated, and sign in',
  async (version) => {
    const data = await accountsOf(version)
    const { url } = await runningServer(data)
    expect(await new Client(url).signIn('alice')).toBe('303 → /dashboard')
    expect(kept(data)).toEqual([`coatcheck.db.v${version}.0.backup`])
    expect(await schemaAt(join(data, `coatcheck.db.v${version}.0.backup`))).toEqual({ accounts: version, sessions: 0 })
    expect(await schemaAt(join(data, 'coatcheck.db'))).toEqual(LATEST)
  },
)

test('sessions of an earlier schema are kept, then migrated, and are alive', async () => {
  const data = dataFolder()
  const server = await startServer(testConfig(data))
  const client = new Client(server.url)
  await client.signUp('alice')
  await client.signIn('alice')
  await server.stop()
  toEarlierSessions(join(data, 'coatcheck.db'))
  const { url } = await runningServer(data)
  expect(await client.seen(client.get(`${url}dashboard`))).toMatch(/^200/)
  const name = `coatcheck.db.v${LATEST.accounts}.${EARLIER}.backup`
  expect(kept(data)).toEqual([name])
  expect(await schemaAt(join(data, name))).toEqual({ accounts: LATEST.accounts, sessions: EARLIER })
})

test('old sessions are kept once, though their tables are changed only later', async () => {
  const data = dataFolder()
  await (await startServer(testConfig(data))).stop()
  const path = join(data, 'coatcheck.db')
  toEarlierSessions(path)
  const db = await openDatabase(path)
  const old: unknown[] = []
  for (let i = 0; i < 3; i++) await migrate(db, async (schema) => void old.push(schema))
  await db.destroy()
  expect(old).toEqual([{ accounts: LATEST.accounts, sessions: EARLIER }])
})

test('of several that start at once, one keeps the database, and all start', async () => {
  const data = await accountsOf(2)
  await Promise.all(Array.from({ length: 4 }, () => runningServer(data)))
  expect(kept(data)).toEqual(['coatcheck.db.v2.0.backup'])
})

test('accounts and sessions that are both old are kept once', async () => {
  const data = dataFolder()
  await (await startServer(testConfig(data))).stop()
  const path = join(data, 'coatcheck.db')
  toEarlierSessions(path)
  change(path, (database) => database.exec('DROP TABLE sent_forms; UPDATE accounts_schema SET version = version - 1'))
  await Promise.all(Array.from({ length: 4 }, () => runningServer(data)))
  expect(kept(data)).toEqual([`coatcheck.db.v${LATEST.accounts - 1}.${EARLIER}.backup`])
})

test('what is new or up to date is not kept', async () => {
  const data = dataFolder()
  await (await startServer(testConfig(data))).stop()
  await (await startServer(testConfig(data))).stop()
  expect(kept(data)).toEqual([])
  expect(existsSync(join(data, 'coatcheck.db'))).toBe(true)
})

test('where it cannot be kept, nothing is changed', async () => {
  const data = await accountsOf(2)
  mkdirSync(join(data, 'coatcheck.db.v2.0.backup'))
  await expect(startServer(testConfig(data))).rejects.toThrow()
  expect(await schemaAt(join(data, 'coatcheck.db'))).toEqual({ accounts: 2, sessions: 0 })
})
