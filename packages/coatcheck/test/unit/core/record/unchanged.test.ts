import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeValue } from '../../../../src/core/record/data.ts'
import { isUnchanged } from '../../../../src/core/record/unchanged.ts'

const limits = { bytes: 65_536, depth: 32 }

function encoded(value: unknown): string | null {
  try {
    return encodeValue(value, 'key', limits)
  } catch {
    return null
  }
}

const leaves = fc.oneof(
  fc.constantFrom('', '"', '\\', '","', 'a","b', '\ud800', '\n', '-0', 'null', 'é'),
  fc.constantFrom(0, -0, 1, 12, 123, 1e21, 1.5, Number.NaN, Number.POSITIVE_INFINITY),
  fc.constantFrom(true, false, null, undefined),
)
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaves,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b', '"', 'c'), tie('value'), { maxKeys: 4 }),
  ),
})).value

describe('a value that counts as unchanged', () => {
  test('would be written as that very text', () => {
    fc.assert(
      fc.property(values, values, (one, other) => {
        const text = encoded(one)
        fc.pre(text !== null)
        if (text !== null && isUnchanged(other, text)) expect(encoded(other)).toBe(text)
      }),
      { numRuns: 3_000 },
    )
  })

  test('is found whatever its shape, unless it needs escapes', () => {
    fc.assert(
      fc.property(values, (value) => {
        const text = encoded(value)
        fc.pre(text !== null)
        if (text !== null && !text.includes('\\')) expect(isUnchanged(value, text)).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })
})

test.each([
  ['a shorter number', [1], '[12]'],
  ['a longer text', 'ab', '"a"'],
  ['a text that ends within another', 'a', '"a","b"'],
  ['quotes that belong to the text', 'a","b', '"a","b"'],
  ['a negative zero', -0, '0'],
  ['a hole', [1, undefined], '[1,null]'],
  ['a date', new Date(0), '"1970-01-01T00:00:00.000Z"'],
  ['a class', new (class Own {})(), '{}'],
  ['a symbol', { [Symbol('a')]: 1 }, '{}'],
  ['an array with a name', Object.assign([1], { name: 1 }), '[1]'],
  ['another order', { b: 1, a: 1 }, '{"a":1,"b":1}'],
  ['one member less', { a: 1 }, '{"a":1,"b":1}'],
  ['one member more', { a: 1, b: 1 }, '{"a":1}'],
  ['a number in words', '1', '1'],
  ['something without a text', () => undefined, 'null'],
])('%s is no such value', (_, value, text) => {
  expect(isUnchanged(value, text)).toBe(false)
})

test('a value that holds itself ends with the text', () => {
  const round: unknown[] = []
  round.push(round)
  expect(isUnchanged(round, '[[[[]]]]')).toBe(false)
})
