import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { prove, remarksOf, rowsOf } from '../../../../scripts/prove/proof.ts'
import { promises, tableOf } from '../../../../scripts/prove/table.ts'
import { memoryStore } from '../../src/stores/memory.ts'

const script = fileURLToPath(new URL('../../../../scripts/prove.ts', import.meta.url))

it('prints one array of rows on standard output and nothing else', async () => {
  const args = ['--conditions=coatcheck-source', script, '--json', '--store', 'memory']
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const rows: unknown = JSON.parse(stdout)
  const count = expect.any(Number)
  const row = { store: 'memory', kind: 'opaque', adapter: null, passed: count, failed: 0, skipped: count }
  expect(rows).toEqual(promises.map((_, i) => ({ ...row, promise: i + 1 })))
})

it('shows a failing case, with what it threw', async () => {
  const forgetful = () => ({ store: { ...memoryStore(), listUser: async () => ({ items: [], cursor: null }) } })
  const proof = await prove('forgetful', forgetful, 0.001)
  const rows = rowsOf(proof)
  expect(rows[12]?.failed).toBeGreaterThan(0)
  expect(tableOf(rows)).toMatch(/^13 .* [1-9]\d* FAILED/m)
  const failure =
    'FAILED on forgetful: promise 13: a list shows every live session of the user and nothing that signs in'
  expect(remarksOf(proof).find((remark) => remark.startsWith(failure))).toContain('AssertionFailure')
})

it('shows a hole as a hole, and the reason of what was skipped', () => {
  const skipped = { name: 'a case', promise: 2, outcome: 'skipped', reason: 'a reason' } as const
  const proof = { store: 'one', results: [skipped] }
  const lines = tableOf(rowsOf(proof)).split('\n')
  expect(lines[1]).toMatch(/^1 .* not proven$/)
  expect(lines[2]).toMatch(/^2 .* 0 passed, 1 skipped$/)
  expect(remarksOf(proof)).toEqual(['skipped on one: a case: a reason'])
})
