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
    ['I \u2764\ufe0f tea', 'I \u2764 tea'],
    ['\u2615\ufe0e', '\u2615'],
    ['कि', 'कि'],
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
    'a\u3164',
    '\u2800',
    'a\u034fb',
    '\u115f',
    'a\uffa0',
    'a\u17b4',
    'a\u180bb',
    'a\ufe0fb',
    'a\u{1d159}b',
    'a\u{e0100}',
    '\u{1f469}\u200d\u{1f680}',
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
