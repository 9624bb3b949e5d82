import { describe, expect, it } from 'vitest'
import { returnPath } from '../../src/return-path.ts'

describe('returnPath', () => {
  it.each(['/account/sessions', '/account/sessions?a=b', '/x/%20y'])('keeps our own path %s', (path) => {
    expect(returnPath(path, '')).toBe(path)
  })

  it.each([
    undefined,
    '',
    'dashboard',
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/\\/evil.example',
    '/a\\..\\..//evil.example',
    '/\u0000x',
    '/\n//evil.example',
    '/ä',
    '/login',
    '/logout?x',
    '/%6cogout',
    '/Logout/',
    '/../login',
    `/${'x'.repeat(2000)}`,
  ])('answers the dashboard for %j', (path) => {
    expect(returnPath(path, '')).toBe('/dashboard')
  })

  it('leads below the base path, to another application beside it, and not back to the pages through which one came', () => {
    expect(returnPath(undefined, '/auth')).toBe('/auth/dashboard')
    expect(returnPath('/auth/account', '/auth')).toBe('/auth/account')
    expect(returnPath('/orders?page=2', '/auth')).toBe('/orders?page=2')
    for (const path of ['/auth/login', '/auth/%6cogout', '/AUTH/logout/']) {
      expect(returnPath(path, '/auth')).toBe('/auth/dashboard')
    }
  })
})
