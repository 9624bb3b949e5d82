import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MOST_WORKERS } from '../config/settings.ts'
import { shownStore } from '../config/store-url.ts'
import { type Config, readConfig } from '../config.ts'
import { type RunningServer, startServer } from '../server.ts'
import { WorkerStartError } from '../workers/pool.ts'
import { superviseWorkers } from '../workers/supervising.ts'
import { endByItself, heedFirst, isWorker, leave, work } from '../workers/working.ts'
import { CliError, ToldError } from './faults.ts'

const say = (lines: readonly string[]) =>
  process.stdout.write(['', ...lines.map((line) => (line === '' ? line : `  ${line}`)), '', ''].join('\n'))

/** A demonstration is for who sits at the machine. */
const LOCAL = {
  ...{ host: '127.0.0.1', origin: null, basePath: '', trustProxy: null, tls: null, metrics: null },
  ...{ accountsFile: null, store: null, movingFrom: null },
} as const

/**
 * Runs the server until it is told to stop; `isDemo`: on data that is gone afterwards. `workers`: in so many processes; null:
 * as the settings have it. @throws ConfigError, CliError
 */
export async function serve(isDemo: boolean, workers: string | null): Promise<void> {
  try {
    await serveAsTold(isDemo, workers)
  } catch (error) {
    // Also where it cannot read its settings, which may have changed since the first process read them.
    if (isWorker()) endByItself()
    throw error
  }
}

async function serveAsTold(isDemo: boolean, workers: string | null): Promise<void> {
  const read = readConfig()
  const settings = { ...read, workers: workers === null ? read.workers : workersIn(workers) }
  if (isDemo && settings.workers > 1)
    throw new CliError('A demonstration runs in one process: leave --workers away.', 2, 'serve')
  // What the server writes is its owner's alone.
  process.umask(0o077)
  const config = isDemo ? { ...settings, ...LOCAL, data: await mkdtemp(join(tmpdir(), 'coatcheck-demo-')) } : settings
  try {
    await run(config, isDemo)
  } finally {
    if (isDemo) await rm(config.data, { recursive: true, force: true })
  }
}

function workersIn(text: string): number {
  const workers = /^[1-9]\d?$/.test(text) ? Number(text) : Number.NaN
  if (workers <= MOST_WORKERS) return workers
  throw new CliError(`--workers takes a number from 1 to ${MOST_WORKERS}, such as --workers 4.`, 2, 'serve')
}

async function run(config: Config, isDemo: boolean): Promise<void> {
  if (config.workers > 1 && !isWorker()) return await supervise(config)
  if (isWorker()) return await serveAsWorker(config)
  const server = await startServer(config)
  try {
    await attend(config, server, isDemo)
  } finally {
    await server.stop()
  }
}

async function serveAsWorker(config: Config): Promise<void> {
  heedFirst()
  // The first process has the listener of the metrics, for all.
  const server = await startServer({ ...config, metrics: null })
  try {
    const worker = { drain: config.drain, lines: () => banner(config, server), metrics: () => metricsOf(server) }
    const { isReplaced } = await work(worker)
    await server.stop(isReplaced)
  } finally {
    leave()
  }
}

async function supervise(config: Config): Promise<void> {
  try {
    await superviseWorkers(config, config.workers, say)
  } catch (error) {
    if (error instanceof WorkerStartError) throw new ToldError(error.code, { cause: error })
    throw error
  }
}

const metricsOf = ({ services: { measures, stats } }: RunningServer) => measures.json(stats)

/** Says what there is to say, and waits until the server is told to stop. */
async function attend(config: Config, server: RunningServer, isDemo: boolean): Promise<void> {
  const demo = isDemo ? await (await import('../demo.ts')).startDemo(server, (line) => say([line])) : null
  say(['Coatcheck is ready.', '', ...(await banner(config, server, isDemo)).map((line) => `  ${line}`)])
  if (demo !== null) say(demo.lines)
  const told = Promise.withResolvers<void>()
  process.once('SIGINT', () => told.resolve()).once('SIGTERM', () => told.resolve())
  await told.promise
  // A second signal ends at once, by its default.
  process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM')
  process.stdout.write('Stopping: requests under way are finished first.\n')
  demo?.stop()
}

/** What a person needs to know of a server that is ready. */
async function banner(
  { data, accountsFile, store, movingFrom }: Config,
  { url, services }: RunningServer,
  isDemo = false,
): Promise<readonly string[]> {
  const admin = (await services.accounts.hasAdministrator())
    ? []
    : [
        `Admin   ${url}setup?code=${await services.codes.issue('setup', { accountId: null, subject: null })}`,
        '        (makes the first administrator; valid for 30 minutes, for one use)',
      ]
  const held = store === null ? 'accounts, sessions and keys' : 'accounts and keys'
  return [
    `Open    ${url}`,
    isDemo ? `Data    ${data}  (gone when it stops)` : `Data    ${data}  (${held}; back it up)`,
    ...(accountsFile === null ? [] : [`File    ${accountsFile}  (accounts)`]),
    ...(store === null ? [] : [`Store   ${shownStore(store)}  (sessions)`]),
    ...(movingFrom === null
      ? []
      : [`Moving  ${shownStore(movingFrom)}  (sessions of before; coatcheck store copy brings them)`]),
    ...admin,
    'Stop    Ctrl+C',
  ]
}
