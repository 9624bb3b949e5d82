import { describe, expect, it } from 'vitest'
import { originalRequest } from '../../../src/gate/original.ts'
import { parseGateRules, plainPath, ruleFor } from '../../../src/gate/rules.ts'

describe('rules', () => {
  it('say what a path needs; the longest prefix that fits counts, by whole parts and whatever the case', () => {
    const rules = parseGateRules(
      '/admin=role:admin; /admin/reports = role:admin|auditor , fresh:5m,permission:a:read,permission:b:*; /public=anyone;/hooks=anyone,any-site',
    )
    const at = (path: string) => ruleFor(path, rules ?? [])
    expect(at('/admin')).toMatchObject({ prefix: '/admin', roles: ['admin'], fresh: null, anyone: false })
    expect(at('/ADMIN/users')).toMatchObject({ prefix: '/admin' })
    expect(at('/administration')).toMatchObject({ prefix: '/', anyone: false, roles: [] })
    expect(at('/admin/reports/1')).toEqual({
      prefix: '/admin/reports',
      anyone: false,
      roles: ['admin', 'auditor'],
      permissions: ['a:read', 'b:*'],
      fresh: { maxAge: '5m' },
      anySite: false,
    })
    expect(at('/hooks/payment')).toMatchObject({ anyone: true, anySite: true })
    expect(at('/')).toMatchObject({ prefix: '/', anyone: false })
    expect(ruleFor('/x', parseGateRules('/=anyone') ?? [])).toMatchObject({ anyone: true })
  })

  it.each([
    '/admin',
    '/admin=',
    'admin=role:admin',
    '/admin=role:',
    '/admin=root',
    '/admin=role:admin; /Admin=anyone',
    '/admin=anyone:all',
    '/admin=fresh:5',
    '/admin=fresh:0m',
    '/a/../b=anyone',
    '//a=anyone',
    '/admin=__proto__',
    '/admin=constructor:x',
  ])('that are not written like that are refused: %s', (text) => {
    expect(parseGateRules(text)).toBeNull()
  })
})

describe('a path that an application may fold into another one', () => {
  const rules = parseGateRules('/=signed-in; /settings=role:admin; /settings/public=anyone; /kiosk=anyone') ?? []

  it.each([
    '/ſettings', // ſ, which is an s without regard to case
    '/settıngs', // ı, an i to Python and SQL Server
    '/settİngs', // İ, likewise
    '/ｓettings', // a letter of full width
    '/settings／public', // a slash of full width
    '/ſettings/public',
    '/\u212Aıosk', // the sign for kelvin, which is a k
  ])('is refused where the two have different rules: %s', (path) => {
    expect(ruleFor(path, rules)).toBeNull()
  })

  it.each([
    ['/straße', '/'],
    ['/ﬁles', '/'],
    ['/SETTINGS', '/settings'],
    ['/settings/ſ', '/settings'],
    ['/settings/public/straße', '/settings/public'],
    ['/\u212Aiosk', '/kiosk'],
  ])('has the rule of both where that is one: %s', (path, prefix) => {
    expect(ruleFor(path, rules)?.prefix).toBe(prefix)
  })
})

describe('a path', () => {
  it.each([
    ['/', '/'],
    ['/a/b.c', '/a/b.c'],
    ['/%C3%A9t%C3%A9', '/été'],
    ['/a%20b', '/a b'],
    ['/%61dmin', '/admin'],
    ['/...a', '/...a'],
  ])('that is read in one way is that: %s', (path, plain) => {
    expect(plainPath(path)).toBe(plain)
  })

  it.each([
    '',
    'a',
    '//a',
    '/a//b',
    '/./a',
    '/a/..',
    '/a/%2e%2E/b',
    '/a/.../b',
    '/a%2fb',
    '/a%5Cb',
    '/a\\b',
    '/a%00',
    '/a%0ab',
    '/a;b',
    '/a%3Bb',
    '/admin#x',
    '/admin%23x',
    '/admin%3Fx',
    '/%252e',
    '/%zz',
    '/%',
    '/%ff',
    '/é',
    '/a b',
    '/a\u0000',
    // Signs that are others in the compatibility form of Unicode: a slash, dots, a semicolon, a question mark, a percent.
    '/a%EF%BC%8F%EF%BC%8Fb',
    '/a/%EF%BC%8E%EF%BC%8E/b',
    '/a/%E2%80%A6',
    '/a%EF%BC%9Bb',
    '/a%EF%BC%9Fb',
    '/a%EF%BC%852e',
    '/a%EF%BC%BCb',
  ])('that two could read differently is none: %j', (path) => {
    expect(plainPath(path)).toBeNull()
  })
})

describe('the request that is asked about', () => {
  const told = (headers: Record<string, string>) => originalRequest(new Headers(headers))
  it('is what the proxy says, in either of two ways', () => {
    const asked = { method: 'POST', uri: '/a?b=c' }
    expect(told({ 'x-forwarded-method': 'POST', 'x-forwarded-uri': '/a?b=c' })).toEqual(asked)
    expect(told({ 'x-original-method': 'POST', 'x-original-uri': '/a?b=c' })).toEqual(asked)
  })

  it.each([
    {},
    { 'x-forwarded-method': 'GET' },
    { 'x-forwarded-uri': '/a' },
    { 'x-forwarded-method': 'GET', 'x-original-uri': '/a' },
    { 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/a', 'x-original-uri': '/b' },
    { 'x-original-method': 'GET', 'x-original-uri': '/a', 'x-forwarded-method': 'GET' },
    { 'x-original-method': 'get', 'x-original-uri': '/a' },
    { 'x-original-method': 'GET, GET', 'x-original-uri': '/a' },
    { 'x-original-method': 'GET', 'x-original-uri': 'https://evil.example/' },
    { 'x-original-method': 'GET', 'x-original-uri': `/${'x'.repeat(5_000)}` },
  ] as Record<string, string>[])('is unknown where nobody, or a client, can have said it: %j', (headers) => {
    expect(told(headers)).toBeNull()
  })
})
