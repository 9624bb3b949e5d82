// Private engines for tests and benches: on free ports of loopback, with folders of their own, without anything saved, and
// stopped by those who started them. The programs are those of the system's packages (debian.mjs).
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const PATH = [process.env['PATH'] ?? '', '/usr/local/sbin', '/usr/sbin', '/sbin'].join(delimiter)
const ENVIRONMENT = { ...process.env, PATH }
const LONGEST_START = 20_000
/** A Cluster's machines are found by their ports, so those are below the ones that systems give out. */
const [FIRST_PORT, LAST_PORT] = [20_000, 32_000]

/** One running server of Redis, on loopback. */
export interface Redis {
  readonly port: number
  /** What `redis-cli` prints. */
  readonly command: (...command: string[]) => Promise<string>
  /** At once, as a failure would. */
  readonly kill: () => Promise<void>
  /** Such as SIGSTOP and SIGCONT. */
  readonly signal: (signal: NodeJS.Signals) => void
  /** Ends it and removes its folder. */
  readonly stop: () => Promise<void>
}

interface Settings {
  /** To start one again where it was. */
  readonly port?: number | undefined
  /** Such as `['--maxmemory', '10mb']`. */
  readonly options?: readonly string[] | undefined
  /** Asked of everybody. */
  readonly password?: string | undefined
  /** Speaks TLS alone, by these files in PEM. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
  /** A Sentinel with these lines of configuration, instead of a Redis that holds keys. */
  readonly sentinel?: readonly string[] | undefined
}

/** One that nobody listens on. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT))
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    return port
  }
}

const run = promisify(execFile)

type Cli = (command: readonly string[]) => Promise<string>

/** Answers what `redis-cli` prints. It throws where it reaches no Redis, or what it was to do failed. */
function cliFor(port: number, { password, tls }: Settings): Cli {
  const secure = tls === undefined ? [] : ['--tls', '--insecure']
  const known = password === undefined ? [] : ['-a', password, '--no-auth-warning']
  const place = ['-h', '127.0.0.1', '-p', String(port), ...secure, ...known]
  return async (command) => {
    const { stdout } = await run('redis-cli', [...place, ...command], { env: ENVIRONMENT })
    return stdout.trim()
  }
}

/** Whether it answers, be it that it is still reading or has lost its master. */
async function answers(cli: Cli): Promise<boolean> {
  return await cli(['PING']).then(
    (text) => text === 'PONG',
    () => false,
  )
}

/** A Sentinel writes down in its file what it learns. */
function sentinelFile(folder: string, lines: readonly string[]): string {
  const path = join(folder, 'sentinel.conf')
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}

/** A port that was free may be taken before the server has it, or the one beside it by which a Cluster talks. */
const ATTEMPTS = 5

/** Starts one Redis; on a port of its own where none is asked for. */
export async function startRedis(settings: Settings = {}): Promise<Redis> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await launchRedis(settings)
    } catch (error) {
      if (settings.port !== undefined || attempt === ATTEMPTS) throw error
    }
  }
}

async function launchRedis(settings: Settings): Promise<Redis> {
  const { port: wanted, options = [], password, tls, sentinel } = settings
  const port = wanted ?? (await freePort())
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-redis-'))
  const cli = cliFor(port, settings)
  const common = [
    ...(tls === undefined ? ['--port', String(port)] : ['--port', '0', '--tls-port', String(port)]),
    ...(tls === undefined ? [] : ['--tls-cert-file', tls.cert, '--tls-key-file', tls.key, '--tls-auth-clients', 'no']),
    ...(password === undefined ? [] : ['--requirepass', password]),
    ...['--bind', '127.0.0.1', '--dir', folder],
  ]
  // Replicas would wait for others that might join, for five seconds.
  const redis = ['--save', '', '--appendonly', 'no', '--repl-diskless-sync-delay', '0']
  const args = sentinel === undefined ? redis : [sentinelFile(folder, sentinel), '--sentinel']
  // A file of configuration comes first.
  const all = sentinel === undefined ? [...common, ...args, ...options] : [...args, ...common]
  const child = spawn('redis-server', all, { env: ENVIRONMENT, stdio: 'ignore' })
  const ended = once(child, 'exit')
  ended.catch(() => undefined)
  // Whoever ends before the tests do leaves no server behind, and no folder.
  const end = () => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', end)
  await until(`redis-server did not start on port ${port}`, async () => {
    if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode} on port ${port}`)
    return await answers(cli)
  })
  const kill = async () => {
    process.off('exit', end)
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await ended
  }
  return {
    port,
    command: (...command) => cli(command),
    kill,
    signal: (signal) => void child.kill(signal),
    async stop() {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The name by which the Sentinel knows its master. */
export const SENTINEL_MASTER = 'main'

interface Stoppable {
  readonly stop: () => Promise<void>
}

/** What `make` starts stops together, also where it fails half-way. */
async function group<T>(make: (start: typeof startRedis) => Promise<T>): Promise<T & Stoppable> {
  const started: Redis[] = []
  const stop = async () => {
    await Promise.all(started.map((one) => one.stop()))
  }
  try {
    const made = await make(async (settings) => {
      const one = await startRedis(settings)
      started.push(one)
      return one
    })
    return { ...made, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

interface SentinelGroup {
  readonly port: number
  readonly master: Redis
  readonly replica: Redis
}

const isInStep = async (replica: Redis) => (await replica.command('INFO')).includes('master_link_status:up')

/** A master, its replica, and a Sentinel that makes the replica the master a second after the master is gone. */
export const startRedisSentinel = () =>
  group<SentinelGroup>(async (start) => {
    const master = await start()
    const replica = await start({ options: ['--replicaof', '127.0.0.1', String(master.port)] })
    const sentinel = await start({
      sentinel: [
        `sentinel monitor ${SENTINEL_MASTER} 127.0.0.1 ${master.port} 1`,
        `sentinel down-after-milliseconds ${SENTINEL_MASTER} 1000`,
        `sentinel failover-timeout ${SENTINEL_MASTER} 5000`,
      ],
    })
    await until('the replica did not come up', async () => {
      const known = await sentinel.command('SENTINEL', 'REPLICAS', SENTINEL_MASTER)
      return known.includes(String(replica.port)) && (await isInStep(replica))
    })
    return { port: sentinel.port, master, replica }
  })

const CLUSTER = ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf', '--cluster-node-timeout', '2000']

interface ClusterGroup {
  readonly ports: readonly number[]
  /** First the three masters, then their replicas. */
  readonly nodes: readonly Redis[]
}

/** A Cluster of three masters with a replica each, which takes a master's place about two seconds after that is gone. */
export const startRedisCluster = () =>
  group<ClusterGroup>(async (start) => {
    const nodes: Redis[] = []
    for (let i = 0; i < 6; i++) nodes.push(await start({ options: CLUSTER }))
    const ports = nodes.map(({ port }) => port)
    const addresses = ports.map((port) => `127.0.0.1:${port}`)
    const create = ['--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes']
    await run('redis-cli', create, { env: ENVIRONMENT })
    for (const node of nodes) {
      await until('the Cluster did not come up', async () =>
        (await node.command('CLUSTER', 'INFO')).includes('cluster_state:ok'),
      )
    }
    // One that has never had the data of its master does not take its place.
    for (const replica of nodes.slice(3)) {
      await until('a replica did not come up', async () => await isInStep(replica))
    }
    return { ports, nodes }
  })

async function until(otherwise: string, isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + LONGEST_START
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(otherwise)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
