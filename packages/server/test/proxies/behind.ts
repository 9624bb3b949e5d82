import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { Config } from '../../src/config.ts'
import { parseGateRules } from '../../src/gate/rules.ts'
import type { RunningServer } from '../../src/server.ts'
import { dataFolder, runningServer } from '../running.ts'

const examples = fileURLToPath(new URL('../../../../examples/gate/', import.meta.url))

/** A proxy of the examples: its file, and how it is started in the folder of that. */
export const PROXIES = {
  nginx: { file: 'nginx.conf', command: 'nginx', args: ['-p', '.', '-c', 'nginx.conf'] },
  caddy: { file: 'Caddyfile', command: 'caddy', args: ['run', '--config', 'Caddyfile', '--adapter', 'caddyfile'] },
} as const

export type ProxyName = keyof typeof PROXIES

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** With the administrator's folder, where Debian keeps nginx: a bare environment's path, such as cron's, has none. */
const FULL_PATH = [process.env['PATH'], '/usr/sbin'].join(delimiter)

/** Starts a program and ends it with the test; fails where it ends before. */
function start(
  command: string,
  args: readonly string[],
  { cwd, env = process.env }: { cwd?: string; env?: NodeJS.ProcessEnv },
) {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd !== undefined && { cwd }),
    env: { ...env, PATH: FULL_PATH },
  })
  onTestFinished(() => end(child))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk)
    })
  }
  return { child, output: () => output }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

/** Waits until something answers at the port. */
async function answers(port: number, { child, output }: ReturnType<typeof start>): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}: ${output()}`)
    try {
      await (await fetch(`http://127.0.0.1:${port}/`)).arrayBuffer()
      return
    } catch {
      await pause(50)
    }
  }
}

const RULES = '/public=anyone; /admin=role:admin; /payments=fresh:1s; /write=permission:articles:write'

/** The Python application behind a real proxy and the gate, on the examples' own files with free ports. */
export async function behind(name: ProxyName, changes: Partial<Config> = {}): Promise<RunningServer & { url: string }> {
  const [proxyPort, appPort] = [await freePort(), await freePort()]
  const server = await runningServer(dataFolder(), {
    origin: `http://localhost:${proxyPort}`,
    trustProxy: { networks: ['127.0.0.1'] },
    roles: new Map([['editor', ['articles:write']]]),
    gateRules: parseGateRules(RULES) ?? [],
    ...changes,
  })
  const app = start('python3', [join(examples, 'app.py')], { env: { ...process.env, APP_PORT: String(appPort) } })
  await answers(appPort, app)
  const { file, command, args } = PROXIES[name]
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-gate-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const text = readFileSync(join(examples, file), 'utf8')
    .replaceAll('8080', String(proxyPort))
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${server.port}`)
    .replaceAll('127.0.0.1:8000', `127.0.0.1:${appPort}`)
  writeFileSync(join(folder, file), text)
  const proxy = start(command, args, { cwd: folder, env: { ...process.env, HOME: folder } })
  await answers(proxyPort, proxy)
  return { ...server, url: `http://localhost:${proxyPort}/` }
}
