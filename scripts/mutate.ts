// `npm run mutate -- PATH …`: makes small changes of the source, one at a time, and tells which of them no test and no type
// sees. PATH is a file or folder of a package's src. `--sample 80` draws so many that compile (default 40, by turns of the
// operators), `--seed 1` which; `--json FILE` writes each with what became of it. It works on a copy of the tree.
import { spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { drawn, type Mutant, mutantsOf, mutated } from './mutate/mutants.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Milliseconds after which a run counts as one that has seen the mutant: it hangs. */
const LONGEST = 240_000

/** What is run for a mutant, one after the other, until one fails: the narrow first. */
interface Area {
  readonly src: string
  readonly types: string
  readonly stages: (path: string) => readonly (readonly string[])[]
}

const mirrored = (tests: string, path: string) => join(tests, path.replace(/\.tsx?$/, '.test.ts'))

const AREAS: readonly Area[] = [
  {
    src: 'packages/coatcheck/src',
    types: 'packages/coatcheck',
    stages(path) {
      const tests = 'packages/coatcheck/test'
      const contract = [
        'stores',
        'model',
        'promises',
        'adapters',
        'guards',
        'csrf-matrix',
        'held-answers',
        'late-answers',
      ]
      const wide = contract.map((name) => `${tests}/contract/${name}.test.ts`)
      return [
        [mirrored(`${tests}/unit`, path)],
        [`${tests}/unit/${path.split('/')[0]}`, `${tests}/types`],
        path.startsWith('stores/redis')
          ? [`${tests}/redis`]
          : [`${tests}/unit`, ...wide, `${tests}/contract/requirements`],
      ]
    },
  },
  {
    src: 'packages/server/src',
    types: 'packages/server',
    stages(path) {
      const tests = 'packages/server/test'
      return [
        [mirrored(`${tests}/unit`, path)],
        [`${tests}/unit`],
        [`${tests}/http`, `${tests}/requirements`, `${tests}/hostile`],
      ]
    },
  },
]

/** A copy of the tree in which sources may be broken; the packages' links lead into it. */
function copyTree(): string {
  const copy = mkdtempSync(join(tmpdir(), 'coatcheck-mutate-'))
  for (const name of readdirSync(root)) {
    if (name !== 'node_modules' && name !== '.git') cpSync(join(root, name), join(copy, name), { recursive: true })
  }
  const modules = join(copy, 'node_modules')
  mkdirSync(modules)
  for (const name of readdirSync(join(root, 'node_modules'))) {
    const isOurs = name === 'coatcheck' || name === '@coatcheck'
    if (!isOurs) symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  symlinkSync('../packages/coatcheck', join(modules, 'coatcheck'))
  mkdirSync(join(modules, '@coatcheck'))
  symlinkSync('../../packages/server', join(modules, '@coatcheck', 'server'))
  return copy
}

/** Whether the program ended well in time. */
async function succeeds(cwd: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(process.execPath, args, { cwd, stdio: 'ignore', env: { ...process.env, CI: 'true' } })
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST)
  try {
    return await new Promise((resolveOk, reject) => {
      child.once('error', reject)
      child.once('close', (code) => resolveOk(code === 0))
    })
  } finally {
    clearTimeout(timer)
  }
}

const tsc = join('node_modules', 'typescript', 'bin', 'tsc')
const vitest = join('node_modules', 'vitest', 'vitest.mjs')

type Outcome = { readonly seen: 'types' | 'tests'; readonly stage: number } | { readonly seen: 'nothing' }

async function judge(copy: string, area: Area, mutant: Mutant): Promise<Outcome> {
  const path = join(copy, mutant.path)
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, mutated(text, mutant))
  try {
    if (!(await succeeds(copy, [tsc, '--noEmit', '--project', area.types]))) return { seen: 'types', stage: 0 }
    const stages = area.stages(relative(area.src, mutant.path))
    for (const [i, files] of stages.entries()) {
      const there = files.filter((file) => existsSync(join(copy, file)))
      if (there.length === 0) continue
      if (!(await succeeds(copy, [vitest, 'run', '--bail', '1', ...there]))) return { seen: 'tests', stage: i + 1 }
    }
    return { seen: 'nothing' }
  } finally {
    writeFileSync(path, text)
  }
}

function filesIn(path: string): readonly string[] {
  if (statSync(path).isFile()) return [path]
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => join(path, name))
    .filter((name) => /\.tsx?$/.test(name) && statSync(name).isFile())
    .toSorted()
}

function areaOf(path: string): Area {
  const area = AREAS.find(({ src }) => relative(src, path).split('/')[0] !== '..')
  if (area === undefined) throw new Error(`${path} is not below ${AREAS.map(({ src }) => src).join(' or ')}.`)
  return area
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      sample: { type: 'string', default: '40' },
      seed: { type: 'string', default: '1' },
      json: { type: 'string' },
    },
  })
  if (positionals.length === 0) throw new Error('Which sources? Say: npm run mutate -- packages/coatcheck/src/core')
  const paths = positionals.flatMap((path) => filesIn(resolve(root, path))).map((path) => relative(root, path))
  const all = paths.flatMap(mutantsOf)
  const order = drawn(all, Number(values.seed))
  const sample = Number(values.sample)
  console.error(`${sample} of ${all.length} mutants in ${paths.length} files, seed ${values.seed}.`)
  const copy = copyTree()
  const results: { readonly mutant: Mutant; readonly outcome: Outcome }[] = []
  const stop = () => {
    rmSync(copy, { recursive: true, force: true })
    process.exit(130)
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    let compiling = 0
    for (const mutant of order) {
      if (compiling === sample) break
      const outcome = await judge(copy, areaOf(mutant.path), mutant)
      results.push({ mutant, outcome })
      if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 1)}\n`)
      if (outcome.seen === 'types') continue
      compiling += 1
      const what = `${mutant.path}:${mutant.line} ${mutant.operator}: ${oneLine(mutant.before)} → ${oneLine(mutant.after)}`
      console.error(
        `${compiling}/${sample} ${outcome.seen === 'nothing' ? 'NOT SEEN' : `seen in stage ${outcome.stage}`} ${what}`,
      )
    }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
  const compiled = results.filter(({ outcome }) => outcome.seen !== 'types')
  const seen = compiled.filter(({ outcome }) => outcome.seen === 'tests').length
  const share = compiled.length === 0 ? 100 : (100 * seen) / compiled.length
  console.log(
    `${seen} of ${compiled.length} mutants that compile were seen (${share.toFixed(1)} %); types saw ${results.length - compiled.length} more.`,
  )
  return 0
}

const oneLine = (text: string) => JSON.stringify(text.replaceAll(/\s+/g, ' ').slice(0, 80))

process.exitCode = await main()
