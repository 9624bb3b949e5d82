// What a Node without SQLite says to an application that keeps its sessions in a file.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from './workspace.ts'

const run = promisify(execFile)

test('a Node that has no SQLite is told which one it takes', async () => {
  const program = "await import('coatcheck/stores/sqlite').catch((error) => console.log(error.code, error.message))"
  // As an older Node: the module is not there.
  const flags = ['--no-experimental-sqlite', '--conditions=coatcheck-source', '--input-type=module', '--eval', program]
  const { stdout } = await run(process.execPath, flags, { cwd: root })
  expect(stdout).toBe(
    'ERR_OPTION coatcheck/stores/sqlite: it needs Node 22.18 or newer: this one has no node:sqlite.\n',
  )
})
