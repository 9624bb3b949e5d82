import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { returnPath } from '../../../src/web/return-path.ts'

describe('the path to which one returns', () => {
  test.each([
    '/',
    '/account',
    '/account?a=b&c=%2F&d=%zz',
    '/x/%20y',
    '/a//b',
    '/a:b@c',
    '/%7Eann',
    '/50%25',
    '/stra%C3%9Fe',
  ])('is %s itself', (path) => {
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
    // What a router decodes to another path, or cannot decode at all.
    '/x%2f..%2faccount',
    '/x%5c..%5caccount',
    '/%252e%252e/account',
    '/x%00',
    '/x%0a',
    '/%zz',
    '/%ff',
    '/ä',
    `/${'x'.repeat(1_024)}`,
  ])('is the fallback for %j', (path) => {
    expect(returnPath(path, { fallback: '/home' })).toBe('/home')
  })

  test('is none of those that lead round in a circle, however they are written', () => {
    const never = ['/login', '/logout']
    for (const path of [
      '/login',
      '/login?next=/x',
      '/x/../logout',
      '/./login',
      // Routers decode, and many compare without regard to case and to a slash at the end.
      '/%6cogout',
      '/%6C%6f%67%6f%75%74',
      '/%256cogout',
      '/LOGOUT',
      '/logout/',
      '/logout%2f',
      '/x/%2e%2e/logout',
      '/x%2f..%2flogout',
      '/%5clogout',
    ]) {
      expect(returnPath(path, { never }), path).toBe('/')
    }
    expect(returnPath('/auth/%6Cogin', { never: ['/auth/login/'] })).toBe('/')
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
