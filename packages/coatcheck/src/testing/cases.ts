import { show } from './compare.ts'

/** One provable sentence, as data: needs no test runner. It passes when `run` resolves and fails when that throws. */
export interface Case<Context> {
  /** Unique in its suite. */
  readonly name: string
  /** The number of the promise that the case proves, or null. */
  readonly promise: number | null
  /** Why the case says nothing about this context, or null where it does. */
  skipFor?(context: Context): string | null
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
    const { name, promise } = one
    const reason = Object.hasOwn(skip, name) ? skip[name] : undefined
    if (reason === undefined) results.push(await settled(one, makeContext))
    else results.push({ name, promise, outcome: 'skipped', reason })
  }
  return results
}

/** Runs one case in a fresh context: answers `passed` or `skipped`, throws what the case throws. For a test runner. */
export async function runCase<Context extends object>(
  one: Case<Context>,
  makeContext: MakeContext<Context>,
): Promise<CaseResult> {
  const { name, promise } = one
  const context = await makeContext()
  try {
    const reason = one.skipFor?.(context) ?? null
    if (reason !== null) return { name, promise, outcome: 'skipped', reason }
    await one.run(context)
    return { name, promise, outcome: 'passed' }
  } finally {
    if ('close' in context && typeof context.close === 'function') await context.close()
  }
}

async function settled<Context extends object>(one: Case<Context>, makeContext: MakeContext<Context>) {
  try {
    return await runCase(one, makeContext)
  } catch (error) {
    return { name: one.name, promise: one.promise, outcome: 'failed', error } as const
  }
}

function expectKnown<Context>(names: readonly string[], cases: readonly Case<Context>[]): void {
  const known = new Set(cases.map((one) => one.name))
  const unknown = names.filter((name) => !known.has(name))
  if (unknown.length > 0) throw new RangeError(`No case has the name ${unknown.map(show).join(' or ')}.`)
}
