import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { prove, remarksOf, rowsOf } from '../../../../scripts/prove/proof.ts'
import { promises, tableOf } from '../../../../scripts/prove/table.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { adapterContract } from '../../src/testing/index.ts'

const script = fileURLToPath(new URL('../../../../scripts/prove.ts', import.meta.url))

it('prints one array of rows on standard output and nothing else', async () => {
  const args = ['--conditions=coatcheck-source', script, '--json', '--store', 'memory']
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const rows: unknown = JSON.parse(stdout)
  const count = expect.any(Number)
  const row = { store: 'memory', kind: 'opaque', passed: count, failed: 0, skipped: count }
  const adapters = [null, 'fetch', 'node', 'express', 'hono']
  expect(rows).toEqual(adapters.flatMap((adapter) => promises.map((_, i) => ({ ...row, adapter, promise: i + 1 }))))
}, 60_000)

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
  const proof = { store: 'one', adapter: null, results: [skipped] }
  const lines = tableOf(rowsOf(proof)).split('\n')
  expect(lines[1]).toMatch(/^1 .* not proven$/)
  expect(lines[2]).toMatch(/^2 .* 0 passed, 1 skipped$/)
  expect(remarksOf(proof)).toEqual(['skipped on one: a case: a reason'])
})

it('shows the adapters in a table of their own, with what failed in any of the stores', () => {
  const failed = { name: 'a case', promise: 2, outcome: 'failed', error: 'broken' } as const
  const passed = { name: 'a case', promise: 2, outcome: 'passed' } as const
  const proofs = [
    { store: 'one', adapter: null, results: [passed] },
    { store: 'one', adapter: 'fetch', results: [passed, passed] },
    { store: 'two', adapter: 'fetch', results: [passed, failed] },
  ]
  const [byStore = '', byAdapter = ''] = tableOf(proofs.flatMap(rowsOf)).split('\n\n')
  expect(byStore.split('\n')[0]).toMatch(/^ +Promise +one \/ opaque$/)
  expect(byStore.split('\n')[2]).toMatch(/^2 .* 1 passed$/)
  expect(byAdapter.split('\n')[0]).toMatch(/^ +Promise +fetch$/)
  expect(byAdapter.split('\n')[2]).toMatch(/^2 .* 3 passed, 1 FAILED$/)
  expect(proofs.flatMap(remarksOf)).toEqual(['FAILED on fetch with two: promise 2: a case\n  broken'])
})

it('proves every promise through every adapter', () => {
  const proven = new Set(adapterContract.map(({ promise }) => promise ?? promises.length))
  expect(promises.map((_, i) => i + 1).filter((promise) => !proven.has(promise))).toEqual([])
})
