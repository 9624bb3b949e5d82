// Runs the cases of every promise on one store, and counts what became of them.
import { type CaseResult, type MakeContext, promiseCases, runCases, storeContract } from 'coatcheck/testing'
import type { Fresh } from './stores.ts'
import { promises, type Row } from './table.ts'

/** The contract suite proves the last promise, and where a case says so another one too. */
const SAME_MEANING = promises.length
const KIND = 'opaque'

export interface Proof {
  readonly store: string
  readonly results: readonly CaseResult[]
}

export async function prove(store: string, fresh: MakeContext<Fresh>, length: number): Promise<Proof> {
  const contract = await runCases(storeContract, fresh)
  const kept = await runCases(promiseCases, async () => ({ ...(await fresh()), length }))
  return { store, results: [...contract.map((one) => ({ ...one, promise: one.promise ?? SAME_MEANING })), ...kept] }
}

/** A row for each promise, also for one of which nothing was proven. */
export function rowsOf({ store, results }: Proof): Row[] {
  return promises.map((_, i) => {
    const mine = results.filter(({ promise }) => promise === i + 1)
    const count = (outcome: CaseResult['outcome']) => mine.filter((one) => one.outcome === outcome).length
    return {
      promise: i + 1,
      store,
      kind: KIND,
      adapter: null,
      passed: count('passed'),
      failed: count('failed'),
      skipped: count('skipped'),
    }
  })
}

/** What of a proof has to be told in words: who failed how, and what was left out why. */
export function remarksOf({ store, results }: Proof): readonly string[] {
  return results.flatMap(({ outcome, promise, name, reason, error }) => {
    if (outcome === 'skipped') return [`skipped on ${store}: ${name}: ${reason}`]
    if (outcome === 'passed') return []
    const said = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return [`FAILED on ${store}: promise ${promise}: ${name}\n  ${said}`]
  })
}
