import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { Config } from '../../src/config.ts'
import { parseGateRules } from '../../src/gate/rules.ts'
import type { RunningServer } from '../../src/server.ts'
import { answers, freePort, start } from '../programs.ts'
import { dataFolder, runningServer } from '../running.ts'
import { startPlain } from './applications/plain.ts'

const examples = fileURLToPath(new URL('../../../../examples/gate/', import.meta.url))
const applications = fileURLToPath(new URL('applications/', import.meta.url))

/** A proxy of the examples: its file, and how it is started in the folder of that. */
export const PROXIES = {
  nginx: { file: 'nginx.conf', command: 'nginx', args: ['-p', '.', '-c', 'nginx.conf'] },
  caddy: { file: 'Caddyfile', command: 'caddy', args: ['run', '--config', 'Caddyfile', '--adapter', 'caddyfile'] },
} as const

export type ProxyName = keyof typeof PROXIES

/** The port as the programs read it. */
const withPort = (port: number) => ({ env: { ...process.env, APP_PORT: String(port) } })

/** Applications without session code, each started on a port. */
const APPLICATIONS = {
  /** That of the examples. */
  python: (port: number) => answers(port, start('python3', [join(examples, 'app.py')], withPort(port))),
  /** Two that are told headers as a CGI program is: a dash and an underscore are one to them. */
  php: (port: number) =>
    answers(port, start('php', ['-S', `127.0.0.1:${port}`, join(applications, 'cgi.php')], withPort(port))),
  wsgi: (port: number) => answers(port, start('python3', [join(applications, 'wsgi.py')], withPort(port))),
  /** One that takes WebSockets, and lets caches keep its answers. */
  plain: startPlain,
} as const satisfies Readonly<Record<string, (port: number) => Promise<void>>>

export type ApplicationName = keyof typeof APPLICATIONS

const RULES = '/public=anyone; /admin=role:admin; /payments=fresh:1s; /write=permission:articles:write'

/** An application behind a real proxy and the gate, on the examples' own files with free ports. */
export async function behind(
  name: ProxyName,
  changes: Partial<Config> = {},
  application: ApplicationName = 'python',
): Promise<RunningServer & { url: string }> {
  const [proxyPort, appPort] = [await freePort(), await freePort()]
  const server = await runningServer(dataFolder(), {
    origin: `http://localhost:${proxyPort}`,
    trustProxy: { networks: ['127.0.0.1'] },
    roles: new Map([['editor', ['articles:write']]]),
    gateRules: parseGateRules(RULES) ?? [],
    ...changes,
  })
  await APPLICATIONS[application](appPort)
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
