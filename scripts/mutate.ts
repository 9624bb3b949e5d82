// `npm run mutate -- PATH …`: makes small changes of the source, one at a time, and tells which of them no test and no type
// sees. PATH is a file or folder of a package's src. `--sample 80` draws so many that compile (default 40, by turns of the
// operators), `--seed 1` which; `--json FILE` writes each with what became of it, and `--again FILE` runs those of such a file
// that nothing saw. It works on copies of the tree, `--workers 2` on two at once.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Copy } from './mutate/copies.ts'
import { checkUnchanged, compilingOf, judge, type Outcome } from './mutate/judging.ts'
import { drawn, type Mutant, mutantsOf } from './mutate/mutants.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

interface Result {
  readonly mutant: Mutant
  readonly outcome: Outcome
}

function filesIn(path: string): readonly string[] {
  if (statSync(path).isFile()) return [path]
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => join(path, name))
    .filter((name) => /\.tsx?$/.test(name) && statSync(name).isFile())
    .toSorted()
}

/** The first mutants of the order that compile, and those before them that do not. */
async function compiling(copy: Copy, order: readonly Mutant[], sample: number) {
  const compiled: Mutant[] = []
  const refused: Mutant[] = []
  for (let at = 0; compiled.length < sample && at < order.length; ) {
    const next = order.slice(at, at + sample)
    const good = new Set(await compilingOf(copy, next))
    for (const mutant of next) {
      if (compiled.length === sample) break
      const list = good.has(mutant) ? compiled : refused
      list.push(mutant)
    }
    at += next.length
  }
  return { compiled, refused }
}

/** The mutants of an earlier run that nothing saw, where the source still has their text, at whatever place. */
function unseenOf(file: string): readonly Mutant[] {
  const results = JSON.parse(readFileSync(file, 'utf8')) as readonly Result[]
  const unseen = results.filter(({ outcome }) => outcome.seen === 'nothing').map(({ mutant }) => mutant)
  return unseen.flatMap((mutant) => {
    const same = mutantsOf(mutant.path).filter(
      ({ operator, before, after }) =>
        operator === mutant.operator && before === mutant.before && after === mutant.after,
    )
    const nearest = same.toSorted((a, b) => Math.abs(a.start - mutant.start) - Math.abs(b.start - mutant.start))[0]
    if (nearest === undefined) console.error(`GONE ${described(mutant)}`)
    return nearest ?? []
  })
}

const described = ({ path, line, operator, before, after }: Mutant) =>
  `${path}:${line} ${operator}: ${oneLine(before)} → ${oneLine(after)}`

const oneLine = (text: string) => JSON.stringify(text.replaceAll(/\s+/g, ' ').slice(0, 80))

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      sample: { type: 'string', default: '40' },
      seed: { type: 'string', default: '1' },
      workers: { type: 'string', default: '1' },
      again: { type: 'string' },
      json: { type: 'string' },
    },
  })
  const paths = positionals.flatMap((path) => filesIn(resolve(root, path))).map((path) => relative(root, path))
  const all = values.again === undefined ? paths.flatMap(mutantsOf) : unseenOf(values.again)
  if (all.length === 0) throw new Error('Which sources? Say: npm run mutate -- packages/coatcheck/src/core')
  const order = values.again === undefined ? drawn(all, Number(values.seed)) : all
  const sample = values.again === undefined ? Number(values.sample) : all.length
  console.error(`${sample} of ${all.length} mutants, seed ${values.seed}.`)

  const first = new Copy(root)
  const copies = [first]
  const stop = () => {
    for (const copy of copies) copy.remove()
    process.exit(130)
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const results: Result[] = []
  const note = (mutant: Mutant, outcome: Outcome) => {
    results.push({ mutant, outcome })
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 1)}\n`)
  }
  try {
    await checkUnchanged(first, [...new Set(all.map(({ path }) => path))])
    console.error('The unchanged source passes.')
    const { compiled, refused } = await compiling(first, order, sample)
    for (const mutant of refused) note(mutant, { seen: 'types' })
    const left = compiled.values()
    let count = 0
    const work = async (copy: Copy) => {
      for (const mutant of left) {
        const outcome = await judge(copy, mutant)
        note(mutant, outcome)
        count += 1
        const what = outcome.seen === 'tests' ? `seen in stage ${outcome.stage}` : 'NOT SEEN'
        console.error(`${count}/${compiled.length} ${what} ${described(mutant)}`)
      }
    }
    while (copies.length < Number(values.workers)) copies.push(new Copy(root))
    await Promise.all(copies.map(work))
    const seen = results.filter(({ outcome }) => outcome.seen === 'tests').length
    const share = compiled.length === 0 ? 100 : (100 * seen) / compiled.length
    console.log(
      `${seen} of ${compiled.length} mutants that compile were seen (${share.toFixed(1)} %); types saw ${refused.length} more.`,
    )
  } finally {
    for (const copy of copies) copy.remove()
  }
  return 0
}

process.exitCode = await main()
