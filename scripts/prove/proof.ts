// Runs the cases of every promise on one store, or on one adapter with it, and counts what became of them.
import {
  type AdapterContext,
  adapterContract,
  type Case,
  type CaseResult,
  type MakeContext,
  promiseCases,
  runCases,
  storeContract,
} from 'coatcheck/testing'
import type { Fresh } from './stores.ts'
import { promises, type Row } from './table.ts'

/** The contract suites prove the last promise, or the one that a case says. */
const SAME_MEANING = promises.length
const KIND = 'opaque'

export interface Proof {
  readonly store: string
  /** Null where the cases ran without one. */
  readonly adapter: string | null
  readonly results: readonly CaseResult[]
}

export async function prove(store: string, fresh: MakeContext<Fresh>, length: number): Promise<Proof> {
  const contract = await contractResults(storeContract, fresh)
  const kept = await runCases(promiseCases, async () => ({ ...(await fresh()), length }))
  return { store, adapter: null, results: [...contract, ...kept] }
}

/** `servers`: those of each version of the adapter's framework. */
export async function proveAdapter(
  adapter: string,
  servers: readonly Omit<AdapterContext, 'store' | 'close'>[],
  store: string,
  fresh: MakeContext<Fresh>,
): Promise<Proof> {
  const results: CaseResult[] = []
  for (const server of servers) {
    results.push(...(await contractResults(adapterContract, async () => ({ ...(await fresh()), ...server }))))
  }
  return { store, adapter, results }
}

async function contractResults<Context extends object>(
  cases: readonly Case<Context>[],
  makeContext: MakeContext<Context>,
): Promise<readonly CaseResult[]> {
  const results = await runCases(cases, makeContext)
  return results.map((one) => ({ ...one, promise: one.promise ?? SAME_MEANING }))
}

/** A row for each promise, also for one of which nothing was proven. */
export function rowsOf({ store, adapter, results }: Proof): Row[] {
  return promises.map((_, i) => {
    const mine = results.filter(({ promise }) => promise === i + 1)
    const count = (outcome: CaseResult['outcome']) => mine.filter((one) => one.outcome === outcome).length
    return {
      promise: i + 1,
      store,
      kind: KIND,
      adapter,
      passed: count('passed'),
      failed: count('failed'),
      skipped: count('skipped'),
    }
  })
}

/** What of a proof has to be told in words: who failed how, and what was left out why. */
export function remarksOf({ store, adapter, results }: Proof): readonly string[] {
  const where = adapter === null ? store : `${adapter} with ${store}`
  return results.flatMap(({ outcome, promise, name, reason, error }) => {
    if (outcome === 'skipped') return [`skipped on ${where}: ${name}: ${reason}`]
    if (outcome === 'passed') return []
    const said = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return [`FAILED on ${where}: promise ${promise}: ${name}\n  ${said}`]
  })
}
