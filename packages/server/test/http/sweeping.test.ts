import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it, onTestFinished, vi } from 'vitest'
import { startServer } from '../../src/server.ts'
import { openServices } from '../../src/services.ts'
import { Client, dataFolder, testConfig } from '../running.ts'

it('a running server sweeps: what has expired is ended in the database, though nobody asks for it', async () => {
  const data = dataFolder()
  const config = testConfig(data)
  const server = await startServer(config, (its) => openServices(its, '20ms'))
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
