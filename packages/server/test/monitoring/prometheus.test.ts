import { spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { answers, freePort, start } from '../programs.ts'
import { Client, cheapPasswords, dataFolder, runningServer } from '../running.ts'

const guide = fileURLToPath(new URL('../../../../docs/guides/monitoring/', import.meta.url))

interface Target {
  readonly expr: string
}
const board: { readonly panels: readonly { readonly title: string; readonly targets: readonly Target[] }[] } =
  JSON.parse(readFileSync(join(guide, 'grafana-board.json'), 'utf8'))

const alertNames = [...readFileSync(join(guide, 'alerts.yml'), 'utf8').matchAll(/- alert: (\w+)/g)].map(
  ([, name]) => name,
)

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-prometheus-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Runs promtool to its end and answers its exit code with all that it said. */
async function promtool(args: readonly string[], { input = '', cwd = guide } = {}) {
  const child = spawn('promtool', args, { cwd })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      said += String(chunk)
    })
  }
  child.stdin.end(input)
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  return { code, said }
}

/** A server with metrics, and everything that somebody may do to it, once. */
async function measuredServer() {
  const port = await freePort()
  const { url } = await runningServer(dataFolder(), {
    metrics: { host: '127.0.0.1', port },
    logLevel: 'silent',
    around: (services) => ({ passwords: { ...services.passwords, ...cheapPasswords } }),
  })
  await new Client(url).signUp('alice')
  async function act() {
    const [alice, stranger] = [new Client(url), new Client(url)]
    await alice.signIn('alice')
    await alice.get('/account/sessions')
    await alice.signIn('alice', 'not the password')
    await alice.post('/logout', {}, { 'sec-fetch-site': 'cross-site' })
    for (const [name, value] of alice.cookies) {
      if (!value.startsWith('cc1')) continue
      await stranger.get('/dashboard', { cookie: `${name}=${value.slice(0, -4)}AAAA` })
    }
    await alice.post('/logout')
  }
  return { metrics: `127.0.0.1:${port}`, act }
}

async function runningPrometheus(target: string) {
  const [folder, port] = [emptyFolder(), await freePort()]
  copyFileSync(join(guide, 'alerts.yml'), join(folder, 'alerts.yml'))
  const scraped = [{ job_name: 'coatcheck', static_configs: [{ targets: [target] }] }]
  const times = { scrape_interval: '200ms', evaluation_interval: '200ms' }
  // JSON is YAML.
  writeFileSync(
    join(folder, 'prometheus.yml'),
    JSON.stringify({ global: times, rule_files: ['alerts.yml'], scrape_configs: scraped }),
  )
  const args = ['--config.file=prometheus.yml', '--storage.tsdb.path=data', `--web.listen-address=127.0.0.1:${port}`]
  await answers(port, start('prometheus', args, { cwd: folder }))
  const ask = async (path: string) => {
    const answer = (await (await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)).json()) as {
      readonly status: string
      readonly error?: string
      readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] }
    }
    if (answer.status !== 'success') throw new Error(`${decodeURIComponent(path)}: ${answer.error}`)
    return answer.data
  }
  return {
    /** The values of an expression, one for each series. */
    query: async (expression: string) =>
      (await ask(`query?query=${encodeURIComponent(expression)}`)).result.map(({ value: [, value] }) => Number(value)),
    rules: async () =>
      ((await ask('rules')) as unknown as { groups: { rules: { name: string; health: string }[] }[] }).groups.flatMap(
        ({ rules }) => rules,
      ),
  }
}

it('promtool has nothing to say about the metrics', async () => {
  const { metrics, act } = await measuredServer()
  await act()
  const input = await (await fetch(`http://${metrics}/metrics`)).text()
  expect(await promtool(['check', 'metrics'], { input })).toEqual({ code: 0, said: '' })
})

it('the alerts of the guide are rules, each of which is raised when it should and not otherwise', async () => {
  const { code, said } = await promtool(['check', 'rules', 'alerts.yml'])
  expect(said).toContain(`SUCCESS: ${alertNames.length} rules found`)
  expect(code).toBe(0)
  const folder = emptyFolder()
  copyFileSync(join(guide, 'alerts.yml'), join(folder, 'alerts.yml'))
  const tests = readFileSync(new URL('alerts-test.yml', import.meta.url), 'utf8')
  writeFileSync(join(folder, 'alerts-test.yml'), tests)
  for (const name of alertNames) expect(tests.split(`alertname: ${name}`)).toHaveLength(3)
  expect(await promtool(['test', 'rules', 'alerts-test.yml'], { cwd: folder })).toMatchObject({ code: 0 })
})

it('a Prometheus that scrapes the server draws every line of the board from it', async () => {
  const { metrics, act } = await measuredServer()
  const { query, rules } = await runningPrometheus(metrics)
  const found = async (expression: string) => {
    await act()
    return await query(expression)
  }
  const wait = { timeout: 60_000, interval: 100 }
  await expect.poll(() => query('up{job="coatcheck"}'), wait).toEqual([1])
  await expect.poll(() => found('coatcheck_events_total{type="signed-in"} > 2'), wait).toHaveLength(1)
  expect(await query('coatcheck_sessions{state="ended"} > 0')).toHaveLength(1)
  const expressions = board.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
  expect(expressions.length).toBeGreaterThan(board.panels.length)
  for (const expression of expressions) {
    const now = expression.replaceAll('$__rate_interval', '10s')
    await expect.poll(async () => (await found(now)).filter(Number.isFinite).length, wait).toBeGreaterThan(0)
  }
  const loaded = await rules()
  expect(loaded.map(({ name }) => name)).toEqual(alertNames)
  await expect.poll(async () => (await rules()).every(({ health }) => health === 'ok'), wait).toBe(true)
})
