import fc from 'fast-check'
import { nastyNoJson, nastyStrings, nastyTexts } from '../../../src/testing/index.ts'
import type { Epoch, Time } from './world.ts'

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** Few, so that commands meet; some differ only by what is easily lost. */
export const IDS = ['id', 'id\0', 'a.b', '\ud800', '__proto__', "it's", '', '🎩']
export const USERS = ['ada', 'ada\0', '', '\udc00']
const KEYS = [...nastyStrings.slice(0, 12), '__proto__', 'constructor', '\ud800', 'a\nb', '🎩']

/** For `fc.option`: as often there as not. */
export const optional = { nil: undefined, freq: 2 }

/** Most commands are about the same session and the same user. */
export const id = fc.oneof({ arbitrary: fc.constant('id'), weight: 2 }, fc.constantFrom(...IDS))
export const user = fc.oneof(fc.constant('ada'), fc.constantFrom(...USERS))
export const key = fc.oneof(fc.constant('a'), fc.constantFrom(...KEYS))
export const text = fc.oneof(
  fc.constantFrom(...nastyTexts.filter(({ length }) => length < 1_000), ...nastyNoJson),
  fc.json(),
  fc.string({ unit: 'binary' }),
)
export const anyText = fc.constantFrom(...nastyStrings)
export const data = fc.array(fc.tuple(key, text), { maxLength: 6 }).map((entries) => new Map(entries))
export const change = fc.record({ set: data, unset: fc.array(key, { maxLength: 3 }) }, { requiredKeys: [] })
export const client = fc.record({
  address: fc.option(anyText),
  userAgent: fc.option(anyText),
  label: fc.option(anyText),
})
export const idle = fc.option(fc.constantFrom(MINUTE, 30 * MINUTE, HOUR))
export const life = fc.constantFrom(MINUTE, HOUR, DAY)
export const limit = fc.record({
  max: fc.integer({ min: 1, max: 3 }),
  strategy: fc.constantFrom('refuse', 'end-oldest', 'end-idlest'),
})
export const request = fc.record({
  reason: fc.constantFrom('signed-out', 'revoked', 'replaced', 'reused', 'binding'),
  note: fc.option(anyText),
  keep: fc.constantFrom(0, MINUTE, DAY),
})
export const epoch = fc.constantFrom<Epoch>('none', 'none', 'present', 'begun', 'begun', 'never')
export const time = fc.constantFrom<Time>('now', 'now', 'now', 'now', 'before', 'last moment', 'deadline')
