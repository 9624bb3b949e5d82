// `npm run soak`: the long proofs at full length. Its last line is `N passed, N failed`; skipped cases are named.
import { close, type Outcome } from './check.mjs'
import { installSystemPrograms } from './debian.mjs'
import { Progress } from './progress.mjs'
import { prove, remarksOf } from './prove/proof.ts'
import { stopEngines, stores } from './prove/stores.ts'
import { runSuites } from './suites.mjs'

/** Suites that are longer where the environment says so; the rounds of the races take a minute. */
const long = [
  { path: 'packages/coatcheck/test/contract/model.test.ts', variable: 'COATCHECK_RUNS', length: '20000' },
  { path: 'packages/coatcheck/test/races/sqlite', variable: 'COATCHECK_REPEATS', length: '20' },
  { path: 'packages/coatcheck/test/redis/load/load.test.ts', variable: 'COATCHECK_LOAD_SECONDS', length: '60' },
  { path: 'packages/coatcheck/test/redis/broken-stores.test.ts', variable: 'COATCHECK_COMBINATIONS', length: 'all' },
  { path: 'packages/coatcheck/test/browser/cookies.test.ts', variable: 'COATCHECK_COMBINATIONS', length: 'all' },
  { path: 'packages/server/test/e2e/pages.test.ts', variable: 'COATCHECK_COMBINATIONS', length: 'all' },
  { path: 'packages/server/test/hostile/routes.test.ts', variable: 'COATCHECK_COMBINATIONS', length: 'all' },
]

const progress = new Progress(1 + Object.keys(stores).length + long.length, process.stdout)
const missing = await progress.step(
  'System programs that the tests need',
  // Of these suites some need a browser or Redis, and nothing else.
  async () => (await installSystemPrograms(progress)).filter(({ name }) => ['chromium', 'redis'].includes(name)),
  (absent) => (absent.length === 0 ? 'ok' : `without ${absent.map(({ name }) => name).join(', ')}`),
)

async function proveAll(name: string, fresh: (typeof stores)[string]): Promise<Outcome> {
  return await progress.step(
    `Every promise at full length on ${name}`,
    async () => {
      const proof = await prove(name, fresh, 1)
      for (const remark of remarksOf(proof)) progress.say(remark)
      const count = (outcome: string) => proof.results.filter((one) => one.outcome === outcome).length
      const [passed, failed] = [count('passed'), count('failed')]
      return { passed, failed, said: failed === 0 ? `ok, ${passed} cases` : `FAILED: ${failed}` }
    },
    ({ said }) => said,
  )
}

const outcomes: Outcome[] = []
for (const [name, fresh] of Object.entries(stores)) outcomes.push(await proveAll(name, fresh))
// They would take time from the suites, and keep this process alive.
await stopEngines()
for (const { path, variable, length } of long) {
  process.env[variable] = length
  progress.say(`${variable}=${length} ${path}`)
  outcomes.push(await runSuites(progress, missing, [path]))
}
const code = close(outcomes)
process.exitCode = missing.length > 0 ? 1 : code
