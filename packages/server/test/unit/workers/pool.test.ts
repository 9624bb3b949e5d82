import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { startWorker } from '../../../src/workers/pool.ts'

it('a worker that does not come to its message to stop is killed', async () => {
  cluster.setupPrimary({ exec: fileURLToPath(new URL('blocked-worker.mjs', import.meta.url)), execArgv: [] })
  const worker = await startWorker(new AbortController().signal)
  expect(await worker.stop(false)).toBe(false)
  expect(await worker.ended).toBe('SIGKILL')
})
