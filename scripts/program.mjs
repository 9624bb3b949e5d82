// `npm run prove`, `npm run mutate`, `npm run soak`, `npm run bench -- NAME`, `npm run sizes`: a TypeScript program on the source; what is
// about the packages as they are published builds them first.
// Standard output is the program's alone (it may be JSON), so the set-up speaks on standard error.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { build } from './build.mjs'
import { rightEnvironment, rightNode, root, sourceCondition } from './node.mjs'
import { runInForeground } from './processes.mjs'
import { Progress, Trouble } from './progress.mjs'
import { setUp, setUpExtra } from './setup.mjs'

/**
 * The files of bench/ that are programs, the others are their parts; and what is made ready before them.
 * @type {ReadonlyMap<string, readonly ('peers' | 'build')[]>}
 */
const benches = new Map([
  ['core', []],
  ['http', ['peers']],
  ['faults', ['peers']],
  ['million', ['build']],
  ['redis', []],
  ['outages', ['peers']],
  ['moving', []],
  ['feeds', []],
])

/** @param {readonly string[]} args @param {string} task */
function programOf(args, task) {
  const path = join(root, 'scripts', `${task}.ts`)
  if (task !== 'bench') return { path, rest: args, needs: task === 'sizes' || task === 'soak' ? ['build'] : [] }
  const [name = '', ...rest] = args
  const needs = benches.get(name)
  if (needs === undefined) throw new Trouble(`Which bench? Say: npm run bench -- ${[...benches.keys()].join(' | ')}`)
  return { path: join(root, 'bench', `${name}.ts`), rest, needs }
}

/** @param {readonly string[]} args @param {string} task */
export async function main(args, task) {
  const { path, rest, needs } = programOf(args, task)
  if (!existsSync(path)) throw new Trouble(`There is no program for '${task}' yet.`)
  const progress = new Progress(1 + needs.length, process.stderr)
  await setUp(progress)
  if (needs.includes('peers')) await setUpExtra('peers', progress)
  if (needs.includes('build')) await build(progress)
  // The benches measure allocations and collect before they do.
  const flags = task === 'bench' ? ['--expose-gc'] : []
  return await runInForeground(rightNode(), [...flags, `--conditions=${sourceCondition}`, path, ...rest], {
    cwd: root,
    env: rightEnvironment(),
  })
}
