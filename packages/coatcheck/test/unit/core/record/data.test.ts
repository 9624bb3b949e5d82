import { deepStrictEqual } from 'node:assert'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  applied,
  checkLimits,
  type DataLimits,
  decodeData,
  diffData,
  encodeValue,
} from '../../../../src/core/record/data.ts'
import { DataError, type DataFault } from '../../../../src/errors.ts'
import { nastyStrings } from '../../../../src/testing/nasty.ts'

const LIMITS: DataLimits = { bytes: 65_536, keys: 256, depth: 32 }
const ROOM: DataLimits = { bytes: 10 ** 9, keys: 10 ** 6, depth: 32 }

/** The fault, the key and the path that an error names. */
function faultOf(run: () => unknown): readonly [DataFault, string | null, string] | unknown {
  try {
    return run()
  } catch (error) {
    return error instanceof DataError ? [error.fault, error.key, error.path] : error
  }
}

const encoded = (value: unknown, depth = 32) => encodeValue(value, 'k', { depth, bytes: 65_536 })
const decoded = (text: string) => decodeData(new Map([['k', text]]), null)['k']

/** The texts of a record. */
const of = (texts: Readonly<Record<string, string>>): ReadonlyMap<string, string> => new Map(Object.entries(texts))

/** `value` inside so many arrays. */
function nested(levels: number, value: unknown = 'end'): unknown {
  let result = value
  for (let i = 0; i < levels; i++) result = [result]
  return result
}

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...nastyStrings), fc.string())
const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger(), fc.constant(-0))
const { tree: anyValue } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    number,
    text,
    fc.array(tie('tree'), { maxLength: 5 }),
    fc.dictionary(
      text.filter((key) => key !== '__proto__'),
      tie('tree'),
      { maxKeys: 5, noNullPrototype: true },
    ),
  ),
}))
const anyKey = text.filter((key) => !['__proto__', 'constructor', 'prototype'].includes(key))
const anyData = fc.dictionary(anyKey, anyValue, { maxKeys: 8, noNullPrototype: true })

describe('a value', () => {
  test.each([
    ['null', null, 'null'],
    ['true', true, 'true'],
    ['false', false, 'false'],
    ['a number', 1.5, '1.5'],
    ['zero', 0, '0'],
    ['minus zero', -0, '-0'],
    ['the largest number', Number.MAX_VALUE, '1.7976931348623157e+308'],
    ['the smallest number', 5e-324, '5e-324'],
    ['an empty text', '', '""'],
    ['a text with quotes', 'a"b\\c', '"a\\"b\\\\c"'],
    ['a text with NUL', 'a\0b', '"a\\u0000b"'],
    ['half of a surrogate pair', '\ud800', '"\\ud800"'],
    ['an empty list', [], '[]'],
    ['a list', [1, [2, null]], '[1,[2,null]]'],
    ['an empty object', {}, '{}'],
    ['an object', { a: 1, b: { c: [true] } }, '{"a":1,"b":{"c":[true]}}'],
    ['an object without prototype', Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    ['a property that is undefined, which is as one that is not there', { a: undefined, b: 1 }, '{"b":1}'],
    ['only such a property', { a: undefined }, '{}'],
    ['a property called constructor', { constructor: 1, prototype: 2 }, '{"constructor":1,"prototype":2}'],
    ['a property called toJSON that is no function', { toJSON: 'a' }, '{"toJSON":"a"}'],
  ])('%s', (_, value, expected) => {
    expect(encoded(value)).toBe(expected)
  })

  class Cart {
    readonly items: readonly string[] = []
  }

  test.each([
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a bigint', 1n],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['minus infinity', Number.NEGATIVE_INFINITY],
    ['a date', new Date(0)],
    ['a map', new Map([['a', 1]])],
    ['a set', new Set([1])],
    ['a weak map', new WeakMap()],
    ['a regular expression', /a/],
    ['an error', new Error('e')],
    ['a promise', Promise.resolve()],
    ['bytes', new Uint8Array(2)],
    ['a buffer', new ArrayBuffer(2)],
    ['a boxed number', Object(1)],
    ['an address', new URL('https://app.example/')],
    ['an instance of a class', new Cart()],
    ['an object with another prototype', Object.create({ a: 1 })],
    ['a place in a list that is empty', new Array(1)],
  ])('%s cannot be stored, and the error names where it is', (_, value) => {
    const hole = Array.isArray(value) ? '[0]' : ''
    expect(faultOf(() => encoded(value))).toEqual(['type', 'k', `k${hole}`])
    expect(faultOf(() => encoded([1, { a: [value] }]))).toEqual(['type', 'k', `k[1].a[0]${hole}`])
  })

  test('what would be dropped in silence is refused: symbols as keys, and what arrays hold besides their elements', () => {
    const match = /a/.exec('a')
    class Path extends Array<number> {}
    expect(faultOf(() => encoded({ a: { [Symbol('s')]: 1 } }))).toEqual(['key', 'k', 'k.a'])
    expect(faultOf(() => encoded([match]))).toEqual(['type', 'k', 'k[0]'])
    expect(faultOf(() => encoded(Path.of(1)))).toEqual(['type', 'k', 'k'])
    expect(encoded(['a'])).toBe('["a"]')
  })

  test('one object in very many places is too large, and found out before it is written', () => {
    let shared: unknown = []
    for (let i = 0; i < 31; i++) shared = [shared, shared]
    expect(faultOf(() => encoded(shared))).toEqual(['size', 'k', expect.stringMatching(/^k(\[[01]\])+$/)])
    const wide = Array.from({ length: 30_000 }, () => [])
    expect(encoded(wide).length).toBe(90_001)
  })

  test('an object with a method is refused at the method', () => {
    expect(faultOf(() => encoded({ a: 1, toJSON: () => ({}) }))).toEqual(['type', 'k', 'k.toJSON'])
  })

  test('the message names the path and never the value', () => {
    const error = (() => {
      try {
        return encoded({ card: { number: 1n, cvc: 'secret-123' }, pin: 'secret-123' })
      } catch (thrown) {
        return thrown
      }
    })()
    expect(error).toMatchObject({ code: 'ERR_DATA', name: 'DataError', path: 'k.card.number' })
    expect((error as DataError).message).toContain('k.card.number')
    expect((error as DataError).message).not.toContain('secret')
  })

  test('a value that holds itself is refused where it does', () => {
    const list: unknown[] = [1]
    list.push({ again: list })
    expect(faultOf(() => encoded(list))).toEqual(['cycle', 'k', 'k[1].again'])
    const object: Record<string, unknown> = {}
    object['self'] = object
    expect(faultOf(() => encoded({ object }))).toEqual(['cycle', 'k', 'k.object.self'])
  })

  test('a value that stands in two places is no cycle', () => {
    const hat = { size: 1 }
    expect(encoded({ first: hat, second: [hat, hat] })).toBe('{"first":{"size":1},"second":[{"size":1},{"size":1}]}')
  })

  test('may be nested as deep as the limit and no deeper', () => {
    expect(encoded('end', 1)).toBe('"end"')
    expect(encoded(nested(3), 3)).toBe('[[["end"]]]')
    expect(faultOf(() => encoded(nested(4), 3))).toEqual(['depth', 'k', 'k[0][0][0]'])
    expect(faultOf(() => encoded({ a: { b: {} } }, 2))).toEqual(['depth', 'k', 'k.a.b'])
    expect(faultOf(() => encoded(nested(100_000)))).toEqual(['depth', 'k', `k${'[0]'.repeat(32)}`])
  })

  test.each(['__proto__', 'constructor', 'prototype'])('%s is no key', (key) => {
    expect(faultOf(() => encodeValue(1, key, LIMITS))).toEqual(['key', key, key])
  })

  test('__proto__ is no property, wherever it stands', () => {
    const value: unknown = JSON.parse('{"a":[{"__proto__":{"admin":true}}]}')
    expect(faultOf(() => encoded(value))).toEqual(['key', 'k', 'k.a[0]'])
  })

  test('whatever can be stored reads back as the same', async () => {
    await fc.assert(
      fc.property(anyValue, (value) => {
        deepStrictEqual(decoded(encoded(value)), value)
      }),
      { seed: 1, numRuns: 500, examples: [[[-0, 2 ** 53 + 2, 1e21, '\u2028']]] },
    )
  })

  test('has the text that JSON gives it, but for minus zero', async () => {
    await fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(!JSON.stringify(value).includes('"__proto__":'))
        expect(encoded(value).replaceAll('-0', '0')).toBe(JSON.stringify(value).replaceAll('-0', '0'))
      }),
      { seed: 2, numRuns: 300 },
    )
  })
})

describe('reading a record', () => {
  test('gives an object without prototype', () => {
    const data = decodeData(of({ toString: '1' }), { __proto__: null, valueOf: 2 })
    expect(Object.getPrototypeOf(data)).toBeNull()
    expect({ ...data }).toEqual({ toString: 1, valueOf: 2 })
    expect('constructor' in data).toBe(false)
  })

  test('initial values fill only the keys that the record lacks', () => {
    const data = decodeData(of({ n: '5', gone: 'null' }), { n: 1, cart: ['hat'], gone: 'x' })
    expect({ ...data }).toEqual({ n: 5, cart: ['hat'], gone: null })
  })

  test.each([
    ['one that is no JSON', ['{']],
    ['an empty one', ['']],
    ['one that holds two values', ['1,2']],
    ['one that holds two values beside an empty one', ['1,2', '']],
    ['one that closes the list', ['1],[2']],
    ['two that are a value only together', ['[1', '2]']],
    ['one among many', ['1', '"a', 'null']],
  ])('fails on %s, instead of mixing up keys', (_, texts) => {
    const record = new Map(texts.map((each, i) => [`k${i}`, each]))
    expect(() => decodeData(record, null)).toThrow(SyntaxError)
  })

  test('keeps each text with its key, blanks around it included', () => {
    const record = new Map([
      ['a', ' 1 '],
      ['b', '\n[2,3]\n'],
      ['__proto__', '{"admin":true}'],
    ])
    const data = decodeData(record, null)
    expect(Object.entries(data)).toEqual([
      ['a', 1],
      ['b', [2, 3]],
      ['__proto__', { admin: true }],
    ])
  })
})

describe('what has to be written', () => {
  const none = of({})
  const diff = (texts: ReadonlyMap<string, string>, data: Record<string, unknown>, initial = none, limits = LIMITS) =>
    diffData(texts, data, initial, limits)

  test('is nothing where nothing changed', () => {
    expect(diff(none, {})).toBeNull()
    expect(diff(of({ a: '[1]' }), { a: [1] })).toBeNull()
    expect(diff(none, { a: undefined })).toBeNull()
  })

  test('are the keys that were added, changed inside, or removed', () => {
    const texts = of({ same: '1', cart: '["hat"]', old: '1', void: '1' })
    const change = diff(texts, { same: 1, cart: ['hat', 'coat'], fresh: null, void: undefined })
    expect(change?.set).toEqual(of({ cart: '["hat","coat"]', fresh: 'null' }))
    expect(change?.unset).toEqual(['old', 'void'])
  })

  test('an initial value that nobody changed is not written, and one that was changed is', () => {
    const initial = of({ n: '0', cart: '[]' })
    expect(diff(none, { n: 0, cart: [] }, initial)).toBeNull()
    expect(diff(none, { n: 1, cart: [] }, initial)).toEqual({ set: of({ n: '1' }), unset: [] })
    expect(diff(none, { cart: [] }, initial)).toBeNull()
  })

  test('what the record says counts before the initial value', () => {
    const change = diff(of({ n: '5' }), { n: 0 }, of({ n: '0' }))
    expect(change?.set).toEqual(of({ n: '0' }))
  })

  test('minus zero is another value than zero', () => {
    expect(diff(of({ n: '0' }), { n: -0 })?.set).toEqual(of({ n: '-0' }))
    expect(diff(of({ n: '-0' }), { n: -0 })).toBeNull()
  })

  test('a change that passes a limit is refused, and one that makes the data no larger is not', () => {
    const limits = { bytes: 8, keys: 2, depth: 32 }
    const full = of({ a: '1', b: '2', c: '"a long text"' })
    const four = { a: 1, b: 2, c: 'a long text', d: 4 }
    expect(faultOf(() => diff(full, four, none, limits))).toEqual(['keys', null, ''])
    expect(faultOf(() => diff(of({ a: '1' }), { a: 1, b: 2, c: 3 }, none, limits))).toEqual(['keys', null, ''])
    expect(diff(full, { a: 1, b: 3, c: 'a long text' }, none, limits)).toEqual({ set: of({ b: '3' }), unset: [] })
    expect(faultOf(() => diff(full, { b: 2, c: 'a much longer text' }, none, limits))).toEqual(['size', 'c', 'c'])
    expect(diff(full, { b: 2, c: 'a long text' }, none, limits)).toEqual({ set: none, unset: ['a'] })
    expect(diff(full, { a: 1, d: 4 }, none, limits)?.unset).toEqual(['b', 'c'])
  })

  test('written, it makes the record read back as the object, whatever was there before', async () => {
    await fc.assert(
      fc.property(anyData, anyData, (before, after) => {
        const written = diff(none, before, none, ROOM)
        const texts = written === null ? none : applied(none, written)
        deepStrictEqual({ ...decodeData(texts, null) }, before)
        const change = diff(texts, after, none, ROOM)
        const next = change === null ? texts : applied(texts, change)
        deepStrictEqual({ ...decodeData(next, null) }, after)
        expect(diff(next, after, none, ROOM)).toBeNull()
      }),
      { seed: 3, numRuns: 200 },
    )
  })
})

test('a change leaves the texts that it was made from as they were', () => {
  const texts = of({ a: '1', b: '2' })
  const next = applied(texts, {
    set: of({ b: '3', c: '4' }),
    unset: ['a', 'c', 'none'],
  })
  expect(next).toEqual(of({ b: '3', c: '4' }))
  expect(texts).toEqual(of({ a: '1', b: '2' }))
  expect(applied(texts, {})).toEqual(texts)
})

describe('limits', () => {
  const sized = (entries: readonly (readonly [string, string])[], limits: Partial<DataLimits>) => () =>
    checkLimits(new Map(entries), { ...LIMITS, ...limits })

  test('of keys hold to the key', () => {
    const three = [
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ] as const
    expect(faultOf(sized(three, { keys: 3 }))).toBeUndefined()
    expect(faultOf(sized(three, { keys: 2 }))).toEqual(['keys', null, ''])
  })

  test('of bytes hold to the byte, keys counted, and name the largest key', () => {
    const entries = [
      ['a', '"x"'],
      ['large', '"é€🎩"'],
      ['b', '1'],
    ] as const
    const bytes = 4 + (5 + 2 + 2 + 3 + 4) + 2
    expect(faultOf(sized(entries, { bytes }))).toBeUndefined()
    expect(faultOf(sized(entries, { bytes: bytes - 1 }))).toEqual(['size', 'large', 'large'])
    expect(faultOf(sized([], { bytes: 1 }))).toBeUndefined()
  })

  test('count bytes as UTF-8 has them', async () => {
    const wellFormed = fc.string({ unit: 'grapheme' }).filter((each) => each.isWellFormed())
    await fc.assert(
      fc.property(wellFormed, wellFormed, (key, value) => {
        const bytes = Buffer.byteLength(key) + Buffer.byteLength(value)
        expect(faultOf(sized([[key, value]], { bytes }))).toBeUndefined()
        expect(faultOf(sized([[key, value]], { bytes: bytes - 1 }))).toEqual(['size', key, key])
      }),
      { seed: 4, numRuns: 300, examples: [['\x7f\x80', '\u07ff\u0800\uffff\u{10ffff}']] },
    )
  })
})
