import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Duration, milliseconds } from '../../../../src/core/record/duration.ts'
import { OptionError } from '../../../../src/errors.ts'

describe('a duration', () => {
  test.each([
    ['0ms', 0],
    ['0s', 0],
    ['1ms', 1],
    ['250ms', 250],
    ['1s', 1_000],
    ['30m', 1_800_000],
    ['1.5h', 5_400_000],
    ['0.5s', 500],
    ['0.001s', 1],
    ['1.001d', 86_486_400],
    ['007m', 420_000],
    ['0.4ms', 0],
    ['0.5ms', 1],
    ['24h', 86_400_000],
    ['3650d', 315_360_000_000],
    ['87600h', 315_360_000_000],
    ['999999999ms', 999_999_999],
  ] as const)('%s is %i ms', (text, expected) => {
    expect(milliseconds(text, 'policy.idle')).toBe(expected)
  })

  test.each([
    ['more than ten years', '3651d'],
    ['a millisecond more than ten years, in hours', '87600.001h'],
    ['ten digits', '1000000000ms'],
    ['four digits behind the point', '1.0001s'],
    ['no number', 'm'],
    ['no unit', '30'],
    ['a number that is none', 30],
    ['a negative one', '-30m'],
    ['a sign', '+30m'],
    ['a blank between', '30 m'],
    ['a blank before', ' 30m'],
    ['a line end behind', '30m\n'],
    ['an upper-case unit', '30M'],
    ['weeks', '1w'],
    ['years', '1y'],
    ['a word', '30min'],
    ['two of them', '1h30m'],
    ['an exponent', '1e3s'],
    ['a hexadecimal number', '0x10s'],
    ['a comma', '1,5h'],
    ['a point at the beginning', '.5h'],
    ['a point at the end', '1.h'],
    ['digits of another script', '٣m'],
    ['infinity', 'Infinitys'],
    ['a name that objects have', '1toString'],
    ['nothing', ''],
    ['undefined', undefined],
    ['null', null],
    ['an object', {}],
    ['a list that looks like one', [['30m', '']]],
  ])('is not %s, and the error names the option', (_, value) => {
    const read = () => milliseconds(value as Duration, 'policy.idle')
    expect(read).toThrow(OptionError)
    expect(read).toThrow(expect.objectContaining({ code: 'ERR_OPTION', option: 'policy.idle' }))
    expect(read).toThrow(/^policy\.idle: /)
  })

  test('of whole units is the number times the unit, up to ten years', async () => {
    const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
    const unit = fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[]))
    await fc.assert(
      fc.property(fc.nat(999_999_999), unit, (count, name) => {
        const expected = count * units[name]
        const read = () => milliseconds(`${count}${name}`, 'x')
        if (expected <= 3_650 * units.d) expect(read()).toBe(expected)
        else expect(read).toThrow(OptionError)
      }),
      { seed: 1, numRuns: 300 },
    )
  })

  test('is a whole number of milliseconds, whatever the text', async () => {
    await fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.msdhe+- '), maxLength: 8 }), (text) => {
        try {
          const length = milliseconds(text as Duration, 'x')
          expect(Number.isSafeInteger(length) && length >= 0).toBe(true)
          expect(text).toMatch(/^[\d.]+(?:ms|s|m|h|d)$/)
        } catch (error) {
          if (!(error instanceof OptionError)) throw error
        }
      }),
      { seed: 2, numRuns: 1_000 },
    )
  })
})
