import { parseCookie } from 'cookie'
import * as fc from 'fast-check'
import { Cookie, CookieJar } from 'tough-cookie'
import { describe, expect, test } from 'vitest'
import {
  type CookieAttributes,
  checkCookieOptions,
  deleteCookie,
  LONGEST_COOKIE_HEADER,
  LONGEST_MAX_AGE,
  readCookie,
  type SameSite,
  writeCookie,
} from '../../../../src/core/http/cookies.ts'
import { OptionError } from '../../../../src/errors.ts'

const HOST_ONLY: CookieAttributes = { secure: true, sameSite: 'lax', domain: null, partitioned: false }
const EPOCH = 'Expires=Thu, 01 Jan 1970 00:00:00 GMT'

/** What a `Cookie` header holds for a name, in the plain words of RFC 6265bis 5.7. */
function plainly(header: string, name: string): string[] {
  const values = header
    .split(';')
    .filter((pair) => pair.includes('='))
    .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)].map(trimmed))
    .flatMap(([key, value]) => (key === name && value !== undefined ? [unquoted(value) ?? ''] : []))
  return [...new Set(values)].slice(0, 4)
}

function unquoted(text: string | undefined): string | undefined {
  return text?.replace(/^"([\s\S]*)"$/, '$1')
}

function trimmed(text: string): string {
  return text.replace(/^[ \t]+/, '').replace(/[ \t]+$/, '')
}

describe('reading', () => {
  test.each([
    ['no header', null, []],
    ['an empty header', '', []],
    ['the only one', 'sid=a', ['a']],
    ['the first', 'sid=a; b=c', ['a']],
    ['the last', 'b=c; sid=a', ['a']],
    ['one between others', 'b=c; sid=a; d=e', ['a']],
    ['without blanks', 'b=c;sid=a;d=e', ['a']],
    ['with many blanks', ' \t b=c ;\t sid \t=\t a \t;d=e', ['a']],
    ['with a semicolon at both ends', ';sid=a;', ['a']],
    ['an empty value', 'sid=', ['']],
    ['an empty value before another', 'sid= ; b=c', ['']],
    ['a value of blanks', 'sid=  \t ', ['']],
    ['a value with = in it', 'sid=a=b==', ['a=b==']],
    ['a value that begins with =', 'sid==a', ['=a']],
    ['a value in quotes, which are no part of it', 'sid="a"', ['a']],
    ['the same value with and without quotes', 'sid="a"; sid=a', ['a']],
    ['attributes of older standards beside a value in quotes', '$Version=1; sid="a"; $Path="/"', ['a']],
    ['quotes around nothing', 'sid=""', ['']],
    ['a quote alone', 'sid="', ['"']],
    ['a quote at one end', 'sid="a; sid=b"', ['"a', 'b"']],
    ['a semicolon inside quotes, which ends it', 'sid="a;b"', ['"a']],
    ['a value with blanks inside', 'sid=a b\tc', ['a b\tc']],
    ['percent encodings, as they are', 'sid=%61%3b%00%zz', ['%61%3b%00%zz']],
    ['a comma, which separates nothing', 'sid=a, sid=b', ['a, sid=b']],
    ['the same value twice', 'sid=a; sid=a', ['a']],
    ['two values', 'sid=a; sid=b', ['a', 'b']],
    ['two values that differ in case', 'sid=a; sid=A', ['a', 'A']],
    ['at most four values', 'sid=1; sid=2; sid=3; sid=4; sid=5', ['1', '2', '3', '4']],
    ['the fourth different one after repetitions', 'sid=1; sid=1; sid=2; sid=2; sid=3; sid=4', ['1', '2', '3', '4']],
    ['a name in other case', 'SID=a; Sid=b', []],
    ['a longer name', 'xsid=a; sidx=b; sid.=c; _sid=d', []],
    ['the same name behind a prefix', '__Host-sid=a; __Secure-sid=b', []],
    ['a name without =', 'sid; b=sid', []],
    ['the name as a value', 'b=sid; c=sid=a', []],
    ['the name after blanks inside a value', 'b=c sid=a', []],
    ['a line end in front of the name', 'b=c;\nsid=a', []],
    ['a no-break space in front of the name', 'b=c;\u00a0sid=a', []],
    ['NUL behind the name', 'sid\0=a', []],
    ['NUL in the value', 'sid=a\0b', ['a\0b']],
  ])('%s', (_, header, values) => {
    expect(readCookie(header, 'sid')).toEqual(values)
  })

  test.each(['__proto__', 'constructor', 'toString', 'length'])('%s is a name as any other', (name) => {
    expect(readCookie('a=b', name)).toEqual([])
    expect(readCookie(`a=b; ${name}=c`, name)).toEqual(['c'])
    expect(readCookie('__proto__=polluted', 'sid')).toEqual([])
  })

  test('looks into a header of 16 KB and into none that is longer', () => {
    const filled = (length: number) => `sid=a; b=${'x'.repeat(length - 9)}`
    expect(filled(LONGEST_COOKIE_HEADER)).toHaveLength(16_384)
    expect(readCookie(filled(LONGEST_COOKIE_HEADER), 'sid')).toEqual(['a'])
    expect(readCookie(filled(LONGEST_COOKIE_HEADER + 1), 'sid')).toEqual([])
  })

  test('any bytes are read as the plain words of the standard have it', async () => {
    const bytes = fc.uint8Array({ maxLength: 80 }).map((some) => Buffer.from(some).toString('latin1'))
    const near = fc.array(fc.constantFrom('sid', 's', '=', ';', ' ', '\t', '; ', 'a', '"', '\n', '\0', ',', 'é'), {
      maxLength: 24,
    })
    await fc.assert(
      fc.property(
        fc.oneof(
          bytes,
          near.map((parts) => parts.join('')),
          fc.string({ unit: 'binary' }),
        ),
        (header) => {
          expect(readCookie(header, 'sid')).toEqual(plainly(header, 'sid'))
          expect(readCookie(header, 's')).toEqual(plainly(header, 's'))
        },
      ),
      { seed: 1, numRuns: 1_000 },
    )
  })

  test('among other cookies the value is the one that the package cookie finds', async () => {
    const name = fc.constantFrom('sid', 'SID', 'xsid', 'sid2', 'vid', '__Host-sid', '$sid')
    const value = fc.string({ unit: fc.constantFrom(...'abc019=%"/+-_.~ ,sid'), maxLength: 12 })
    const header = fc.array(fc.tuple(name, fc.constantFrom('=', ' =', '= ', ' = '), value), { maxLength: 8 })
    await fc.assert(
      fc.property(header, fc.constantFrom(';', '; ', ' ;\t'), (pairs, separator) => {
        const text = pairs.map((parts) => parts.join('')).join(separator)
        const theirs = parseCookie(text, { decode: (raw) => raw })
        for (const wanted of ['sid', 'vid', '__Host-sid'])
          expect(readCookie(text, wanted)[0]).toBe(unquoted(theirs[wanted]))
      }),
      { seed: 2, numRuns: 1_000 },
    )
  })
})

describe('writing', () => {
  test.each([
    ['host-only', HOST_ONLY, null, 'a=b; Path=/; Secure; HttpOnly; SameSite=Lax'],
    ['on plain http', { ...HOST_ONLY, secure: false }, null, 'a=b; Path=/; HttpOnly; SameSite=Lax'],
    [
      'with a domain',
      { ...HOST_ONLY, domain: 'example.org' },
      null,
      'a=b; Path=/; Domain=example.org; Secure; HttpOnly; SameSite=Lax',
    ],
    ['strict', { ...HOST_ONLY, sameSite: 'strict' }, null, 'a=b; Path=/; Secure; HttpOnly; SameSite=Strict'],
    [
      'for other sites',
      { ...HOST_ONLY, sameSite: 'none', partitioned: true },
      null,
      'a=b; Path=/; Secure; HttpOnly; SameSite=None; Partitioned',
    ],
    ['that lasts', HOST_ONLY, 60, 'a=b; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=60'],
    ['that lasts whole seconds', HOST_ONLY, 60.999, 'a=b; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=60'],
  ] as const)('a cookie %s', (_, attributes, maxAge, line) => {
    expect(writeCookie('a', 'b', maxAge, attributes)).toBe(line)
  })

  test('an age is cut at 400 days', () => {
    expect(LONGEST_MAX_AGE).toBe(400 * 24 * 60 * 60)
    const ageOf = (maxAge: number) => Cookie.parse(writeCookie('a', 'b', maxAge, HOST_ONLY))?.maxAge
    expect(ageOf(LONGEST_MAX_AGE)).toBe(LONGEST_MAX_AGE)
    expect(ageOf(LONGEST_MAX_AGE + 1)).toBe(LONGEST_MAX_AGE)
    expect(ageOf(LONGEST_MAX_AGE - 1)).toBe(LONGEST_MAX_AGE - 1)
    expect(ageOf(Number.POSITIVE_INFINITY)).toBe(LONGEST_MAX_AGE)
  })

  test('a value takes exactly the characters of the grammar', () => {
    // RFC 6265bis 4.1.1: cookie-octet
    const isOctet = (code: number) =>
      code === 0x21 ||
      (code >= 0x23 && code <= 0x2b) ||
      (code >= 0x2d && code <= 0x3a) ||
      (code >= 0x3c && code <= 0x5b) ||
      (code >= 0x5d && code <= 0x7e)
    for (let code = 0; code <= 0x200; code++) {
      const write = () => writeCookie('sid', `a${String.fromCharCode(code)}b`, null, HOST_ONLY)
      if (isOctet(code)) expect(write()).toContain(`sid=a${String.fromCharCode(code)}b; `)
      else expect(write).toThrow(RangeError)
    }
    expect(() => writeCookie('sid', 'a\n', null, HOST_ONLY)).toThrow(RangeError)
  })

  test('tough-cookie reads what was written', async () => {
    const octets = fc.string({ unit: fc.constantFrom(..."abzAZ09-_.~!#$%&()*+/:<=>?@[]^`{|}'"), maxLength: 60 })
    const attributes = fc.record({
      secure: fc.boolean(),
      sameSite: fc.constantFrom<SameSite>('lax', 'strict', 'none'),
      domain: fc.constantFrom(null, 'example.org', 'a.example.org'),
      partitioned: fc.boolean(),
    })
    await fc.assert(
      fc.property(octets, fc.option(fc.integer({ min: 1, max: 10 ** 9 })), attributes, (value, maxAge, at) => {
        const cookie = Cookie.parse(writeCookie('sid', value, maxAge, at))
        expect(cookie).toMatchObject({ key: 'sid', value, path: '/', httpOnly: true, secure: at.secure })
        expect([cookie?.sameSite, cookie?.domain]).toEqual([at.sameSite, at.domain])
        expect(cookie?.maxAge).toBe(maxAge === null ? null : Math.min(maxAge, LONGEST_MAX_AGE))
        expect(cookie?.extensions).toEqual(at.partitioned ? ['Partitioned'] : null)
      }),
      { seed: 3, numRuns: 500 },
    )
  })
})

describe('deleting', () => {
  const places = [
    ['__Host-sid', HOST_ONLY],
    ['__Secure-sid', { ...HOST_ONLY, domain: 'example.org' }],
    ['sid', { ...HOST_ONLY, secure: false }],
    ['__Host-sid', { ...HOST_ONLY, sameSite: 'none', partitioned: true }],
  ] as const

  test.each(places)('%s repeats every attribute of setting it: %j', (name, at) => {
    const set = writeCookie(name, 'token', null, at)
    expect(deleteCookie(name, at)).toBe(`${set.replace('=token;', '=;')}; Max-Age=0; ${EPOCH}`)
  })

  test.each(places)('%s is gone from a jar that insists on the prefixes: %j', (name, at) => {
    const url = `${at.secure ? 'https' : 'http'}://www.example.org/deep/path`
    const jar = new CookieJar(null, { prefixSecurity: 'strict' })
    const cookies = () => jar.getCookiesSync(url).map((cookie) => `${cookie.key}=${cookie.value}`)
    jar.setCookieSync(writeCookie(name, 'token', 60, at), url)
    expect(cookies()).toEqual([`${name}=token`])
    jar.setCookieSync(deleteCookie(name, at), url)
    expect(cookies()).toEqual([])
  })

  test('leaves the cookie of the same name at another place alone', () => {
    const url = 'https://www.example.org/'
    const jar = new CookieJar()
    jar.setCookieSync(writeCookie('sid', 'host', null, HOST_ONLY), url)
    jar.setCookieSync(deleteCookie('sid', { ...HOST_ONLY, domain: 'example.org' }), url)
    expect(jar.getCookieStringSync(url)).toBe('sid=host')
  })
})

describe('options', () => {
  const at = { domain: null, sameSite: 'lax', partitioned: false } as const
  const optionOf = (check: () => void) => {
    try {
      check()
      return null
    } catch (error) {
      return error instanceof OptionError ? error.option : error
    }
  }

  test.each(['', ' ', 'a b', 'a=b', 'a;b', 'a,b', '"a"', 'a\n', 'é', 'a/b', 'a@b', 'x'.repeat(65)])(
    '%j is no name',
    (name) => {
      expect(optionOf(() => checkCookieOptions([name, 'vid'], at))).toBe('cookie.name')
      expect(optionOf(() => checkCookieOptions(['sid', name], at))).toBe('cookie.name')
    },
  )

  test.each(['__Host-sid', '__host-sid', '__Secure-sid', '__SECURE-', '__Http-sid', '__Host-Http-sid'])(
    '%j has a prefix that is not for the application to write',
    (name) => {
      expect(optionOf(() => checkCookieOptions([name], at))).toBe('cookie.name')
    },
  )

  test('two sessions need two names', () => {
    expect(optionOf(() => checkCookieOptions(['sid', 'sid'], at))).toBe('cookie.anonymousName')
    expect(optionOf(() => checkCookieOptions(['sid', 'SID'], at))).toBeNull()
    expect(optionOf(() => checkCookieOptions(['x'.repeat(64), "!#$%&'*+-.^_`|~09AZaz"], at))).toBeNull()
  })

  test.each([
    '',
    '.example.org',
    'https://example.org',
    'example.org:8080',
    'example.org/',
    'example..org',
    'example.org.',
    'a b',
    'a;b',
    '-a.org',
    'x'.repeat(254),
  ])('%j is no domain', (domain) => {
    expect(optionOf(() => checkCookieOptions(['sid'], { ...at, domain }))).toBe('cookie.domain')
  })

  test.each(['example.org', 'EXAMPLE.org', 'a-b.example.org', 'localhost', '127.0.0.1', 'xn--bcher-kva.example'])(
    '%j is a domain',
    (domain) => {
      expect(optionOf(() => checkCookieOptions(['sid'], { ...at, domain }))).toBeNull()
    },
  )

  test.each(['Lax', 'None', '', 'toString', '__proto__', null])('%j is no sameSite', (sameSite) => {
    const given = { ...at, sameSite: sameSite as SameSite }
    expect(optionOf(() => checkCookieOptions(['sid'], given))).toBe('cookie.sameSite')
  })

  test.each(['lax', 'strict', 'none'] as const)('%j is a sameSite', (sameSite) => {
    expect(optionOf(() => checkCookieOptions(['sid'], { ...at, sameSite }))).toBeNull()
  })
})
