import { describe, expect, it } from 'vitest'
import { nameKey, normalizeName } from '../../../src/accounts/names.ts'

describe('normalizeName', () => {
  it.each([
    ['trail ', 'trail'],
    [' \t\u00a0lead', 'lead'],
    ['two  words', 'two  words'],
    ['ﬁne', 'fine'],
    ['Ａlice', 'Alice'],
    ['e\u0301', '\u00e9'],
    ['x'.repeat(64), 'x'.repeat(64)],
    ['🧥'.repeat(64), '🧥'.repeat(64)],
    ['constructor', 'constructor'],
    ['nobody', 'nobody'],
  ])('%j is kept as %j', (text, name) => {
    expect(normalizeName(text)).toBe(name)
  })

  it.each([
    '',
    ' ',
    '\u3000',
    'x'.repeat(65),
    '🧥'.repeat(65),
    'ﬀ'.repeat(33),
    'a\u0000',
    'a\u200bb',
    '\u202ea',
    '\ud800',
  ])('%j cannot be a name', (text) => {
    expect(normalizeName(text)).toBe(null)
  })
})

describe('nameKey', () => {
  it.each([
    ['case', 'ALICE', 'alice'],
    ['case beyond ASCII', 'ÉLODIE', 'élodie'],
    ['ß and its capitals', 'Straße', 'STRASSE'],
    ['the capital ẞ', 'STRAẞE', 'strasse'],
    ['the final sigma', 'ΟΔΟΣ', 'οδοσ'],
    ['the long s', 'ſam', 'Sam'],
    ['the dotless ı, whose capital is I', 'ıris', 'IRIS'],
    ['the Kelvin sign', '\u212aelvin', 'kelvin'],
    ['letters that stand for compositions', 'ﬁne', 'FINE'],
    ['decomposed letters', 'E\u0301', 'é'],
  ])('is the same without regard to %s', (_, one, other) => {
    expect(nameKey(one)).toBe(nameKey(other))
  })

  it.each([
    ['accents', 'élodie', 'elodie'],
    ['the dotted İ, whose small letter keeps its dot', 'İris', 'iris'],
    ['letters of other scripts that look alike', 'аlice', 'alice'],
    ['white space within', 'a b', 'ab'],
  ])('is another one for %s', (_, one, other) => {
    expect(nameKey(one)).not.toBe(nameKey(other))
  })
})
