// `npm run bench -- http`: what sessions add to a request over HTTP, ours and the peers', each on its framework beside the
// same framework without sessions. Every contender is a process of its own; each round visits all of them, so that what
// else the machine does hits all alike. What counts is the CPU that the server's process used, with sessions minus
// without, paired in each round: medians, spread and ratios. `--store redis` keeps them in a private Redis, and tells what
// that used as well; `--quick` for a first look, `--json` for the rows.
import { parseArgs } from 'node:util'
import { startRedis } from '../scripts/engines.ts'
import { contendersOn, type Named, STORES, type StoreName } from './http-contenders.ts'
import { KINDS, type Kind, type Row, rowsOf, type Sample, sayFifth, table } from './http-report.ts'
import { connectTo, type Limits, requestText } from './load.ts'
import { type UsageReader, usageOf } from './redis/usage.ts'
import { type Running, start } from './servers.ts'
import { versions } from './versions.ts'

const CONNECTIONS = 16
const SESSIONS = 100

interface Extent {
  readonly rounds: number
  /** Requests of each kind before the first round, after which V8 has compiled what is hot. */
  readonly warmUp: Limits
  /** One sample; a round has one of each kind for each contender. */
  readonly sample: Limits
  /** No round begins so many milliseconds after the first. */
  readonly until: number
}

/** Who has no cookie is read from no store, so one store is enough to measure that. */
const MEASURED: Readonly<Record<StoreName, readonly Kind[]>> = { memory: KINDS, redis: ['signedIn'] }

const WHOLE: Extent = {
  rounds: 20,
  warmUp: { count: 10_000, milliseconds: 1_500 },
  sample: { count: 2_000, milliseconds: 500 },
  until: 180_000,
}
const QUICK: Extent = {
  rounds: 6,
  warmUp: { count: 2_000, milliseconds: 400 },
  sample: { count: 1_000, milliseconds: 200 },
  until: 15_000,
}

interface Visited {
  readonly name: string
  readonly server: Running
  readonly requests: Readonly<Record<Kind, readonly string[]>>
}

async function signIn(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/sign-in`, { method: 'POST' })
  await response.arrayBuffer()
  return response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
}

async function cookiesOf(port: number): Promise<string[]> {
  const cookies: string[] = []
  for (let i = 0; i < SESSIONS; i++) cookies.push(await signIn(port))
  return cookies
}

/** A cookie has to be worth something, or strangers would be measured in place of users. */
async function verify(name: string, port: number, cookie: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/me`, { headers: { cookie } })
  const { userId } = (await response.json()) as { userId: unknown }
  if ((userId === 'ada') !== (cookie !== '')) throw new Error(`${name} takes '${cookie}' for ${String(userId)}`)
}

async function prepare({ name, module, bare }: Named, redisPort: number | null): Promise<Visited> {
  const isBare = bare === null
  const server = await start(module, name, isBare ? null : redisPort)
  const { port } = server
  // The bare handler is sent a cookie of the same kind, since to parse it is node's work and not the session's.
  const cookies = isBare ? [`sid=${'A'.repeat(100)}`] : await cookiesOf(port)
  if (!isBare) for (const cookie of [cookies[0] ?? '', '']) await verify(name, port, cookie)
  const requests = {
    signedIn: cookies.map((cookie) => requestText(port, 'GET', '/me', `${cookie}; theme=dark`)),
    noCookie: [requestText(port, 'GET', '/me', '')],
  }
  return { name, server, requests }
}

async function sampleOf(
  { server, requests }: Visited,
  kind: Kind,
  limits: Limits,
  redis: UsageReader | null,
): Promise<Sample> {
  const client = await connectTo(server.port, CONNECTIONS)
  // To accept connections is no part of what is measured.
  await client.send(requests[kind], { ...limits, count: CONNECTIONS })
  const [before, engineBefore] = [await server.cpu(), await redis?.read()]
  const { count, seconds, latencies } = await client.send(requests[kind], limits)
  const [after, engineAfter] = [await server.cpu(), await redis?.read()]
  client.close()
  const at = (share: number) => latencies[Math.min(count - 1, Math.floor(count * share))] ?? 0
  return {
    cpu: (after - before) / count,
    engine:
      engineBefore === undefined || engineAfter === undefined
        ? null
        : {
            cpu: (engineAfter.cpu - engineBefore.cpu) / count,
            commands: (engineAfter.commands - engineBefore.commands - 1) / count,
          },
    perSecond: count / seconds,
    p50: at(0.5),
    p99: at(0.99),
  }
}

async function measure(
  visited: readonly Visited[],
  kinds: readonly Kind[],
  extent: Extent,
  redis: UsageReader | null,
): Promise<Map<string, Sample[]>> {
  const samples = new Map<string, Sample[]>()
  for (const kind of kinds) for (const one of visited) await sampleOf(one, kind, extent.warmUp, redis)
  const end = performance.now() + extent.until
  for (let round = 0; round < extent.rounds && performance.now() < end; round++) {
    if (process.stderr.isTTY) process.stderr.write(`round ${round + 1} of ${extent.rounds}\r`)
    for (const kind of kinds) {
      for (const one of round % 2 === 0 ? visited : visited.toReversed()) {
        const key = `${kind} ${one.name}`
        samples.set(key, [...(samples.get(key) ?? []), await sampleOf(one, kind, extent.sample, redis)])
      }
    }
  }
  return samples
}

async function run(store: StoreName, extent: Extent): Promise<Row[]> {
  const engine = store === 'redis' ? await startRedis() : null
  const usage = engine === null ? null : await usageOf(engine.port)
  const visited: Visited[] = []
  try {
    for (const contender of contendersOn(store)) visited.push(await prepare(contender, engine?.port ?? null))
    return rowsOf(await measure(visited, MEASURED[store], extent, usage), store)
  } finally {
    await Promise.all(visited.map(({ server }) => server.stop()))
    usage?.close()
    await engine?.stop()
  }
}

const { values } = parseArgs({
  options: {
    store: { type: 'string', default: 'memory' },
    json: { type: 'boolean' },
    quick: { type: 'boolean' },
  },
})
const store = STORES.find((name) => name === values.store)
if (store === undefined) throw new Error(`--store is one of ${STORES.join(', ')}`)
const measured = versions(store === 'redis' ? ['redis', 'ioredis'] : [])
const rows = await run(store, values.quick === true ? QUICK : WHOLE)
if (values.json === true) console.log(JSON.stringify({ versions: measured, rows }, null, 2))
else {
  for (const kind of MEASURED[store]) console.log(table(rows, kind))
  console.log(`${sayFifth(rows, store)}\n\n${measured}`)
}
