import { describe, expect, test } from 'vitest'
import { isPreflighted, isSimpleType, isUnsafe, originOf, provenanceOf } from '../../../../src/core/csrf/provenance.ts'

const OWN = 'https://app.example'
const TRUSTED = 'https://partner.example'
const rule = { own: OWN, trusted: new Set([TRUSTED]), refererFallback: false }

function headers(given: Readonly<Record<string, string | null>>) {
  const held = new Map(Object.entries(given))
  return { get: (name: string) => held.get(name) ?? null }
}

/**
 * What the headers say, written out by hand from the layers: a row for each value of `Sec-Fetch-Site`, a column for each
 * `Origin`. `+` allowed, `?` undecided, else the reason's first letters.
 */
const REASONS = {
  cs: 'cross-site',
  ss: 'same-site',
  us: 'unknown-site',
  oo: 'opaque-origin',
  fo: 'foreign-origin',
} as const

const ORIGINS: readonly (readonly [name: string, origin: string | null])[] = [
  ['no Origin', null],
  ['our own', OWN],
  ['our own host, another port', 'https://app.example:8443'],
  ['our own host over http', 'http://app.example'],
  ['the trusted one', TRUSTED],
  ['evil', 'https://evil.example'],
  ['null', 'null'],
  ['malformed', 'app.example'],
  ['empty', ''],
  ['our own twice', `${OWN}, ${OWN}`],
  ['our own and evil', `${OWN}, https://evil.example`],
  ['our own with a slash', `${OWN}/`],
  ['our own in capitals', 'HTTPS://APP.EXAMPLE'],
  ['ours as a prefix', `${OWN}.evil.example`],
  ['the trusted one with a port', `${TRUSTED}:444`],
]

const TABLE: readonly (readonly [site: string | null, row: string])[] = [
  //               -  own port http trus evil null malf empt twic both slash caps pref t:444
  [null, '         ?  +   fo   fo   +    fo   oo   fo   fo   fo   fo   fo    fo   fo   fo'],
  ['none', '       +  +   +    +    +    +    +    +    +    +    +    +     +    +    +'],
  ['same-origin', '+  +   +    +    +    +    +    +    +    +    +    +     +    +    +'],
  ['same-site', '  ss ss  ss   ss   +    ss   ss   ss   ss   ss   ss   ss    ss   ss   ss'],
  ['cross-site', ' cs cs  cs   cs   +    cs   cs   cs   cs   cs   cs   cs    cs   cs   cs'],
  ['junk', '       us us  us   us   us   us   us   us   us   us   us   us    us   us   us'],
  ['', '           us us  us   us   us   us   us   us   us   us   us   us    us   us   us'],
  ['Same-Origin', 'us us  us   us   us   us   us   us   us   us   us   us    us   us   us'],
  ['same-origin, same-origin', 'us us us us us us us us us us us us us us us'],
  ['same-origin, cross-site', ' us us us us us us us us us us us us us us us'],
]

function expectedOf(mark: string) {
  if (mark === '+') return 'allowed'
  if (mark === '?') return 'undecided'
  return { blocked: REASONS[mark as keyof typeof REASONS] }
}

describe('an unsafe request', () => {
  const rows = TABLE.flatMap(([site, row]) => {
    const marks = row.trim().split(/\s+/)
    expect(marks).toHaveLength(ORIGINS.length)
    return ORIGINS.map(([name, origin], i) => ({ site, name, origin, expected: expectedOf(marks[i]!) }))
  })

  test.for(rows)('with Sec-Fetch-Site $site and $name is as the table says', ({ site, origin, expected }) => {
    expect(provenanceOf(headers({ 'sec-fetch-site': site, origin }), rule)).toEqual(expected)
  })

  test('has no origin of its own where that is not known', () => {
    const blind = { ...rule, own: null }
    expect(provenanceOf(headers({ origin: OWN }), blind)).toEqual({ blocked: 'foreign-origin' })
    expect(provenanceOf(headers({ origin: 'null' }), blind)).toEqual({ blocked: 'opaque-origin' })
    expect(provenanceOf(headers({ origin: TRUSTED }), blind)).toBe('allowed')
  })
})

describe('the Referer', () => {
  const believing = { ...rule, refererFallback: true }
  test.each([
    ['our own', `${OWN}/form?x=1`, 'allowed'],
    ['the trusted one', `${TRUSTED}/`, 'allowed'],
    ['evil', 'https://evil.example/', { blocked: 'foreign-referer' }],
    ['evil with ours in its path', `https://evil.example/${OWN}`, { blocked: 'foreign-referer' }],
    ['evil with ours as its user', 'https://app.example@evil.example/', { blocked: 'foreign-referer' }],
    ['unreadable', 'app.example', { blocked: 'foreign-referer' }],
    ['empty', '', { blocked: 'foreign-referer' }],
    ['of no origin', 'about:blank', { blocked: 'foreign-referer' }],
    ['missing', null, 'undecided'],
  ] as const)('%s', (_, referer, expected) => {
    expect(provenanceOf(headers({ referer }), believing)).toEqual(expected)
    expect(provenanceOf(headers({ referer }), rule)).toBe('undecided')
  })

  test('says nothing where Origin or Sec-Fetch-Site has spoken', () => {
    const referer = `${OWN}/`
    expect(provenanceOf(headers({ referer, origin: 'null' }), believing)).toEqual({ blocked: 'opaque-origin' })
    expect(provenanceOf(headers({ referer, 'sec-fetch-site': 'same-site' }), believing)).toEqual({
      blocked: 'same-site',
    })
  })

  test('of no origin is not taken for an own origin that is not known', () => {
    expect(provenanceOf(headers({ referer: 'about:blank' }), { ...believing, own: null })).toEqual({
      blocked: 'foreign-referer',
    })
  })
})

describe('unsafe', () => {
  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'CONNECT', 'QUERY', 'MOVE', 'get', 'Get', 'GET ', ''])(
    'is the method %j',
    (method) => {
      expect(isUnsafe({ method, headers: headers({}) })).toBe(true)
    },
  )

  test.each(['GET', 'HEAD', 'OPTIONS', undefined])('is not the method %s', (method) => {
    expect(isUnsafe({ method, headers: headers({}) })).toBe(false)
  })

  test.each(['websocket', 'WebSocket', 'h2c, websocket'])('is a GET that upgrades to %s', (upgrade) => {
    expect(isUnsafe({ method: 'GET', headers: headers({ upgrade }) })).toBe(true)
  })

  test('is not a GET that upgrades to something else', () => {
    expect(isUnsafe({ method: 'GET', headers: headers({ upgrade: 'h2c' }) })).toBe(false)
  })

  test('is not decided by a header that names another method', () => {
    const override = { 'x-http-method-override': 'GET', 'x-http-method': 'GET', 'x-method-override': 'GET' }
    expect(isUnsafe({ method: 'POST', headers: headers(override) })).toBe(true)
    expect(isUnsafe({ method: 'GET', headers: headers({ 'x-http-method-override': 'DELETE' }) })).toBe(false)
  })
})

describe('a content type', () => {
  test.each([
    null,
    '',
    ' ',
    'text/plain',
    'TEXT/PLAIN',
    ' text/plain ; charset=utf-8',
    'text/plain;application/json',
    'multipart/form-data; boundary=application/json',
    'application/x-www-form-urlencoded',
    'text/plain, application/json',
    'application/json, text/plain',
    'application json',
    'json',
    '/json',
    ';application/json',
  ])('%j is one that a form or any page may send', (type) => {
    expect(isSimpleType(type)).toBe(true)
    expect(isPreflighted(headers({ 'content-type': type }))).toBe(false)
  })

  test.each(['application/json', 'Application/JSON; charset=utf-8', 'application/vnd.api+json', 'text/xml'])(
    '%j is one that another site may not send unasked',
    (type) => {
      expect(isSimpleType(type)).toBe(false)
      expect(isPreflighted(headers({ 'content-type': type }))).toBe(true)
    },
  )

  test('of a form is as good as JSON with a header that no form can set', () => {
    expect(isPreflighted(headers({ 'content-type': 'text/plain', 'x-requested-with': 'XMLHttpRequest' }))).toBe(true)
  })
})

test.each([
  ['https://app.example/a?b#c', 'https://app.example'],
  ['https://app.example:443/', 'https://app.example'],
  ['HTTP://App.Example:8080', 'http://app.example:8080'],
  ['http://[::1]:3000/', 'http://[::1]:3000'],
  ['file:///etc/passwd', null],
  ['data:text/html,x', null],
  ['not a url', null],
  ['', null],
  [undefined, null],
])('the origin of %j is %j', (url, expected) => {
  expect(originOf(url)).toBe(expected)
})
