import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { returnPath } from '../../../src/core/return-path.ts'

describe('the path to which one returns', () => {
  test.each(['/', '/account', '/account?a=b&c=%2F', '/x/%20y', '/a//b', '/a:b@c'])('is %s itself', (path) => {
    expect(returnPath(path)).toBe(path)
  })

  test.each([
    undefined,
    null,
    '',
    'account',
    '?a=b',
    'https://evil.example',
    'javascript:alert(1)',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '/\\/evil.example',
    '/a\\..\\..//evil.example',
    '/a/..//evil.example',
    '/.//evil.example',
    '/%2e//evil.example',
    '/\u0000x',
    '/\t/evil.example',
    '/\n//evil.example',
    ' /account',
    '/ä',
    `/${'x'.repeat(1_024)}`,
  ])('is the fallback for %j', (path) => {
    expect(returnPath(path, { fallback: '/home' })).toBe('/home')
  })

  test('is none of those that lead round in a circle, however they are written', () => {
    const never = ['/login', '/logout']
    for (const path of ['/login', '/login?next=/x', '/x/../logout', '/./login']) {
      expect(returnPath(path, { never })).toBe('/')
    }
    expect(returnPath('/login/help', { never })).toBe('/login/help')
  })

  test('leaves the own origin for no text at all', async () => {
    const pieces = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '%2e',
      '%2F',
      '@',
      ':',
      '?',
      '#',
      'evil.example',
      '\t',
      '\n',
      'a',
    )
    const anyText = fc.oneof(
      fc.array(pieces).map((all) => `/${all.join('')}`),
      fc.string({ unit: 'binary' }),
    )
    await fc.assert(
      fc.property(anyText, (text) => {
        const path = returnPath(text)
        expect(path.startsWith('/') && !path.startsWith('//')).toBe(true)
        expect(new URL(path, 'https://own.example').origin).toBe('https://own.example')
      }),
      { seed: 4, numRuns: 3_000 },
    )
  })
})

test.each([undefined, null, 7, ['/a', '/b'], { toString: () => '/a' }])(
  '%o is no text, and leads to the fallback',
  (wanted) => {
    expect(returnPath(wanted, { fallback: '/home' })).toBe('/home')
  },
)
