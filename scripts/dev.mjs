// `npm run dev`: the server, built and restarted at each change (its pages are TSX, which Node cannot strip).
import { join } from 'node:path'
import { build, packages, tsc } from './build.mjs'
import { rightEnvironment, rightNode, root } from './node.mjs'
import { capture, runInForeground } from './processes.mjs'
import { Progress } from './progress.mjs'
import { setUp } from './setup.mjs'
import { forgetStamp } from './stamps.mjs'

/** @param {readonly string[]} args */
export async function main(args) {
  const progress = new Progress(2, process.stderr)
  await setUp(progress)
  await build(progress)
  for (const name of packages) {
    // From here on dist/ follows the sources without us, also back to where they were.
    forgetStamp(`built-${name}`)
    const project = join(root, 'packages', name, 'tsconfig.build.json')
    const watch = [tsc, '--project', project, '--watch', '--preserveWatchOutput', '--pretty', 'false']
    void capture(rightNode(), watch, { cwd: root, live: (text) => process.stderr.write(text) })
  }
  const program = join(root, 'packages', 'server', 'dist', 'coatcheck.js')
  return await runInForeground(rightNode(), ['--watch', '--enable-source-maps', program, 'serve', ...args], {
    cwd: root,
    env: rightEnvironment(),
  })
}
