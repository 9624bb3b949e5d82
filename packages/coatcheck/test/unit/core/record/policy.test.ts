import { describe, expect, test } from 'vitest'
import { makePolicy, type PolicyOptions, policyDefaults } from '../../../../src/core/record/policy.ts'
import { OptionError } from '../../../../src/errors.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describe('in effect', () => {
  const usual = {
    idle: 30 * MINUTE,
    absolute: 12 * HOUR,
    renewal: HOUR,
    touch: MINUTE,
    beat: MINUTE,
    longestRequest: HOUR,
    grace: 30 * SECOND,
    keepEnded: DAY,
    reuse: 'refuse',
    rememberMe: null,
    anonymous: { idle: 30 * MINUTE, absolute: 12 * HOUR, persistent: false },
    existing: 'shorten',
  }

  test('without a word from the application are the defaults', () => {
    expect(makePolicy(undefined)).toEqual(usual)
    expect(makePolicy({})).toEqual(usual)
    expect(makePolicy(policyDefaults)).toEqual(usual)
  })

  // NIST SP 800-63B-4 2.1.3: AAL1 reauthentication SHOULD be at most 30 days, an idle timeout MAY be applied; 2.2.3: AAL2
  // SHOULD be at most 24 hours, idle SHOULD be at most 1 hour; 2.3.3: AAL3 SHALL be at most 12 hours, idle SHOULD be at
  // most 15 minutes.
  test.each([
    ['aal1', null, 30 * DAY, MINUTE],
    ['aal2', HOUR, DAY, MINUTE],
    ['aal3', 15 * MINUTE, 12 * HOUR, MINUTE],
  ] as const)('with %s are the figures of the standard', (preset, idle, absolute, touch) => {
    expect(makePolicy(preset)).toEqual({
      ...usual,
      idle,
      absolute,
      touch,
      beat: touch,
      anonymous: { idle, absolute, persistent: false },
    })
    expect(makePolicy({ preset })).toEqual(makePolicy(preset))
  })

  test('what stands beside a preset wins over it', () => {
    expect(makePolicy({ preset: 'aal2', idle: '10m' })).toMatchObject({ idle: 10 * MINUTE, absolute: DAY })
    expect(makePolicy({ preset: 'aal2', absolute: '8h' })).toMatchObject({ idle: HOUR, absolute: 8 * HOUR })
    expect(makePolicy({ preset: 'aal3', idle: 'none' })).toMatchObject({ idle: null, absolute: 12 * HOUR })
    // An idle timeout that nobody chose is never longer than the absolute one that somebody did.
    expect(makePolicy({ absolute: '10m' })).toMatchObject({ idle: 10 * MINUTE, absolute: 10 * MINUTE })
    expect(makePolicy({ preset: 'aal2', absolute: '5m' })).toMatchObject({ idle: 5 * MINUTE, absolute: 5 * MINUTE })
    expect(makePolicy({ preset: 'aal2', renewal: 'none', grace: '0ms', reuse: 'end' })).toMatchObject({
      renewal: null,
      grace: 0,
      reuse: 'end',
    })
  })

  test.each([
    ['30m', MINUTE],
    ['10m', MINUTE],
    ['599999ms', 59_999],
    ['5m', 30 * SECOND],
    ['1m', 6 * SECOND],
    ['19ms', 1],
    ['9ms', 0],
    ['none', MINUTE],
  ] as const)('activity is recorded by default, with an idle timeout of %s, every %i ms', (idle, touch) => {
    expect(makePolicy({ idle }).touch).toBe(touch)
  })

  test('the default interval of activity fits the shortest idle timeout, also that of remembered sessions', () => {
    expect(makePolicy({ idle: 'none', rememberMe: { idle: '5m', absolute: '1d' } }).touch).toBe(30 * SECOND)
    expect(makePolicy({ idle: '1m', rememberMe: { idle: '7d', absolute: '30d' } }).touch).toBe(6 * SECOND)
    expect(makePolicy({ idle: 'none', rememberMe: {} }).touch).toBe(MINUTE)
  })

  test('remembered sessions have timeouts of their own', () => {
    expect(makePolicy({ rememberMe: {} }).rememberMe).toEqual({ idle: null, absolute: 30 * DAY })
    expect(makePolicy({ rememberMe: { idle: '7d' } }).rememberMe).toEqual({ idle: 7 * DAY, absolute: 30 * DAY })
    expect(makePolicy({ rememberMe: { absolute: '90d' } }).rememberMe).toEqual({ idle: null, absolute: 90 * DAY })
    expect(makePolicy({ preset: 'aal3', rememberMe: {} }).rememberMe?.absolute).toBe(30 * DAY)
  })

  test.each<[string, PolicyOptions]>([
    ['an idle timeout as long as the absolute one', { idle: '12h' }],
    ['activity recorded each time', { touch: '0ms' }],
    ['activity recorded at half of the idle timeout', { idle: '10m', touch: '5m' }],
    ['activity recorded rarely where nothing is idle', { idle: 'none', touch: '6h' }],
    ['a grace of five minutes', { grace: '5m' }],
    ['ended sessions kept for a minute', { keepEnded: '1m' }],
  ])('may be %s', (_, options) => {
    expect(() => makePolicy(options)).not.toThrow()
  })
})

test.each<[string, unknown, string]>([
  ['a preset that is none', 'aal4', 'policy.preset'],
  ['a preset by the name of a method', 'toString', 'policy.preset'],
  ['a preset that is empty', { preset: '' }, 'policy.preset'],
  ['an idle timeout of zero', { idle: '0m' }, 'policy.idle'],
  ['an idle timeout without unit', { idle: 30 }, 'policy.idle'],
  ['an idle timeout a millisecond longer than the absolute one', { idle: '43200001ms' }, 'policy.idle'],
  ['an idle timeout longer than the absolute one of a preset', { preset: 'aal3', idle: '13h' }, 'policy.idle'],
  ['an absolute timeout of zero', { absolute: '0ms' }, 'policy.absolute'],
  ['no absolute timeout', { absolute: 'none' }, 'policy.absolute'],
  ['an absolute timeout of eleven years', { absolute: '4015d' }, 'policy.absolute'],
  ['renewal all the time', { renewal: '0s' }, 'policy.renewal'],
  ['renewal that is no duration', { renewal: 'never' }, 'policy.renewal'],
  ['activity recorded less than twice per idle timeout', { idle: '10m', touch: '300001ms' }, 'policy.touch'],
  ['activity recorded never', { touch: 'none' }, 'policy.touch'],
  [
    'activity recorded less than twice per idle timeout of a remembered session',
    { idle: 'none', touch: '1h', rememberMe: { idle: '119m', absolute: '1d' } },
    'policy.touch',
  ],
  ['a grace over five minutes', { grace: '300001ms' }, 'policy.grace'],
  ['ended sessions kept for less than a minute', { keepEnded: '59999ms' }, 'policy.keepEnded'],
  ['another use of old tokens', { reuse: 'ignore' }, 'policy.reuse'],
  ['a remembered idle timeout of zero', { rememberMe: { idle: '0d' } }, 'policy.rememberMe.idle'],
  ['a remembered idle timeout beyond the end', { rememberMe: { idle: '31d' } }, 'policy.rememberMe.idle'],
  ['no remembered absolute timeout', { rememberMe: { absolute: 'none' } }, 'policy.rememberMe.absolute'],
])('refuses %s, and the error names the option', (_, options, option) => {
  const make = () => makePolicy(options as PolicyOptions)
  expect(make).toThrow(OptionError)
  expect(make).toThrow(expect.objectContaining({ code: 'ERR_OPTION', option }))
})

describe('anonymous sessions', () => {
  test.each([
    [{}, { idle: 30 * MINUTE, absolute: 12 * HOUR, persistent: false }],
    [
      { anonymous: { idle: '7d', absolute: '30d', persistent: true } },
      { idle: 7 * DAY, absolute: 30 * DAY, persistent: true },
    ],
    [{ anonymous: { idle: 'none', absolute: '1d' } }, { idle: null, absolute: DAY, persistent: false }],
    [{ anonymous: { absolute: '5m' } }, { idle: 5 * MINUTE, absolute: 5 * MINUTE, persistent: false }],
    [
      { idle: 'none', anonymous: { absolute: '5m' } },
      { idle: null, absolute: 5 * MINUTE, persistent: false },
    ],
    [{ anonymous: { idle: '10m' } }, { idle: 10 * MINUTE, absolute: 12 * HOUR, persistent: false }],
  ] as const)('with %j have timeouts of their own', (options: PolicyOptions, anonymous) => {
    expect(makePolicy(options).anonymous).toEqual(anonymous)
  })

  test('count for the touch interval', () => {
    expect(makePolicy({ anonymous: { idle: '5m' } }).touch).toBe(30 * SECOND)
    expect(() => makePolicy({ touch: '20s', anonymous: { idle: '30s' } })).toThrow(OptionError)
  })

  test.each([
    [{ anonymous: { idle: '2d', absolute: '1d' } }, 'policy.anonymous.idle'],
    [{ anonymous: { idle: '0ms' } }, 'policy.anonymous.idle'],
    [{ anonymous: { absolute: '0ms' } }, 'policy.anonymous.absolute'],
    [{ existing: 'lengthen' }, 'policy.existing'],
  ])('%j is refused', (options, option) => {
    expect(() => makePolicy(options as PolicyOptions)).toThrow(expect.objectContaining({ option }))
  })
})
