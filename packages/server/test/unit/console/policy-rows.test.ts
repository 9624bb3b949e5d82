import { expect, it } from 'vitest'
import { readConfig } from '../../../src/config.ts'
import { type Demand, policyRows, type Value, verdictOf } from '../../../src/console/policy-rows.ts'

const time = (value: number | null): Value => ({ kind: 'time', value })
const count = (value: number): Value => ({ kind: 'count', value })
const rate = (value: number): Value => ({ kind: 'rate', value, window: 1 })
const between: Demand = { kind: 'between', least: 4, most: 8 }

it.each([
  [time(9), { kind: 'atMost', value: 10 }, 'stricter'],
  [time(10), { kind: 'atMost', value: 10 }, 'within'],
  [time(11), { kind: 'atMost', value: 10 }, 'weaker'],
  [time(null), { kind: 'atMost', value: 10 }, 'weaker'],
  [count(16), { kind: 'atLeast', value: 15 }, 'stricter'],
  [count(15), { kind: 'atLeast', value: 15 }, 'within'],
  [count(14), { kind: 'atLeast', value: 15 }, 'weaker'],
  [time(3), between, 'stricter'],
  [time(4), between, 'within'],
  [time(8), between, 'within'],
  [time(9), between, 'weaker'],
  [count(128), { kind: 'allowing', value: 64 }, 'within'],
  [count(63), { kind: 'allowing', value: 64 }, 'weaker'],
  [rate(1), { kind: 'inAll', value: 100 }, 'weaker'],
  [count(100), { kind: 'inAll', value: 100 }, 'within'],
  [time(null), { kind: 'asked' }, 'weaker'],
  [time(5), { kind: 'asked' }, 'within'],
  [time(null), { kind: 'notAsked' }, 'within'],
  [time(5), { kind: 'notAsked' }, 'stricter'],
  [{ kind: 'words', words: 'cookie' }, { kind: 'asked' }, 'within'],
] as const)('%j, where %j is asked: %s', (value, demand, verdict) => {
  expect(verdictOf(value, demand)).toBe(verdict)
})

const verdicts = (environment: Record<string, string>, setting: string) =>
  policyRows(readConfig(environment))
    .filter((row) => row.setting === setting)
    .flatMap(({ value, demands }) => demands.map(({ demand }) => verdictOf(value, demand)))

it('is that of the settings: each preset keeps to its own figures', () => {
  const timeouts = (environment: Record<string, string>) => [
    verdicts(environment, 'idle'),
    verdicts(environment, 'absolute'),
  ]
  expect(timeouts({ COATCHECK_POLICY: 'aal1' })).toEqual([
    ['within', 'weaker', 'weaker', 'weaker', 'weaker'],
    ['within', 'weaker', 'weaker', 'weaker'],
  ])
  expect(timeouts({ COATCHECK_POLICY: 'aal2' })).toEqual([
    ['stricter', 'within', 'weaker', 'weaker', 'weaker'],
    ['stricter', 'within', 'weaker', 'weaker'],
  ])
  expect(timeouts({ COATCHECK_POLICY: 'aal3' })).toEqual([
    ['stricter', 'stricter', 'within', 'weaker', 'within'],
    ['stricter', 'stricter', 'within', 'weaker'],
  ])
  // An idle timeout that is not given is never longer than the absolute one.
  expect(timeouts({ COATCHECK_ABSOLUTE: '10m' })[0]).toEqual(['stricter', 'stricter', 'stricter', 'weaker', 'stricter'])
  expect(timeouts({ COATCHECK_IDLE: '4m' })[0]?.slice(3)).toEqual(['within', 'stricter'])
  expect(timeouts({ COATCHECK_IDLE: 'none' })[0]).toEqual(['within', 'weaker', 'weaker', 'weaker', 'weaker'])
  expect(verdicts({ COATCHECK_PASSWORD_LENGTH: '8' }, 'passwordLeast')).toEqual(['weaker', 'within'])
})

it('names every part once, with at least one source', () => {
  const rows = policyRows(readConfig({}))
  expect(new Set(rows.map(({ setting }) => setting)).size).toBe(rows.length)
  expect(rows.filter(({ demands }) => demands.length === 0)).toEqual([])
})
