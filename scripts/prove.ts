// `npm run prove`: runs the cases of every promise on every store and prints who keeps what. With `--json` standard
// output is one array of rows and nothing else. `--length 1` runs the long proofs at full length (default 0.02).
import { parseArgs } from 'node:util'
import { type CaseResult, promiseCases, runCases, storeContract } from 'coatcheck/testing'
import { stores } from './prove/stores.ts'
import { promises, type Row, tableOf } from './prove/table.ts'

/** The contract suite proves the last promise, and where a case says so another one too. */
const SAME_MEANING = promises.length
const KIND = 'opaque'

interface Proof {
  readonly store: string
  readonly results: readonly CaseResult[]
}

async function prove(name: string, length: number): Promise<Proof> {
  const fresh = stores[name]
  if (fresh === undefined) throw new Error(`There is no store '${name}': ${Object.keys(stores).join(', ')}`)
  const contract = await runCases(storeContract, fresh)
  const kept = await runCases(promiseCases, () => ({ ...fresh(), length }))
  return {
    store: name,
    results: [...contract.map((one) => ({ ...one, promise: one.promise ?? SAME_MEANING })), ...kept],
  }
}

function rowsOf({ store, results }: Proof): Row[] {
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

function tell(store: string, result: CaseResult): void {
  if (result.outcome === 'skipped') console.error(`skipped on ${store}: ${result.name}: ${result.reason}`)
  if (result.outcome !== 'failed') return
  const error = result.error instanceof Error ? (result.error.stack ?? result.error.message) : String(result.error)
  console.error(`FAILED on ${store}: promise ${result.promise}: ${result.name}\n  ${error}`)
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { json: { type: 'boolean' }, store: { type: 'string', multiple: true }, length: { type: 'string' } },
  })
  const length = Number(values.length ?? '0.02')
  if (!(length > 0 && length <= 1)) throw new Error('--length: a number above 0, at most 1')
  const rows: Row[] = []
  for (const name of values.store ?? Object.keys(stores)) {
    console.error(`Proving on ${name} …`)
    const proof = await prove(name, length)
    for (const result of proof.results) tell(name, result)
    rows.push(...rowsOf(proof))
  }
  console.log(values.json === true ? JSON.stringify(rows, null, 2) : tableOf(rows))
  return rows.some(({ failed }) => failed > 0) ? 1 : 0
}

process.exitCode = await main()
