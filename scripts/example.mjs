// `npm run example -- NAME`: set up, build, run one of examples/ in the foreground, on the library as an application has it.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { build } from './build.mjs'
import { rightEnvironment, rightNode, root } from './node.mjs'
import { runInForeground } from './processes.mjs'
import { Progress, Trouble } from './progress.mjs'
import { setUp } from './setup.mjs'

const folder = join(root, 'examples')

/** Name → file: each example is one. */
const examples = () =>
  new Map(
    readdirSync(folder)
      .filter((file) => /(?<!\.d)\.c?[tj]s$/.test(file))
      .sort()
      .map((file) => [file.replace(/\.c?[tj]s$/, ''), join(folder, file)]),
  )

/** @param {readonly string[]} args */
export async function main([name = '', ...rest]) {
  const known = examples()
  const path = known.get(name)
  if (path === undefined) throw new Trouble(`Which example? Say: npm run example -- ${[...known.keys()].join(' | ')}`)
  const progress = new Progress(2, process.stderr)
  await setUp(progress)
  await build(progress)
  return await runInForeground(rightNode(), [path, ...rest], { cwd: root, env: rightEnvironment() })
}
