// `npm run prove`, `npm run soak`, `npm run bench -- NAME`: a TypeScript program on the source, unbuilt.
// Standard output is the program's alone (it may be JSON), so the set-up speaks on standard error.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { rightEnvironment, rightNode, root, sourceCondition } from './node.mjs'
import { runInForeground } from './processes.mjs'
import { Progress, Trouble } from './progress.mjs'
import { setUp, setUpPeers } from './setup.mjs'

/** The files of bench/ that are programs, the others are their parts; and whether they run the peers. */
const benches = new Map([
  ['core', { hasPeers: false }],
  ['http', { hasPeers: true }],
  ['faults', { hasPeers: true }],
])

/** @param {readonly string[]} args @param {string} task */
function programOf(args, task) {
  if (task !== 'bench') return { path: join(root, 'scripts', `${task}.ts`), rest: args, hasPeers: false }
  const [name = '', ...rest] = args
  const bench = benches.get(name)
  if (bench === undefined) throw new Trouble(`Which bench? Say: npm run bench -- ${[...benches.keys()].join(' | ')}`)
  return { path: join(root, 'bench', `${name}.ts`), rest, ...bench }
}

/** @param {readonly string[]} args @param {string} task */
export async function main(args, task) {
  const { path, rest, hasPeers } = programOf(args, task)
  if (!existsSync(path)) throw new Trouble(`There is no program for '${task}' yet.`)
  const progress = new Progress(hasPeers ? 2 : 1, process.stderr)
  await setUp(progress)
  if (hasPeers) await setUpPeers(progress)
  // The benches measure allocations and collect before they do.
  const flags = task === 'bench' ? ['--expose-gc'] : []
  return await runInForeground(rightNode(), [...flags, `--conditions=${sourceCondition}`, path, ...rest], {
    cwd: root,
    env: rightEnvironment(),
  })
}
