// The vitest suites: run as one, shown as they go, counted by the JSON report.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { tool } from './check.mjs'
import { rightEnvironment, rightNode, root } from './node.mjs'
import { capture } from './processes.mjs'

const suitesTitle = 'Suites of both packages and the examples'

/** @param {readonly string[]} args @param {NodeJS.ProcessEnv} [more] @param {(text: string) => void} [live] */
const vitest = (args, more, live) =>
  capture(rightNode(), [tool('vitest', 'vitest.mjs'), ...args], {
    cwd: root,
    env: rightEnvironment({ NO_COLOR: '1', ...more }),
    ...(live && { live }),
  })

/** @param {string} path @returns {unknown} undefined where there is no whole report */
function report(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

/**
 * @typedef {object} Report as vitest's JSON reporter writes it, the part that we read
 * @property {{ name: string, status: string, assertionResults: { fullName: string, status: string }[] }[]} testResults
 */

/** @param {Report} report */
function countsOf({ testResults }) {
  const tests = testResults.flatMap((file) => file.assertionResults.map((test) => ({ ...test, file: file.name })))
  // A file that cannot even be loaded has no tests and has failed all the same.
  const broken = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
  )
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: tests.filter(({ status }) => status === 'failed').length + broken.length,
    skipped: tests.filter(({ status }) => status !== 'passed' && status !== 'failed'),
  }
}

/**
 * How many tests are in the files that cannot run here.
 * @param {readonly string[]} filters
 * @param {string} folder for the list
 */
async function countTests(filters, folder) {
  if (filters.length === 0) return 0
  const path = join(folder, 'list.json')
  await vitest(['list', `--json=${path}`, ...filters])
  const list = report(path)
  return Array.isArray(list) ? list.length : 0
}

/**
 * @param {import('./progress.mjs').Progress} progress
 * @param {readonly import('./debian.mjs').SystemProgram[]} missing what their tests need and this machine has not
 * @param {readonly string[]} args for vitest
 * @returns {Promise<import('./check.mjs').Outcome & { notRun: number }>}
 */
export async function runSuites(progress, missing, args) {
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-vitest-'))
  const path = join(folder, 'report.json')
  try {
    return await progress.step(
      suitesTitle,
      async () => {
        const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${path}`]
        const absent = missing.map(({ name }) => name).join(',')
        const { code } = await vitest(['run', ...reporters, ...args], { COATCHECK_MISSING: absent }, (text) =>
          progress.pass(text),
        )
        const read = /** @type {Report | undefined} */ (report(path))
        const { passed, failed, skipped } = read ? countsOf(read) : { passed: 0, failed: 0, skipped: [] }
        const notRun = await countTests(
          missing.flatMap(({ suites }) => suites),
          folder,
        )
        for (const test of skipped)
          progress.say(`skipped, which no test may be: ${relative(root, test.file)}: ${test.fullName}`)
        if (passed + failed === 0) return { passed, failed: 1, notRun, said: 'FAILED: no test was executed' }
        // A fault outside of any test (an unhandled rejection) leaves every test passed and the exit code at 1.
        const faults = failed + skipped.length
        const total = faults === 0 && code !== 0 ? 1 : faults
        return {
          passed,
          failed: total,
          notRun,
          said: total === 0 ? `ok, ${passed} tests` : `FAILED: ${total} of ${passed + total}`,
        }
      },
      ({ said }) => said,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
