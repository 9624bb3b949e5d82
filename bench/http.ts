// `npm run bench -- http`: what sessions add to a request over HTTP, ours and the peers', each on its framework beside the
// same framework without sessions. Every contender is a process of its own; each round visits all of them, so that what
// else the machine does hits all alike. What counts is the CPU that the server's process used, with sessions minus
// without, paired in each round: medians, spread and ratios. `--quick` for a first look, `--json` for the rows.
import { parseArgs } from 'node:util'
import { CONTENDERS, KINDS, type Kind, type Row, rowsOf, type Sample, sayFifth, table } from './http-report.ts'
import { connectTo, type Limits, requestText } from './load.ts'
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
  /** No round begins after so many milliseconds. */
  readonly until: number
}

const WHOLE: Extent = {
  rounds: 20,
  warmUp: { count: 10_000, milliseconds: 1_500 },
  sample: { count: 2_000, milliseconds: 500 },
  until: 150_000,
}
const QUICK: Extent = {
  rounds: 6,
  warmUp: { count: 2_000, milliseconds: 400 },
  sample: { count: 1_000, milliseconds: 200 },
  until: 28_000,
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

async function prepare(name: string, module: string, isBare: boolean): Promise<Visited> {
  const server = await start(module, name)
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

async function sampleOf({ server, requests }: Visited, kind: Kind, limits: Limits): Promise<Sample> {
  const client = await connectTo(server.port, CONNECTIONS)
  // To accept connections is no part of what is measured.
  await client.send(requests[kind], { ...limits, count: CONNECTIONS })
  const before = await server.cpu()
  const { count, seconds, latencies } = await client.send(requests[kind], limits)
  const used = (await server.cpu()) - before
  client.close()
  const at = (share: number) => latencies[Math.min(count - 1, Math.floor(count * share))] ?? 0
  return { cpu: used / count, perSecond: count / seconds, p50: at(0.5), p99: at(0.99) }
}

async function measure(visited: readonly Visited[], extent: Extent): Promise<Map<string, Sample[]>> {
  const samples = new Map<string, Sample[]>()
  for (const kind of KINDS) for (const one of visited) await sampleOf(one, kind, extent.warmUp)
  for (let round = 0; round < extent.rounds && (round === 0 || performance.now() < extent.until); round++) {
    if (process.stderr.isTTY) process.stderr.write(`round ${round + 1} of ${extent.rounds}\r`)
    for (const kind of KINDS) {
      for (const one of round % 2 === 0 ? visited : visited.toReversed()) {
        const key = `${kind} ${one.name}`
        samples.set(key, [...(samples.get(key) ?? []), await sampleOf(one, kind, extent.sample)])
      }
    }
  }
  return samples
}

async function run(extent: Extent): Promise<Row[]> {
  const visited: Visited[] = []
  try {
    for (const { name, module, bare } of CONTENDERS) visited.push(await prepare(name, module, bare === null))
    return rowsOf(await measure(visited, extent))
  } finally {
    await Promise.all(visited.map(({ server }) => server.stop()))
  }
}

const { values } = parseArgs({ options: { json: { type: 'boolean' }, quick: { type: 'boolean' } } })
const rows = await run(values.quick === true ? QUICK : WHOLE)
if (values.json === true) console.log(JSON.stringify({ versions: versions(), rows }, null, 2))
else {
  for (const kind of KINDS) console.log(`${table(rows, kind)}\n`)
  console.log(`${sayFifth(rows)}\n\n${versions()}`)
}
