// `npm run check`: types, lint and format, import arrows, unused exports and dependencies.
import { join } from 'node:path'
import { packages, tsc } from './build.mjs'
import { rightEnvironment, rightNode, root, sourceCondition } from './node.mjs'
import { capture } from './processes.mjs'
import { Progress } from './progress.mjs'
import { setUp } from './setup.mjs'

/** Where the commands of the installed tools stand. @param {readonly string[]} path */
export const tool = (...path) => join(root, 'node_modules', ...path)

/** @type {readonly { title: string, args: readonly string[] }[]} what runs, in this order, each on the right Node */
export const checks = [
  ...packages.map((name) => ({
    title: `Types of packages/${name}, tests included`,
    args: [tsc, '--project', join(root, 'packages', name)],
  })),
  { title: 'Types of scripts, benches and examples', args: [tsc, '--project', root] },
  {
    title: 'Lint and format',
    args: [tool('@biomejs', 'biome', 'bin', 'biome'), 'check', '--error-on-warnings', '--colors=off', root],
  },
  { title: 'Import arrows', args: [`--conditions=${sourceCondition}`, join(root, 'scripts', 'arrows.ts')] },
  { title: 'Unused files, exports and dependencies', args: [tool('knip', 'bin', 'knip.js'), '--no-progress'] },
]

/** @typedef {{ passed: number, failed: number, said: string }} Outcome */

/**
 * One step for one command: its output in full when it fails, one word when it passes.
 * @param {Progress} progress
 * @param {string} title
 * @param {readonly string[]} args
 * @returns {Promise<Outcome>}
 */
export const stepOf = (progress, title, args) =>
  progress.step(
    title,
    async () => {
      const { code, output } = await capture(rightNode(), args, { cwd: root, env: rightEnvironment({ NO_COLOR: '1' }) })
      if (code === 0) return { passed: 1, failed: 0, said: 'ok' }
      progress.pass(`${output.trimEnd()}\n`)
      return { passed: 0, failed: 1, said: `FAILED with exit code ${code}` }
    },
    ({ said }) => said,
  )

/** @param {Progress} progress @returns {Promise<Outcome[]>} */
export async function runChecks(progress) {
  const outcomes = []
  for (const { title, args } of checks) outcomes.push(await stepOf(progress, title, args))
  return outcomes
}

/** The closing line. @param {readonly Outcome[]} outcomes @returns {number} the exit code */
export function close(outcomes) {
  const count = (/** @type {'passed' | 'failed'} */ key) => outcomes.reduce((sum, outcome) => sum + outcome[key], 0)
  console.log(`${count('passed')} passed, ${count('failed')} failed`)
  return count('failed') === 0 ? 0 : 1
}

export async function main() {
  const progress = new Progress(1 + checks.length, process.stdout)
  await setUp(progress)
  return close(await runChecks(progress))
}
