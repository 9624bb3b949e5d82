import { expect, test } from 'vitest'
import { cut } from '../../../../src/core/base/truncate.ts'

test.each<[string | null | undefined, string | null]>([
  [undefined, null],
  [null, null],
  ['', ''],
  ['abc', 'abc'],
  ['abcd', 'abc'],
  ['ab\u{1f600}', 'ab'],
  ['a\u{1f600}b', 'a\u{1f600}'],
  ['ab\ud800', 'ab\ud800'],
])('%j cut at 3 is %j', (text, expected) => {
  expect(cut(text, 3)).toBe(expected)
})
