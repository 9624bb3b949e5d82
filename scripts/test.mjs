// `npm test`: everything, on a fresh clone too. The last line of standard output is `N passed, N failed`.
import { build } from './build.mjs'
import { checks, close, runChecks } from './check.mjs'
import { installSystemPrograms } from './debian.mjs'
import { Progress, Trouble } from './progress.mjs'
import { setUp, setUpExtra } from './setup.mjs'
import { runShapes, shapeTitles } from './shape.mjs'
import { runSuites } from './suites.mjs'

/** @param {() => Promise<unknown>} work @returns {Promise<import('./check.mjs').Outcome>} */
async function outcomeOf(work) {
  try {
    await work()
    return { passed: 1, failed: 0, said: 'ok' }
  } catch (error) {
    console.log(error instanceof Trouble ? error.message : error)
    return { passed: 0, failed: 1, said: 'FAILED' }
  }
}

/** @param {readonly string[]} args for vitest, to run some of the tests */
export async function main(args) {
  const progress = new Progress(5 + checks.length + shapeTitles.length, process.stdout)
  const ready = await outcomeOf(() => setUp(progress))
  if (ready.failed > 0) return close([ready])

  const missing = await progress.step(
    'System programs that the tests need',
    () => installSystemPrograms(progress),
    (absent) => (absent.length === 0 ? 'ok' : `without ${absent.map(({ name }) => name).join(', ')}`),
  )
  const checked = await runChecks(progress)
  const built = await outcomeOf(() => build(progress))
  const nodes = await outcomeOf(() => setUpExtra('nodes', progress))
  const suites = await runSuites(progress, missing, args)
  const shapes = built.failed > 0 ? [] : await runShapes(progress)
  if (built.failed > 0) console.log('The packages were not looked at, because they do not build.')

  if (missing.length > 0) {
    console.log(`${suites.notRun} not run, for want of ${missing.map(({ debian }) => debian).join(', ')}`)
  }
  const code = close([ready, ...checked, built, nodes, suites, ...shapes])
  return missing.length > 0 ? 1 : code
}
