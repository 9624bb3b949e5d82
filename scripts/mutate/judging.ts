import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { areaOf, type Stage, stagesOf } from './areas.ts'
import type { Copy } from './copies.ts'
import { type Mutant, mutated } from './mutants.ts'

export type Outcome =
  | { readonly seen: 'types' }
  | { readonly seen: 'tests'; readonly stage: number; readonly by: string }
  | { readonly seen: 'nothing' }

/** Stages that have passed on the unchanged source. A failure says something only after that. */
const passing = new Set<string>()

async function ensurePassing(copy: Copy, stage: Stage): Promise<void> {
  const key = stage.files.join(' ')
  if (passing.has(key)) return
  const run = await copy.run(stage)
  if (run.ended === 'hung') throw new Error(`The unchanged source takes too long in: ${key}`)
  if (run.ended === 'failed') throw new Error(`The unchanged source fails in ${run.by}.`)
  passing.add(key)
}

/** Whether another stage runs all that this one does. */
const isPart = (one: Stage, all: readonly Stage[]) =>
  all.some((other) => one.files.every((file) => other.files.some((folder) => file.startsWith(`${folder}/`))))

/** Runs every stage of the sources, before one is changed. */
export async function checkUnchanged(copy: Copy, paths: readonly string[]): Promise<void> {
  for (const types of new Set(paths.map((path) => areaOf(path).types))) {
    if ((await copy.errorsOf(types)).size > 0) throw new Error(`The unchanged source of ${types} does not compile.`)
  }
  for (const path of paths) {
    const stages = stagesOf(path, copy.path)
    for (const stage of stages) if (!isPart(stage, stages)) await ensurePassing(copy, stage)
  }
}

/**
 * Those that compile. Mutants of different files are tried at once, as the compiler takes seconds: who has an error in its own
 * file is out, and the others are tried again, until all that are left compile together.
 */
export async function compilingOf(copy: Copy, mutants: readonly Mutant[]): Promise<readonly Mutant[]> {
  const byFile = Map.groupBy(mutants, ({ path }) => path)
  const rounds = Math.max(0, ...[...byFile.values()].map(({ length }) => length))
  const compiling: Mutant[] = []
  for (let i = 0; i < rounds; i += 1) {
    compiling.push(
      ...(await compilingTogether(
        copy,
        [...byFile.values()].flatMap((list) => list[i] ?? []),
      )),
    )
  }
  return compiling
}

async function compilingTogether(copy: Copy, mutants: readonly Mutant[]): Promise<readonly Mutant[]> {
  const [first] = mutants
  if (first === undefined) return []
  const errors = await changed(copy, mutants, () => copy.errorsOf(areaOf(first.path).types))
  if (errors.size === 0) return mutants
  if (mutants.length === 1) return []
  const others = mutants.filter(({ path }) => !errors.has(path))
  if (others.length < mutants.length) return await compilingTogether(copy, others)
  const half = mutants.length / 2
  return [
    ...(await compilingTogether(copy, mutants.slice(0, half))),
    ...(await compilingTogether(copy, mutants.slice(half))),
  ]
}

export async function judge(copy: Copy, mutant: Mutant): Promise<Outcome> {
  for (const [i, stage] of stagesOf(mutant.path, copy.path).entries()) {
    const run = await changed(copy, [mutant], () => copy.run(stage))
    if (run.ended === 'failed') return { seen: 'tests', stage: i + 1, by: run.by }
    // The machine may have had other things to do.
    if (run.ended === 'hung' && (await copy.run(stage)).ended === 'passed') {
      return { seen: 'tests', stage: i + 1, by: 'the time limit' }
    }
  }
  return { seen: 'nothing' }
}

/** Runs a task while mutants of different files are in the source. */
async function changed<T>(copy: Copy, mutants: readonly Mutant[], task: () => Promise<T>): Promise<T> {
  const files = mutants.map((mutant) => {
    const path = join(copy.path, mutant.path)
    return { mutant, path, text: readFileSync(path, 'utf8') }
  })
  for (const { mutant, path, text } of files) writeFileSync(path, mutated(text, mutant))
  try {
    return await task()
  } finally {
    for (const { path, text } of files) writeFileSync(path, text)
  }
}
