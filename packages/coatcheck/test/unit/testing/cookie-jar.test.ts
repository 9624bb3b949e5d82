import fc from 'fast-check'
import { CookieJar as ToughJar } from 'tough-cookie'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { cookieJar, manualClock, type RequestContext } from '../../../src/testing/index.ts'

const HOME = 'https://app.example/'

/** The header after these lines, all from one place. */
function headerAfter(lines: readonly string[], at: { readonly from?: string; readonly to?: string } = {}) {
  const { from = HOME, to = from } = at
  const jar = cookieJar()
  jar.take(from, lines)
  return jar.header(to)
}

/** Why the line is refused, null where it is taken. */
function refusal(line: string, from = HOME, context?: RequestContext): string | null {
  return cookieJar().take(from, [line], context)[0]?.reason ?? null
}

describe('which hosts get a cookie', () => {
  it.each([
    ['a=1', 'https://app.example/', 'a=1'],
    ['a=1', 'https://APP.example/', 'a=1'],
    ['a=1', 'https://app.example:8443/', 'a=1'],
    ['a=1', 'https://www.app.example/', null],
    ['a=1', 'https://example/', null],
    ['a=1; Domain=app.example', 'https://www.app.example/', 'a=1'],
    ['a=1; Domain=.App.Example', 'https://www.app.example/', 'a=1'],
    ['a=1; Domain=app.example', 'https://otherapp.example/', null],
    ['a=1; Domain=', 'https://www.app.example/', null],
    ['a=1; Domain=app.example; Domain=', 'https://www.app.example/', null],
  ])('%s: %s gets %s', (line, to, header) => {
    expect(headerAfter([line], { to })).toBe(header)
  })

  it.each([
    ['a=1; Domain=other.example', HOME, 'the Domain of another host'],
    ['a=1; Domain=www.app.example', HOME, 'the Domain of another host'],
    ['a=1; Domain=example', HOME, 'a Domain of one label'],
    ['a=1; Domain=0.0.1', 'https://127.0.0.1/', 'the Domain of another host'],
    ['a=1; Domain=127.0.0.1', 'https://127.0.0.1/', null],
    ['a=1; Domain=localhost', 'http://localhost/', null],
  ])('%s from %s: %s', (line, from, reason) => {
    expect(refusal(line, from)).toBe(reason)
  })

  it('a host of one label means itself alone', () => {
    expect(
      headerAfter(['a=1; Domain=localhost'], { from: 'http://localhost/', to: 'http://app.localhost/' }),
    ).toBeNull()
  })

  it('two that differ only in who gets them are two', () => {
    const lines = ['a=own', 'a=all; Domain=app.example']
    expect(headerAfter(lines)).toBe('a=own; a=all')
    expect(headerAfter(lines, { to: 'https://www.app.example/' })).toBe('a=all')
  })
})

describe('which paths get a cookie', () => {
  it.each([
    ['a=1; Path=/one', '/one', 'a=1'],
    ['a=1; Path=/one', '/one/two', 'a=1'],
    ['a=1; Path=/one/', '/one/two', 'a=1'],
    ['a=1; Path=/one/', '/one', null],
    ['a=1; Path=/one', '/onetwo', null],
    ['a=1; Path=/one', '/', null],
    ['a=1; Path=one', '/shop/hats', 'a=1'],
    ['a=1; Path=one', '/other', null],
    ['a=1', '/shop/hats', 'a=1'],
    ['a=1', '/shop', 'a=1'],
    ['a=1', '/', null],
    ['a=1; Path=/one; Path=/', '/', 'a=1'],
    [`a=1; Path=/${'x'.repeat(1_024)}`, '/shop/hats', 'a=1'],
  ])('%s from /shop/list: %s gets %s', (line, path, header) => {
    expect(headerAfter([line], { from: `${HOME}shop/list`, to: `${HOME.slice(0, -1)}${path}` })).toBe(header)
  })

  it('the longest path comes first, then the oldest; one that is overwritten keeps its place', () => {
    const lines = ['a=1; Path=/', 'b=1; Path=/', 'c=1; Path=/one', 'a=2; Path=/']
    expect(headerAfter(lines, { to: `${HOME}one` })).toBe('c=1; a=2; b=1')
  })

  it('one that was deleted begins anew', () => {
    expect(headerAfter(['a=1', 'b=1', 'a=; Max-Age=0', 'a=2'])).toBe('b=1; a=2')
  })
})

describe('Secure', () => {
  it.each([
    ['https://app.example/', null],
    ['wss://app.example/', null],
    ['http://app.example/', 'Secure over plain http'],
    ['http://localhost:3000/', null],
    ['http://app.localhost/', null],
    ['http://127.0.0.1:3000/', null],
    ['http://127.9.9.9/', null],
    ['http://[::1]/', null],
    ['http://128.0.0.1/', 'Secure over plain http'],
    ['http://localhost.example/', 'Secure over plain http'],
    ['http://notlocalhost/', 'Secure over plain http'],
  ])('from %s: %s', (from, reason) => {
    expect(refusal('a=1; Secure', from)).toBe(reason)
    expect(headerAfter(['a=1; Secure'], { from })).toBe(reason === null ? 'a=1' : null)
  })

  it('is not sent over plain http', () => {
    expect(headerAfter(['a=1; Secure', 'b=1'], { to: 'http://app.example/' })).toBe('b=1')
  })

  it.each([
    ['', 'a=2', 'http://app.example/one/', true],
    ['', 'a=2; Path=/one/two', 'http://app.example/', true],
    ['', 'a=2; Path=/', 'http://app.example/one/', false],
    ['', 'a=; Max-Age=0; Path=/one', 'http://app.example/', true],
    ['', 'a=2', 'http://www.app.example/one/', true],
    ['; Domain=www.app.example', 'a=2; Domain=app.example', 'http://app.example/one/', true],
    ['', 'b=2', 'http://app.example/one/', false],
    ['', 'a=2', 'https://app.example/one/', false],
  ])('a=1; Secure%s; Path=/one: %s from %s does not get over it: %s', (domain, line, from, isRefused) => {
    const jar = cookieJar()
    jar.take('https://www.app.example/', [`a=1; Secure; Path=/one${domain || '; Domain=app.example'}`])
    const [refused] = jar.take(from, [line])
    expect(refused?.reason).toBe(isRefused ? 'the name of a Secure cookie, over plain http' : undefined)
  })
})

describe('prefixes', () => {
  it.each([
    ['__Host-a=1; Secure; Path=/', null],
    ['__Host-a=1; Secure', '__host- without Path=/'],
    ['__Host-a=1; Secure; Path=/one', '__host- without Path=/'],
    ['__Host-a=1; Path=/', '__host- without Secure'],
    ['__Host-a=1; Secure; Path=/; Domain=app.example', '__host- with a Domain'],
    ['__HOST-a=1; Path=/', '__host- without Secure'],
    ['__Host-a=1; Secure; Path=/; Domain=localhost', '__host- with a Domain', 'http://localhost/'],
    ['__Secure-a=1; Secure', null],
    ['__Secure-a=1; Secure; Domain=app.example', null],
    ['__secure-a=1', '__secure- without Secure'],
    ['__Http-a=1; Secure; HttpOnly', null],
    ['__Http-a=1; Secure', '__http- without HttpOnly'],
    ['__Host-Http-a=1; Secure; HttpOnly; Path=/', null],
    ['__Host-Http-a=1; Secure; Path=/', '__host-http- without HttpOnly'],
    ['=__Host-a=1; Secure; Path=/', 'a prefix without a name'],
    ['__Secure-a', 'a prefix without a name'],
    ['__Hosta=1', null],
  ])('%s: %s', (line, reason, from = HOME) => {
    expect(refusal(line, from)).toBe(reason)
  })

  it('a deletion that does not meet them deletes nothing', () => {
    const set = '__Host-a=1; Secure; Path=/'
    expect(headerAfter([set, '__Host-a=; Max-Age=0; Path=/'])).toBe('__Host-a=1')
    expect(headerAfter([set, '__Host-a=; Max-Age=0; Path=/; Secure'])).toBeNull()
  })
})

describe('the life of a cookie', () => {
  const lasts = (attributes: string) => {
    const clock = manualClock(Date.UTC(2026, 0, 1))
    const jar = cookieJar({ clock })
    jar.take(HOME, [`a=1${attributes}`])
    const [cookie] = jar.cookies()
    return cookie?.expiresAt == null ? cookie?.expiresAt : (cookie.expiresAt - clock.now()) / 1_000
  }

  it.each([
    ['', null],
    ['; Max-Age=60', 60],
    ['; max-age=60', 60],
    ['; Max-Age=0', undefined],
    ['; Max-Age=-1', undefined],
    ['; Max-Age=60s', null],
    ['; Max-Age=', null],
    ['; Max-Age=99999; Max-Age=60', 60],
    ['; Max-Age=99999999999', 400 * 24 * 3_600],
    ['; Expires=Thu, 01 Jan 2026 00:01:00 GMT', 60],
    ['; Expires=Thu, 01 Jan 1970 00:00:00 GMT', undefined],
    ['; Expires=Thu, 01 Jan 2099 00:00:00 GMT', 400 * 24 * 3_600],
    ['; Expires=soon', null],
    ['; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60', 60],
    ['; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT', 60],
    ['; Max-Age=0; Expires=Thu, 01 Jan 2099 00:00:00 GMT', undefined],
  ])("'%s' gives it %s seconds", (attributes, seconds) => {
    expect(lasts(attributes)).toBe(seconds)
  })

  it('it is sent to the millisecond before, and not from then on', () => {
    const clock = manualClock()
    const jar = cookieJar({ clock })
    jar.take(HOME, ['a=1; Max-Age=60'])
    clock.advance(59_999)
    expect(jar.header(HOME)).toBe('a=1')
    clock.advance(1)
    expect(jar.header(HOME)).toBeNull()
    expect(jar.cookies()).toEqual([])
  })
})

describe('SameSite', () => {
  it.each([
    ['a=1; SameSite=Strict', 'a=1', null, null],
    ['a=1; SameSite=Lax', 'a=1', 'a=1', null],
    ['a=1; samesite=LAX', 'a=1', 'a=1', null],
    ['a=1; SameSite=None; Secure', 'a=1', 'a=1', 'a=1'],
    ['a=1', 'a=1', 'a=1', null],
    ['a=1; SameSite=Strict; SameSite=maybe', 'a=1', 'a=1', null],
  ])('%s is sent: same-site %s, by a link %s, otherwise %s', (line, sameSite, navigation, subrequest) => {
    const jar = cookieJar()
    jar.take(HOME, [line])
    expect([
      jar.header(HOME),
      jar.header(HOME, 'cross-site-navigation'),
      jar.header(HOME, 'cross-site-subrequest'),
    ]).toEqual([sameSite, navigation, subrequest])
  })

  it.each([
    ['a=1; SameSite=None', 'same-site', 'SameSite=None without Secure'],
    ['a=1; SameSite=None; Secure', 'cross-site-subrequest', null],
    ['a=1; SameSite=Lax', 'cross-site-subrequest', 'SameSite in an answer to another site'],
    ['a=1', 'cross-site-subrequest', 'SameSite in an answer to another site'],
    ['a=1; SameSite=Strict', 'cross-site-navigation', null],
  ] as const)('%s in an answer to a %s request: %s', (line, context, reason) => {
    expect(refusal(line, HOME, context)).toBe(reason)
  })
})

describe('the shape of a line', () => {
  it.each([
    ['a = 1 ', 'a=1'],
    ['\ta\t=\t1\t;Path=/', 'a=1'],
    ['a=1=2', 'a=1=2'],
    ['a="1"', 'a="1"'],
    ['a=%20', 'a=%20'],
    ['a=', 'a='],
    ['a', 'a'],
    ['=a', 'a'],
    ['a=1;;; ; Path=/;', 'a=1'],
    ['a=1; Unknown=2; Secure; Partitioned', 'a=1'],
    ['__proto__=1', '__proto__=1'],
    ['é=ü', 'é=ü'],
  ])('%j is sent as %j', (line, header) => {
    expect(headerAfter([line])).toBe(header)
  })

  it.each([
    ['', 'neither a name nor a value'],
    [' = ; Path=/', 'neither a name nor a value'],
    ['a=1; Partitioned', 'Partitioned without Secure'],
    ['a=1\0', 'a control character'],
    ['a=1; Path=/\u007f', 'a control character'],
    [`a=${'x'.repeat(4_095)}`, null],
    [`a=${'x'.repeat(4_096)}`, 'more than 4096 octets'],
    [`a=${'é'.repeat(2_048)}`, 'more than 4096 octets'],
  ])('%j: %s', (line, reason) => {
    expect(refusal(line)).toBe(reason)
  })

  it('the refused line is named', () => {
    expect(cookieJar().take(HOME, ['a=1', 'b=1; Domain=other.example'])).toEqual([
      { line: 'b=1; Domain=other.example', reason: 'the Domain of another host' },
    ])
  })
})

it('a copy goes its own way', () => {
  const jar = cookieJar()
  jar.take(HOME, ['a=1'])
  const copy = jar.copy()
  jar.take(HOME, ['a=2'])
  copy.take(HOME, ['b=1'])
  expect([jar.header(HOME), copy.header(HOME)]).toEqual(['a=2', 'a=1; b=1'])
})

describe('tough-cookie', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  /** Lines and places on which the two have to agree; where tough-cookie is behind the browsers the tables above decide. */
  const hosts = ['example.com', 'a.example.com', 'b.a.example.com', 'example.org', '10.0.0.1']
  const host = fc.constantFrom(...hosts)
  const path = fc.constantFrom('/', '/one', '/one/', '/one/two', '/onetwo')
  const url = fc.tuple(fc.constantFrom('http', 'https'), host, path).map(([scheme, at, to]) => `${scheme}://${at}${to}`)
  const life = fc.constantFrom(
    '',
    '; Max-Age=60',
    '; Max-Age=0',
    '; Max-Age=-5',
    '; Max-Age=x',
    '; Expires=Thu, 01 Jan 2026 00:02:00 GMT',
    '; expires=Thursday, 01-jan-26 00:02:00 GMT',
    '; Expires=Thu Jan  1 00:02:00 2026',
    '; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
    '; Expires=Fri, 30 Feb 2026 00:00:00 GMT',
    '; Expires=Thu, 01 Jan 2026 24:00:00 GMT',
    '; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
  )
  const paths = fc.constantFrom('', '; Path=/', '; Path=/one', '; path=/one/', '; Path=one', '; Path=')
  const own = fc.tuple(fc.constantFrom('a', 'b', 'A'), fc.constant(''))
  const domain = fc.constantFrom('example.com', '.example.com', 'A.Example.com', 'a.example.com', 'example.org')
  const shared = fc.tuple(
    fc.constantFrom('c', 'd'),
    domain.map((name) => `; Domain=${name}`),
  )
  const line = fc
    .tuple(fc.oneof(own, shared), fc.constantFrom('1', '2', '"3"', '4=5', ''), paths, life)
    .map(([[name, at], value, to, lasting]) => `${name}=${value}${at}${to}${lasting}`)
  const safe = fc
    .tuple(fc.constantFrom('s', '__Secure-s', '__Host-s'), fc.nat(9), fc.constantFrom('', '; Path=/', '; Path=/one'))
    .map(([name, value, to]) => `${name}=${value}${to}; Secure`)
  const step = fc.record({
    from: url,
    line,
    safe,
    isSafe: fc.boolean(),
    to: url,
    wait: fc.constantFrom(0, 1_000, 59_000, 60_000),
  })

  /** It keeps what has expired until it is asked for it, and then takes it for what is overwritten. */
  const purge = (jar: ToughJar) => hosts.map((name) => jar.getCookiesSync(`https://${name}/`, { allPaths: true }))

  /** It counts a Max-Age from the last time it was asked, so it gets the date instead. */
  const dated = (text: string, now: number) =>
    text.replace(/; Max-Age=60.*/, `; Expires=${new Date(now + 60_000).toUTCString()}`)

  it('holds and sends the same', () => {
    const property = fc.property(fc.array(step, { maxLength: 30, size: 'max' }), (steps) => {
      const clock = manualClock(Date.UTC(2026, 0, 1))
      vi.useFakeTimers({ toFake: ['Date'] })
      const ours = cookieJar({ clock })
      const theirs = new ToughJar(undefined, { rejectPublicSuffixes: false, prefixSecurity: 'silent' })
      for (const { from, line: usual, safe: secure, isSafe, to, wait } of steps) {
        vi.setSystemTime(clock.now())
        const place = isSafe ? from.replace('http:', 'https:') : from
        const set = isSafe ? secure : usual
        ours.take(place, [set])
        purge(theirs)
        theirs.setCookieSync(dated(set, clock.now()), place, { ignoreError: true })
        purge(theirs)
        vi.setSystemTime(clock.advance(wait))
        expect(ours.header(to) ?? '').toBe(theirs.getCookieStringSync(to))
      }
    })
    fc.assert(property, { seed: 20_260_101, numRuns: 1_000 })
  })
})
