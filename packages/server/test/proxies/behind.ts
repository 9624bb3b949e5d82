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

const examples = fileURLToPath(new URL('../../../../examples/gate/', import.meta.url))

/** A proxy of the examples: its file, and how it is started in the folder of that. */
export const PROXIES = {
  nginx: { file: 'nginx.conf', command: 'nginx', args: ['-p', '.', '-c', 'nginx.conf'] },
  caddy: { file: 'Caddyfile', command: 'caddy', args: ['run', '--config', 'Caddyfile', '--adapter', 'caddyfile'] },
} as const

export type ProxyName = keyof typeof PROXIES

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
