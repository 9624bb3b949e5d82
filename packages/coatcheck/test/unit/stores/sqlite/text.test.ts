import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeOptional, decodeText, encodeOptional, encodeText } from '../../../../src/stores/sqlite/text.ts'
import { nastyKeys } from '../records.ts'

/** Strings of any UTF-16 units, lone surrogates and NUL among them. */
const anyString = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0, max: 0xffff }).map((n) => String.fromCharCode(n)),
    fc.constantFrom('"', '\0', '\ud800', '\udc00', 'a'),
  ),
})

describe('encodeText', () => {
  const database = new DatabaseSync(':memory:')
  const echo = database.prepare('SELECT ? AS text')
  const through = (text: string) => decodeText(String(echo.get(encodeText(text))?.['text']))

  it.each(nastyKeys)('brings %j through SQLite', (text) => {
    expect(through(text)).toBe(text)
  })

  it('brings any string through SQLite', () => {
    fc.assert(
      fc.property(anyString, (text) => {
        expect(through(text)).toBe(text)
      }),
      { seed: 2, numRuns: 2_000 },
    )
  })

  it('gives different strings different texts that UTF-8 can hold', () => {
    const pair = fc.tuple(anyString, anyString)
    fc.assert(
      fc.property(pair, ([a, b]) => {
        expect(encodeText(a) === encodeText(b)).toBe(a === b)
        expect(encodeText(a).isWellFormed()).toBe(true)
        expect(encodeText(a)).not.toContain('\0')
      }),
      { seed: 3, numRuns: 2_000, examples: [[['\0', '"\\u0000"']], [['\ud800', '"\\ud800"']]] },
    )
  })

  it('leaves usual texts as they are', () => {
    for (const text of ['', 'ada', 'ключ', '😀', "it's", '{"a":1}']) expect(encodeText(text)).toBe(text)
  })

  it('has nothing to say about null', () => {
    expect([encodeOptional(null), decodeOptional(null)]).toEqual([null, null])
    expect(decodeOptional(encodeOptional('\0'))).toBe('\0')
  })
})
