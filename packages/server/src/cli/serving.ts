import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { shownStore } from '../config/store-url.ts'
import { type Config, readConfig } from '../config.ts'
import { type RunningServer, startServer } from '../server.ts'

const say = (lines: readonly string[]) =>
  process.stdout.write(['', ...lines.map((line) => (line === '' ? line : `  ${line}`)), '', ''].join('\n'))

/** A demonstration is for who sits at the machine. */
const LOCAL = {
  ...{ host: '127.0.0.1', origin: null, trustProxy: null, tls: null, metrics: null },
  ...{ accountsFile: null, store: null },
} as const

/** Runs the server until it is told to stop; `isDemo`: on data that is gone afterwards. @throws ConfigError */
export async function serve(isDemo: boolean): Promise<void> {
  const settings = readConfig()
  // What the server writes is its owner's alone.
  process.umask(0o077)
  const config = isDemo ? { ...settings, ...LOCAL, data: await mkdtemp(join(tmpdir(), 'coatcheck-demo-')) } : settings
  try {
    await run(config, isDemo)
  } finally {
    if (isDemo) await rm(config.data, { recursive: true, force: true })
  }
}

async function run(config: Config, isDemo: boolean): Promise<void> {
  const server = await startServer(config)
  try {
    await attend(config, server, isDemo)
  } finally {
    await server.stop()
  }
}

/** Says what there is to say, and waits until the server is told to stop. */
async function attend(config: Config, server: RunningServer, isDemo: boolean): Promise<void> {
  const demo = isDemo ? await (await import('../demo.ts')).startDemo(server, (line) => say([line])) : null
  say(['Coatcheck is ready.', '', ...(await banner(config, server)).map((line) => `  ${line}`)])
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
  { data, accountsFile, store }: Config,
  { url, services }: RunningServer,
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
    `Data    ${data}  (${held}; back it up)`,
    ...(accountsFile === null ? [] : [`File    ${accountsFile}  (accounts)`]),
    ...(store === null ? [] : [`Store   ${shownStore(store)}  (sessions)`]),
    ...admin,
    'Stop    Ctrl+C',
  ]
}
