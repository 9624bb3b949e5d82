import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it, onTestFinished, vi } from 'vitest'
import { startServer } from '../../src/server.ts'
import { openServices } from '../../src/services.ts'
import { Client, dataFolder, testConfig } from '../running.ts'

it('a running server sweeps: what has expired is ended in the database, though nobody asks for it', async () => {
  const data = dataFolder()
  const config = testConfig(data)
  const server = await startServer(config, (its) => openServices(its, 20))
  onTestFinished(() => server.stop())
  const client = new Client(server.url)
  await client.signUp('alice')
  await client.signIn('alice')
  const database = new DatabaseSync(join(data, 'coatcheck.db'), { timeout: 1000 })
  onTestFinished(() => database.close())
  const ended = () => database.prepare('SELECT ended FROM coatcheck_sessions').all()
  expect(ended()).toEqual([{ ended: null }])
  const past = Date.now() - 1
  database.prepare('UPDATE coatcheck_sessions SET expires_at = ?, due_at = ?').run(past, past)
  await vi.waitFor(() => expect(ended()).toEqual([{ ended: expect.stringContaining('absolute') }]), 10_000)
})

it('and removes codes and attempts that no longer count, however many, and no others', async () => {
  const data = dataFolder()
  const server = await startServer(testConfig(data), (its) => openServices(its, 20))
  onTestFinished(() => server.stop())
  const database = new DatabaseSync(join(data, 'coatcheck.db'), { timeout: 1000 })
  onTestFinished(() => database.close())
  const counting = 'WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 1200)'
  const attempts = database.prepare(`${counting} INSERT INTO attempts (key, at) SELECT 'key' || n, ? FROM counted`)
  const codes = database.prepare(
    `${counting} INSERT INTO codes (hash, purpose, expires_at) SELECT ? || n, 'reset', ? FROM counted`,
  )
  const now = Date.now()
  database.exec('BEGIN')
  attempts.run(now - 59 * 60_000)
  attempts.run(now - 60 * 60_000)
  codes.run('live', now + 60_000)
  codes.run('over', now)
  database.exec('COMMIT')
  const left = () =>
    ['SELECT count(*) AS n, min(at) AS first FROM attempts', 'SELECT count(*) AS n, min(hash) AS first FROM codes'].map(
      (sql) => ({ ...database.prepare(sql).get() }),
    )
  const kept = [
    { n: 1200, first: now - 59 * 60_000 },
    { n: 1200, first: 'live1' },
  ]
  await vi.waitFor(() => expect(left()).toEqual(kept), 10_000)
})
