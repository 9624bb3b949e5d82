// `npm run docs`: writes the pages of docs/reference/ that are made from the source. The tests of these folders make them;
// in any other run they fail where a page is stale.
import { tool } from './check.mjs'
import { rightEnvironment, rightNode, root } from './node.mjs'
import { runInForeground } from './processes.mjs'
import { Progress } from './progress.mjs'
import { setUp } from './setup.mjs'

const folders = ['packages/coatcheck/test/reference', 'packages/server/test/reference']

export async function main() {
  await setUp(new Progress(1, process.stderr))
  const vitest = [tool('vitest', 'vitest.mjs'), 'run', '--update=all', ...folders]
  return await runInForeground(rightNode(), vitest, { cwd: root, env: rightEnvironment() })
}
