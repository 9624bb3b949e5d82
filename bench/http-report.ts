// What is measured over HTTP, and how the samples become a table.
import { comparedOn, contendersOn, type StoreName } from './http-contenders.ts'
import { markdownTable } from './markdown.ts'
import { medianOf, type Spread, spreadOf } from './statistics.ts'

export const KINDS = ['signedIn', 'noCookie'] as const
export type Kind = (typeof KINDS)[number]
const TITLES: Readonly<Record<Kind, string>> = {
  signedIn: 'A read by a signed-in user',
  noCookie: 'A request without a cookie',
}

/** What ours may add at most, as a share of what express-session adds: the project's goal. */
const GOAL = 1 / 5

/** One contender in one round: CPU in µs per request, latencies in ms. */
export interface Sample {
  readonly cpu: number
  /** The store's own process; null where it has none. */
  readonly engine: Engine | null
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
}

/** What a Redis did for one request. */
export interface Engine {
  /** µs */
  readonly cpu: number
  readonly commands: number
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

function addedOf(samples: Samples, kind: Kind, name: string, bare: string | null): readonly number[] | null {
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

export function rowsOf(samples: Samples, store: StoreName): Row[] {
  const contenders = contendersOn(store)
  const compared = contenders.find(({ name }) => name === comparedOn(store).peer)
  return KINDS.flatMap((kind) => {
    const peer = compared === undefined ? [] : (addedOf(samples, kind, compared.name, compared.bare) ?? [])
    return contenders.flatMap(({ name, bare }) => {
      const own = samples.get(`${kind} ${name}`) ?? []
      if (own.length === 0) return []
      const engines = own.flatMap(({ engine }) => engine ?? [])
      const added = addedOf(samples, kind, name, bare)
      return {
        kind,
        name,
        rounds: own.length,
        cpu: medianOf(own.map(({ cpu }) => cpu)),
        engine:
          engines.length === 0
            ? null
            : {
                cpu: medianOf(engines.map(({ cpu }) => cpu)),
                commands: medianOf(engines.map(({ commands }) => commands)),
              },
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

interface Column {
  readonly title: string
  readonly of: (row: Row) => string
}

const COLUMNS: readonly Column[] = [
  { title: 'added CPU, µs/request', of: ({ added }) => spread(added, 1) },
  { title: '× express-session', of: ({ ratio }) => spread(ratio, 2) },
  { title: 'CPU, µs/request', of: ({ cpu }) => cpu.toFixed(1) },
  { title: 'requests/s', of: ({ perSecond }) => perSecond.toFixed(0) },
  { title: 'p50, ms', of: ({ p50 }) => p50.toFixed(2) },
  { title: 'p99, ms', of: ({ p99 }) => p99.toFixed(2) },
]
const ENGINE_COLUMNS: readonly Column[] = [
  { title: "Redis's CPU, µs/request", of: ({ engine }) => engine?.cpu.toFixed(1) ?? '' },
  { title: 'its commands', of: ({ engine }) => engine?.commands.toFixed(1) ?? '' },
]

export function table(rows: readonly Row[], kind: Kind): string {
  const shown = rows.filter((row) => row.kind === kind)
  const columns = [...COLUMNS, ...(shown.some(({ engine }) => engine !== null) ? ENGINE_COLUMNS : [])]
  const lines = shown.map((row) => [row.name, ...columns.map(({ of }) => of(row))])
  return `${markdownTable([TITLES[kind], ...columns.map(({ title }) => title)], lines)}\n`
}

/** Whether the goal is reached, in one line. */
export function sayFifth(rows: readonly Row[], store: StoreName): string {
  const { own: name } = comparedOn(store)
  const own = rows.find((row) => row.kind === 'signedIn' && row.name === name)
  if (own === undefined || own.ratio === null) return ''
  const verdict = own.ratio.median < GOAL ? 'below' : 'NOT below'
  return `${name}: ${verdict} a fifth of what express-session adds to a read by a signed-in user: ${spread(own.ratio, 2)} times, over ${own.rounds} rounds.`
}
