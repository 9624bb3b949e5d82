// `npm run format`: writes what Biome can mend by itself.
import { tool } from './check.mjs'
import { rightEnvironment, rightNode, root } from './node.mjs'
import { runInForeground } from './processes.mjs'
import { Progress } from './progress.mjs'
import { setUp } from './setup.mjs'

/** @param {readonly string[]} args */
export async function main(args) {
  await setUp(new Progress(1, process.stderr))
  const biome = [tool('@biomejs', 'biome', 'bin', 'biome'), 'check', '--write', ...args, root]
  return await runInForeground(rightNode(), biome, { cwd: root, env: rightEnvironment() })
}
