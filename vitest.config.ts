import { defineConfig } from 'vitest/config'

/**
 * `coatcheck` and `#runtime` mean the source. Vite and Node add their own to these; `import` among them would count for
 * what is required, too.
 */
const conditions = ['coatcheck-source', 'node']

/** System programs that this machine has not, named by scripts/test.mjs, which counts what is left out here. */
const missing = (process.env['COATCHECK_MISSING'] ?? '').split(',')

/** Tests that measure pauses or make load want the machine for themselves. */
const alone = [
  'packages/*/test/faults/!(sqlite-kill).test.ts',
  'packages/*/test/races/**/*.test.ts',
  'packages/coatcheck/test/redis/faults/!(fail-over).test.ts',
  'packages/coatcheck/test/redis/load/**/*.test.ts',
  'packages/server/test/e2e/stress.test.ts',
]

/** Those that start programs and wait for them: two at a time, and each may take its time. */
const beside = [
  'packages/coatcheck/test/browser/**/*.test.ts',
  'packages/coatcheck/test/faults/sqlite-kill.test.ts',
  'packages/coatcheck/test/package/published.test.ts',
  'packages/coatcheck/test/redis/faults/fail-over.test.ts',
  'packages/server/test/e2e/!(stress).test.ts',
  'packages/server/test/monitoring/**/*.test.ts',
  'packages/server/test/proxies/**/*.test.ts',
]

/**
 * Those of one module each, which leave nothing behind: the files of one worker load the source once, which takes longer than
 * their tests.
 */
const units = ['packages/*/test/unit/**/*.test.ts']

/** What cannot run without a program; as the table of scripts/debian.mjs has it. */
const behindProxies = ['packages/server/test/proxies/**']
const balancing = 'packages/server/test/proxies/balancing.test.ts'
const needing: Readonly<Record<string, readonly string[]>> = {
  chromium: ['packages/coatcheck/test/browser/**', 'packages/server/test/e2e/**', balancing],
  redis: ['packages/*/test/redis/**', balancing],
  nginx: behindProxies,
  caddy: behindProxies,
  python: behindProxies,
  prometheus: ['packages/server/test/monitoring/**'],
}

const cannotRun = ['**/node_modules/**', ...missing.flatMap((name) => needing[name] ?? [])]

const shared = {
  extends: true as const,
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
}

export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'together',
          include: ['packages/*/test/**/*.test.ts', 'examples/test/*.test.ts'],
          exclude: [...alone, ...beside, ...units, ...cannotRun],
          sequence: { groupOrder: 0 },
          testTimeout: 20_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'units',
          include: units,
          exclude: ['**/node_modules/**'],
          isolate: false,
          // Spies and stubs end with their test, however it ended.
          restoreMocks: true,
          unstubEnvs: true,
          unstubGlobals: true,
          sequence: { groupOrder: 0 },
          testTimeout: 20_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'beside',
          include: beside,
          exclude: cannotRun,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'alone',
          include: alone,
          exclude: cannotRun,
          sequence: { groupOrder: 2 },
          fileParallelism: false,
          testTimeout: 120_000,
        },
      },
    ],
    maxWorkers: 2,
    // A test that was left to run alone would hide all the others.
    allowOnly: false,
  },
})
