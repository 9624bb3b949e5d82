// `npm start` and `npm run coatcheck -- …`: set up, build, run the server or another of its commands in the foreground.
// Installs nothing outside this folder.
import { join } from 'node:path'
import { build } from './build.mjs'
import { rightEnvironment, rightNode, root } from './node.mjs'
import { runInForeground } from './processes.mjs'
import { Progress } from './progress.mjs'
import { setUp } from './setup.mjs'

/** @param {readonly string[]} args @param {string} task */
export async function main(args, task) {
  const progress = new Progress(2, process.stderr)
  await setUp(progress)
  await build(progress)
  const program = join(root, 'packages', 'server', 'dist', 'coatcheck.js')
  const command = task === 'start' ? ['serve', ...args] : args
  // From where the user called, so that paths in their settings mean what they say.
  const cwd = process.env['INIT_CWD'] ?? process.cwd()
  return await runInForeground(rightNode(), ['--enable-source-maps', program, ...command], {
    cwd,
    env: rightEnvironment(),
  })
}
