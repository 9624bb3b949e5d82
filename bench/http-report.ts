// What is measured over HTTP, and how the samples become a table.
import { markdownTable } from './markdown.ts'
import { medianOf, type Spread, spreadOf } from './statistics.ts'

export const KINDS = ['signedIn', 'noCookie'] as const
export type Kind = (typeof KINDS)[number]
const TITLES: Readonly<Record<Kind, string>> = {
  signedIn: 'A read by a signed-in user',
  noCookie: 'A request without a cookie',
}

/** Of the request that is compared with express-session's; the share is the project's goal. */
const COMPARED = { own: 'Express, Coatcheck', peer: 'Express, express-session', share: 1 / 5 }

interface Named {
  readonly name: string
  readonly module: string
  /** The same framework without sessions; null for that one itself. */
  readonly bare: string | null
}

const OURS = 'ours/http.ts'
const PEERS = 'peers/http.mjs'
export const CONTENDERS: readonly Named[] = [
  { name: 'node:http', module: OURS, bare: null },
  { name: 'node:http, Coatcheck', module: OURS, bare: 'node:http' },
  { name: 'Express', module: OURS, bare: null },
  { name: 'Express, Coatcheck', module: OURS, bare: 'Express' },
  { name: 'Express, express-session', module: PEERS, bare: 'Express' },
  { name: 'Hono', module: OURS, bare: null },
  { name: 'Hono, Coatcheck', module: OURS, bare: 'Hono' },
  { name: 'fetch', module: OURS, bare: null },
  { name: 'fetch, Coatcheck', module: OURS, bare: 'fetch' },
  { name: 'Fastify', module: PEERS, bare: null },
  { name: 'Fastify, @fastify/session', module: PEERS, bare: 'Fastify' },
]

/** One contender in one round: CPU in µs per request, latencies in ms. */
export interface Sample {
  readonly cpu: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
}

/** Medians over the rounds. */
export interface Row extends Sample {
  readonly kind: Kind
  readonly name: string
  readonly rounds: number
  /** CPU over that of the bare framework in the same round; null for the bare one. */
  readonly added: Spread | null
  /** The same as a share of what express-session adds in the same round; null where nothing is added. */
  readonly ratio: Spread | null
}

type Samples = ReadonlyMap<string, readonly Sample[]>

function addedOf(samples: Samples, kind: Kind, name: string): readonly number[] | null {
  const bare = CONTENDERS.find((contender) => contender.name === name)?.bare ?? null
  if (bare === null) return null
  const base = samples.get(`${kind} ${bare}`) ?? []
  return (samples.get(`${kind} ${name}`) ?? []).map(({ cpu }, round) => cpu - (base[round]?.cpu ?? 0))
}

/** Of the medians, since a round in which little or nothing was added would make any ratio; the rounds give the spread. */
function ratioOf(added: readonly number[] | null, peer: readonly number[]): Spread | null {
  if (added === null) return null
  const { low, high } = spreadOf(added.map((value, round) => value / (peer[round] ?? 0)))
  return { median: medianOf(added) / medianOf(peer), low, high }
}

export function rowsOf(samples: Samples): Row[] {
  return KINDS.flatMap((kind) => {
    const peer = addedOf(samples, kind, COMPARED.peer) ?? []
    return CONTENDERS.map(({ name }) => {
      const own = samples.get(`${kind} ${name}`) ?? []
      const added = addedOf(samples, kind, name)
      return {
        kind,
        name,
        rounds: own.length,
        cpu: medianOf(own.map(({ cpu }) => cpu)),
        perSecond: medianOf(own.map(({ perSecond }) => perSecond)),
        p50: medianOf(own.map(({ p50 }) => p50)),
        p99: medianOf(own.map(({ p99 }) => p99)),
        added: added && spreadOf(added),
        ratio: ratioOf(added, peer),
      }
    })
  })
}

const spread = (of: Spread | null, digits: number) =>
  of === null ? '' : `${of.median.toFixed(digits)} (${of.low.toFixed(digits)}–${of.high.toFixed(digits)})`

export function table(rows: readonly Row[], kind: Kind): string {
  const head = [
    TITLES[kind],
    'added CPU, µs/request',
    '× express-session',
    'CPU, µs/request',
    'requests/s',
    'p50, ms',
    'p99, ms',
  ]
  const lines = rows
    .filter((row) => row.kind === kind)
    .map(({ name, added, ratio, cpu, perSecond, p50, p99 }) => [
      name,
      spread(added, 1),
      spread(ratio, 2),
      cpu.toFixed(1),
      perSecond.toFixed(0),
      p50.toFixed(2),
      p99.toFixed(2),
    ])
  return markdownTable(head, lines)
}

/** Whether the goal is reached, in one line. */
export function sayFifth(rows: readonly Row[]): string {
  const own = rows.find(({ kind, name }) => kind === 'signedIn' && name === COMPARED.own)
  if (own === undefined || own.ratio === null) return ''
  const verdict = own.ratio.median < COMPARED.share ? 'below' : 'NOT below'
  return `${COMPARED.own}: ${verdict} a fifth of what express-session adds to a read by a signed-in user: ${spread(own.ratio, 2)} times, over ${own.rounds} rounds.`
}
