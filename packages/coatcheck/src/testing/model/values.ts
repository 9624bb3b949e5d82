import type { EndReason } from '../../core/record/record.ts'
import type { LimitStrategy } from '../../core/store/store.ts'
import { nastyNoJson, nastyStrings, nastyTexts } from '../nasty.ts'
import type { Seeded } from '../randomness.ts'
import { constant, type Generator, integer, listOf, nullable, oneOf, partial, record, weighted } from './generators.ts'
import type { Epoch, Time } from './world.ts'

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** Few, so that commands meet; some differ only by what is easily lost. */
export const IDS = ['id', 'id\0', 'a.b', '\ud800', '__proto__', "it's", '', '🎩']
export const USERS = ['ada', 'ada\0', '', '\udc00']
const KEYS = [...nastyStrings.slice(0, 12), '__proto__', 'constructor', '\ud800', 'a\nb', '🎩']

/** Any UTF-16, lone surrogates included. */
const anything: Generator<string> = ({ int }) =>
  String.fromCharCode(...Array.from({ length: int(12) }, () => int(int(4) === 0 ? 0x10000 : 0x80)))

/** Some JSON, as values that applications keep. */
const json: Generator<string> = (random) => JSON.stringify(jsonValue(random, 3))

function jsonValue(random: Seeded, depth: number): unknown {
  const list = () => Array.from({ length: random.int(3) }, () => jsonValue(random, depth - 1))
  const leaves = [null, true, false, random.int(1_000) - 500, random.next(), anything(random)]
  if (depth === 0) return random.pick(leaves)
  const object = () => Object.fromEntries(list().map((value) => [anything(random), value]))
  return random.pick([...leaves, list(), object()])
}

/** Most commands are about the same session and the same user. */
export const id = weighted([2, constant('id')], [1, oneOf(...IDS)])
export const user = weighted([1, constant('ada')], [1, oneOf(...USERS)])
export const key = weighted([1, constant('a')], [1, oneOf(...KEYS)])
export const text = weighted(
  [1, oneOf(...nastyTexts.filter(({ length }) => length < 1_000), ...nastyNoJson)],
  [1, json],
  [1, anything],
)
export const anyText = oneOf(...nastyStrings)
const entry: Generator<readonly [string, string]> = (random) => [key(random), text(random)]
export const data: Generator<ReadonlyMap<string, string>> = (random) => new Map(listOf(entry, 6)(random))
export const change = partial({ set: data, unset: listOf(key, 3) })
export const client = record({ address: nullable(anyText), userAgent: nullable(anyText), label: nullable(anyText) })
export const idle = nullable(oneOf(MINUTE, 30 * MINUTE + 7, HOUR))
export const life = oneOf(MINUTE + 1, HOUR, DAY)
export const limit = record({
  max: integer(1, 3),
  strategy: oneOf<LimitStrategy>('refuse', 'end-oldest', 'end-idlest'),
})
export const request = record({
  reason: oneOf<EndReason>('signed-out', 'revoked', 'replaced', 'reused', 'binding'),
  note: nullable(anyText),
  keep: oneOf(0, MINUTE, DAY),
})
export const epoch = oneOf<Epoch>('none', 'none', 'present', 'begun', 'begun', 'never')
export const time = oneOf<Time>('now', 'now', 'now', 'now', 'before', 'last moment', 'deadline')
