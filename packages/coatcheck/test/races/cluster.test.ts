import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { freshFile } from '../unit/stores/folder.ts'

test('a store that processes cannot share is refused in each worker of a cluster, with what to do', async () => {
  const program = fileURLToPath(new URL('cluster-program.ts', import.meta.url))
  const args = ['--conditions=coatcheck-source', '--no-warnings', program, freshFile()]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const lines = stdout.trimEnd().split('\n')
  const refused = expect.stringMatching(
    /^OptionError: store: this process is one of several .*sqliteStore\(path\) or redisStore\(client\).*`unshared: true`/,
  )
  const worker = { memory: refused, 'SQLite in memory': refused, file: 'taken', unshared: 'taken' }
  const primary = { memory: 'taken', 'SQLite in memory': 'taken', file: 'taken', unshared: 'taken' }
  const said = lines.map((line) => JSON.parse(line) as { worker: boolean; outcomes: object })
  expect(said.filter(({ worker: is }) => !is).map(({ outcomes }) => outcomes)).toEqual([primary])
  expect(said.filter(({ worker: is }) => is).map(({ outcomes }) => outcomes)).toEqual([worker, worker])
})
