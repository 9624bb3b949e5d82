// `npm run bench -- faults`: two faults of session middleware, by the same requests over HTTP for the peers and for us.
// 1. Fifty requests of one session run at once, and each writes another key: how many of the keys are there afterwards?
// 2. A session is signed out while a request of it is under way, which then writes: does the cookie from before the
//    sign-out still count? For sessions that are kept in the cookie this is the same as presenting a copy of it.
//    Beside it the control: the same with nothing under way.
// Nothing hangs on luck: the requests wait for one another. Each contender is a process of its own. `--json` for the rows.
import { parseArgs } from 'node:util'
import { markdownTable } from './markdown.ts'
import { PARALLEL } from './play.ts'
import { start } from './servers.ts'
import { versions } from './versions.ts'

const TRIALS = 5
const LONGEST_ANSWER = 10_000

const PEERS = 'peers/faults.mjs'
const OURS = 'ours/faults.ts'
const CONTENDERS = [
  { name: 'express-session, memory', module: PEERS },
  { name: 'express-session, connect-redis', module: PEERS },
  { name: '@fastify/session, memory', module: PEERS },
  { name: 'iron-session', module: PEERS },
  { name: 'cookie-session', module: PEERS },
  { name: 'Coatcheck, memory', module: OURS },
  { name: 'Coatcheck, SQLite', module: OURS },
  { name: 'Coatcheck, Redis', module: OURS },
]

interface Row {
  readonly name: string
  /** Of each trial. */
  readonly survived: readonly number[]
  /** The cookie after a sign-out while nothing was under way. */
  readonly acceptedInPeace: readonly boolean[]
  readonly accepted: readonly boolean[]
  /** The status of the request that wrote after the sign-out. */
  readonly lateWrite: readonly number[]
}

type Jar = Map<string, string>
type Visit = (path: string, jar: Jar) => Promise<Response>

/** Requests as a page of the application sends them: with its origin; an answer's cookies are kept when it arrives. */
function visitorOf(port: number): Visit {
  const origin = `http://127.0.0.1:${port}`
  return async (path, jar) => {
    const response = await fetch(`${origin}${path}`, {
      method: 'POST',
      headers: { origin, cookie: [...jar].map((pair) => pair.join('=')).join('; ') },
      signal: AbortSignal.timeout(LONGEST_ANSWER),
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }
}

async function expectOk(response: Response): Promise<void> {
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`)
}

/** Whether the cookies are those of a signed-in user. Any other refusal than that they are not is a fault of this bench. */
async function isAccepted(visit: Visit, jar: Jar): Promise<boolean> {
  const response = await visit('/me', jar)
  if (response.status !== 401) await expectOk(response)
  return response.ok
}

async function signedIn(visit: Visit): Promise<Jar> {
  const jar: Jar = new Map()
  await expectOk(await visit('/sign-in', jar))
  await expectOk(await visit('/me', jar))
  return jar
}

async function survivors(visit: Visit): Promise<number> {
  const jar = await signedIn(visit)
  const writes = await Promise.all(Array.from({ length: PARALLEL }, (_, i) => visit(`/keys/${i}`, jar)))
  for (const write of writes) await expectOk(write)
  const { keys } = (await (await visit('/me', jar)).json()) as { keys: number }
  return keys
}

async function signOutInPeace(visit: Visit): Promise<boolean> {
  const jar = await signedIn(visit)
  const before: Jar = new Map(jar)
  await expectOk(await visit('/sign-out', jar))
  return await isAccepted(visit, before)
}

async function signOutMeanwhile(visit: Visit): Promise<{ accepted: boolean; lateWrite: number }> {
  const jar = await signedIn(visit)
  const before: Jar = new Map(jar)
  const slow = visit('/slow', jar)
  await expectOk(await visit('/meet/started', new Map()))
  await expectOk(await visit('/sign-out', jar))
  await expectOk(await visit('/meet/signed-out', new Map()))
  const { status } = await slow
  return { accepted: await isAccepted(visit, before), lateWrite: status }
}

async function rowOf(name: string, module: string): Promise<Row> {
  const server = await start(module, name)
  const visit = visitorOf(server.port)
  const survived: number[] = []
  const acceptedInPeace: boolean[] = []
  const ends: Awaited<ReturnType<typeof signOutMeanwhile>>[] = []
  try {
    for (let trial = 0; trial < TRIALS; trial++) {
      survived.push(await survivors(visit))
      acceptedInPeace.push(await signOutInPeace(visit))
      ends.push(await signOutMeanwhile(visit))
    }
  } finally {
    await server.stop()
  }
  return {
    name,
    survived,
    acceptedInPeace,
    accepted: ends.map(({ accepted }) => accepted),
    lateWrite: ends.map(({ lateWrite }) => lateWrite),
  }
}

/** One value where all trials agree. */
const said = (values: readonly string[]) => [...new Set(values)].join(' or ')

const fate = (accepted: readonly boolean[]) => said(accepted.map((is) => (is ? 'accepted' : 'refused')))

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ name, survived, acceptedInPeace, accepted }) => [
    name,
    `${said(survived.map(String))} of ${PARALLEL}`,
    fate(acceptedInPeace),
    fate(accepted),
  ])
  const head = [
    'Sessions',
    'keys kept of parallel writes',
    'old cookie after sign-out',
    '… during a request that writes',
  ]
  return markdownTable(head, lines)
}

const { values } = parseArgs({ options: { json: { type: 'boolean' } } })
const rows: Row[] = []
for (const { name, module } of CONTENDERS) rows.push(await rowOf(name, module))
if (values.json === true) console.log(JSON.stringify({ versions: versions(), rows }, null, 2))
else console.log(`${table(rows)}\n\n${versions()}`)
