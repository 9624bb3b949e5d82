import { show } from './assert.ts'

/** One provable sentence, as data: needs no test runner. It passes when `run` resolves and fails when that throws. */
export interface Case<Context> {
  /** Unique in its suite. */
  readonly name: string
  /** The number of the promise that the case proves, or null. */
  readonly promise: number | null
  run(context: Context): Promise<void>
}

export interface CaseResult {
  readonly name: string
  readonly promise: number | null
  readonly outcome: 'passed' | 'failed' | 'skipped'
  /** Of a failed case: what was thrown. */
  readonly error?: unknown
  /** Of a skipped one: why. */
  readonly reason?: string
}

export interface RunOptions {
  /** Deviations: the name of a case, and why it does not hold here. A name that no case has is an error. */
  readonly skip?: Readonly<Record<string, string>>
}

/** Makes what one case works on, fresh for each. Its `close`, where it has one, is called when the case is over. */
export type MakeContext<Context> = () => Context | Promise<Context>

/** Runs all cases, one after the other, and answers what became of each. */
export async function runCases<Context extends object>(
  cases: readonly Case<Context>[],
  makeContext: MakeContext<Context>,
  { skip = {} }: RunOptions = {},
): Promise<readonly CaseResult[]> {
  expectKnown(Object.keys(skip), cases)
  const results: CaseResult[] = []
  for (const one of cases) {
    const reason = Object.hasOwn(skip, one.name) ? skip[one.name] : undefined
    results.push(await result(one, makeContext, reason))
  }
  return results
}

/** Runs one case in a fresh context; throws what the case throws. For those who have a test runner. */
export async function runCase<Context extends object>(
  one: Case<Context>,
  makeContext: MakeContext<Context>,
): Promise<void> {
  const context = await makeContext()
  try {
    await one.run(context)
  } finally {
    if ('close' in context && typeof context.close === 'function') await context.close()
  }
}

async function result<Context extends object>(
  one: Case<Context>,
  makeContext: MakeContext<Context>,
  reason: string | undefined,
): Promise<CaseResult> {
  const { name, promise } = one
  if (reason !== undefined) return { name, promise, outcome: 'skipped', reason }
  try {
    await runCase(one, makeContext)
    return { name, promise, outcome: 'passed' }
  } catch (error) {
    return { name, promise, outcome: 'failed', error }
  }
}

function expectKnown<Context>(names: readonly string[], cases: readonly Case<Context>[]): void {
  const known = new Set(cases.map((one) => one.name))
  const unknown = names.filter((name) => !known.has(name))
  if (unknown.length > 0) throw new RangeError(`No case has the name ${unknown.map(show).join(' or ')}.`)
}
