import * as fc from 'fast-check'
import { CookieJar } from 'tough-cookie'
import { describe, expect, test } from 'vitest'
import { writeCookie } from '../../../../src/core/http/cookies.ts'
import {
  type CookieSettings,
  channelOf,
  isNavigation,
  makeTransport,
  type RequestLike,
} from '../../../../src/core/http/transport.ts'
import { OptionError } from '../../../../src/errors.ts'

const SETTINGS: CookieSettings = {
  name: 'sid',
  anonymousName: 'vid',
  sameSite: 'lax',
  domain: null,
  partitioned: false,
}

function requestTo(url: string | undefined, headers: Readonly<Record<string, string>> = {}): RequestLike {
  const all = new Headers(headers)
  return { url, headers: { get: (name) => all.get(name) } }
}

function cookiesFor(url: string | undefined, given: Partial<CookieSettings> = {}, insecure = false) {
  return makeTransport({ ...SETTINGS, ...given }, null, insecure).cookiesOf(url)
}

describe('the channel', () => {
  test.each(['https://app.example/', 'https://localhost/', 'https://10.0.0.1:8443/path', undefined])(
    'is secure for %s',
    (url) => {
      expect(channelOf(url)).toBe('secure')
    },
  )

  test.each([
    'http://localhost',
    'http://localhost/',
    'http://localhost:3000/path',
    'http://LOCALHOST/',
    'http://127.0.0.1/',
    'http://127.0.0.1:65535/?a',
    'http://127.255.3.4#top',
    'http://[::1]/',
    'http://[::1]:3000',
    'http://localhost?a=b',
  ])('is this machine for %s', (url) => {
    expect(channelOf(url)).toBe('loopback')
  })

  test.each([
    'http://app.example/',
    'http://localhost.evil.example/',
    'http://localhost@evil.example/',
    'http://localhost:80@evil.example/',
    'http://localhost:pass@evil.example/',
    'http://evil.example/localhost',
    'http://evil.example/?http://localhost/',
    'http://127.0.0.1.evil.example/',
    'http://127.0.0/',
    'http://128.0.0.1/',
    'http://10.0.0.1/',
    'http://[::2]/',
    'http://xlocalhost/',
    'http://localhost.evil.example/',
    'http://.localhost/',
    'http://evil.example#.localhost/',
    'http://acme..localhost/',
    'http://localhost:/',
    ' http://localhost/',
    'ws://localhost/',
    '/localhost',
    '//localhost/',
    '',
  ])('is a network in the clear for %j', (url) => {
    expect(channelOf(url)).toBe('insecure')
  })

  test('of a parsed address is what its scheme and host say', async () => {
    const host = fc.constantFrom('localhost', '127.0.0.1', '127.9.9.9', '[::1]', 'app.example', '126.0.0.1', '[::2]')
    await fc.assert(
      fc.property(fc.constantFrom('http', 'https'), host, fc.nat(65_535), fc.webPath(), (scheme, name, port, path) => {
        const url = new URL(`${scheme}://${name}:${port}${path}`)
        const local = url.hostname === 'localhost' || url.hostname === '[::1]' || url.hostname.startsWith('127.')
        const expected = url.protocol === 'https:' ? 'secure' : local ? 'loopback' : 'insecure'
        expect(channelOf(url.href)).toBe(expected)
      }),
      { seed: 1, numRuns: 300 },
    )
  })
})

test.each(['http://acme.localhost:3000/', 'http://a.b.localhost', 'http://ACME.LOCALHOST/'])(
  'names below localhost are this machine: %s',
  (url) => {
    expect(channelOf(url)).toBe('loopback')
  },
)

describe('a domain that is not that of the request', () => {
  const OF_SHOP = { domain: 'shop.example' }

  test.each(['https://shpo.example/', 'https://xshop.example/', 'https://example/', 'https://192.0.2.1/'])(
    'is withheld, and the reason names both hosts: %s',
    (url) => {
      const { withheld } = cookiesFor(url, OF_SHOP)
      expect(withheld?.reason).toBe('domain')
      expect(withheld?.why).toContain("'shop.example'")
      expect(withheld?.why).toContain(new URL(url).hostname)
    },
  )

  test.each(['https://shop.example/', 'https://www.SHOP.example:8443/', 'https://shop.example./', undefined])(
    'is told from one that is: %s',
    (url) => {
      expect(cookiesFor(url, OF_SHOP).withheld).toBe(null)
    },
  )

  test('is left to the other reason over plain http, and told where that is allowed', () => {
    expect(cookiesFor('http://shpo.example/', OF_SHOP).withheld?.reason).toBe('plain-http')
    expect(cookiesFor('http://shpo.example/', OF_SHOP, true).withheld?.reason).toBe('domain')
  })
})

describe('the cookies', () => {
  test('over https are bound to the host', () => {
    const attributes = { secure: true, sameSite: 'lax', domain: null, partitioned: false }
    expect(cookiesFor('https://app.example/')).toEqual({
      channel: 'secure',
      slots: {
        'signed-in': { name: '__Host-sid', attributes },
        anonymous: { name: '__Host-vid', attributes },
        access: { name: '__Host-sid-access', attributes },
        'pre-session': { name: '__Host-pre', attributes },
      },
      attributes,
      withheld: null,
    })
  })

  test('of a request without an address are those of https', () => {
    expect(cookiesFor(undefined)).toEqual(cookiesFor('https://app.example/'))
  })

  test('with a domain keep only the claim that they came over https', () => {
    const { slots } = cookiesFor('https://app.example/', { domain: 'app.example' })
    expect(Object.values(slots).map(({ name, attributes }) => [name, attributes.domain])).toEqual([
      ['__Secure-sid', 'app.example'],
      ['__Secure-vid', 'app.example'],
      ['__Secure-sid-access', 'app.example'],
      // No other host has a use for the cookie of forms.
      ['__Host-pre', null],
    ])
  })

  test('on this machine have no domain: browsers refuse that of another host', () => {
    const { attributes, name } = cookiesFor('http://localhost:3000/', { domain: 'app.example' }).slots['signed-in']
    const jar = new CookieJar()
    jar.setCookieSync(writeCookie(name, 'token', null, attributes), 'http://localhost:3000/')
    expect(jar.getCookieStringSync('http://localhost:3000/')).toBe('sid=token')
    expect(cookiesFor('http://app.example/', { domain: 'app.example' }, true).attributes.domain).toBe('app.example')
  })

  test('on this machine have no domain over https either, and so keep to the host', () => {
    const shared = { domain: 'app.example' }
    for (const url of ['https://localhost/', 'https://localhost:3000/path', 'https://127.0.0.1/', 'https://[::1]:1/']) {
      expect(cookiesFor(url, shared)).toEqual(cookiesFor('https://app.example/'))
    }
    expect(cookiesFor('https://localhost.app.example/', shared).attributes.domain).toBe('app.example')
    expect(cookiesFor(undefined, shared).attributes.domain).toBe('app.example')
  })

  test('on this machine have no prefix and are not secure, but are sent', () => {
    const attributes = { secure: false, sameSite: 'lax', domain: null, partitioned: false }
    expect(cookiesFor('http://localhost:3000/')).toEqual({
      channel: 'loopback',
      slots: {
        'signed-in': { name: 'sid', attributes },
        anonymous: { name: 'vid', attributes },
        access: { name: 'sid-access', attributes },
        'pre-session': { name: 'pre', attributes },
      },
      attributes,
      withheld: null,
    })
  })

  test('over plain http on a network are withheld, and the reason names both ways out', () => {
    const { withheld, channel } = cookiesFor('http://app.example/')
    expect(channel).toBe('insecure')
    expect(withheld?.reason).toBe('plain-http')
    expect(withheld?.why).toContain('origin:')
    expect(withheld?.why).toContain('insecure: true')
  })

  test('are sent there where the application insists, without prefix', () => {
    const { withheld, slots, attributes } = cookiesFor('http://app.example/', {}, true)
    expect([withheld, slots['signed-in'].name, attributes.secure]).toEqual([null, 'sid', false])
  })

  test('over https are not weakened by insecure', () => {
    expect(cookiesFor('https://app.example/', {}, true)).toEqual(cookiesFor('https://app.example/'))
  })

  test('for other sites need https: without it they are lax and not partitioned', () => {
    const embedded = { sameSite: 'none', partitioned: true } as const
    const of = (url: string) => cookiesFor(url, embedded).attributes
    expect(of('https://app.example/')).toMatchObject({ sameSite: 'none', partitioned: true })
    expect(of('http://localhost/')).toMatchObject({ sameSite: 'lax', partitioned: false })
  })

  test('that are strict stay strict on every channel', () => {
    for (const url of ['https://app.example/', 'http://localhost/', 'http://app.example/']) {
      expect(cookiesFor(url, { sameSite: 'strict' }).attributes.sameSite).toBe('strict')
    }
  })

  test('are the same object for every request of a channel, so that a request allocates none', () => {
    const { cookiesOf } = makeTransport(SETTINGS, null, false)
    expect(cookiesOf('https://a.example/')).toBe(cookiesOf('https://b.example/'))
  })
})

describe('the option origin', () => {
  test.each([
    ['https://app.example', 'secure'],
    ['https://app.example:8443', 'secure'],
    ['http://localhost:3000', 'loopback'],
    ['http://app.example', 'insecure'],
  ])('%s decides, whatever address the request has', (origin, channel) => {
    const { cookiesOf } = makeTransport(SETTINGS, origin, false)
    for (const url of ['http://10.0.0.1/', 'https://other.example/', 'http://localhost/', undefined]) {
      expect(cookiesOf(url).channel).toBe(channel)
    }
  })

  test.each([
    '',
    'app.example',
    'https://app.example/',
    'https://app.example/path',
    'https://APP.example',
    'https://app.example:443',
    'https://user@app.example',
    'https://app.example?a',
    'null',
    'about:blank',
    'file:///tmp',
    'ftp://app.example',
    'wss://app.example',
  ])('%j is none', (origin) => {
    const make = () => makeTransport(SETTINGS, origin, false)
    expect(make).toThrow(OptionError)
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_OPTION', option: 'origin' }))
  })

  test.each([
    ['https://app.example', 'app.example', true],
    ['https://www.app.example:8443', 'APP.example', true],
    ['https://otherapp.example', 'app.example', false],
    ['https://app.example', 'www.app.example', false],
    ['http://app.example', 'other.example', false],
    // Left out there.
    ['http://localhost:3000', 'app.example', true],
    ['https://localhost:3000', 'app.example', true],
  ])('the cookies of %s may name the domain %s: %s', (origin, domain, isAllowed) => {
    const make = () => makeTransport({ ...SETTINGS, domain }, origin, true)
    if (isAllowed) expect(make).not.toThrow()
    else expect(make).toThrow(expect.objectContaining({ code: 'ERR_OPTION', option: 'cookie.domain' }))
  })

  test('wrong names are refused here', () => {
    const make = (given: Partial<CookieSettings>) => () => makeTransport({ ...SETTINGS, ...given }, null, false)
    expect(make({ name: 'a b' })).toThrow(expect.objectContaining({ option: 'cookie.name' }))
    expect(make({ anonymousName: 'sid' })).toThrow(expect.objectContaining({ option: 'cookie.anonymousName' }))
    expect(make({ domain: '.app.example' })).toThrow(expect.objectContaining({ option: 'cookie.domain' }))
  })
})

describe('a navigation', () => {
  const PAGE = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  const isOne = (method: string | undefined, headers: Readonly<Record<string, string>>) =>
    isNavigation({ ...requestTo('https://app.example/', headers), method })

  test('is a GET of a document at the top', () => {
    expect(isOne('GET', PAGE)).toBe(true)
    expect(isOne(undefined, PAGE)).toBe(true)
  })

  test.each([
    ['POST', PAGE],
    ['HEAD', PAGE],
    ['get', PAGE],
    ['GET', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
    ['GET', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
    ['GET', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
    ['GET', { 'sec-fetch-mode': 'navigate' }],
    ['GET', { 'sec-fetch-dest': 'document' }],
    ['GET', {}],
  ])('is not %s with %j', (method, headers) => {
    expect(isOne(method, headers)).toBe(false)
  })
})

test.each([
  ['sid', 'sid.1'],
  ['vid.2', 'vid'],
  ['sid', 'sid-access'],
])('the names %s and %s are those of parts of one another', (name, anonymousName) => {
  expect(() => makeTransport({ ...SETTINGS, name, anonymousName }, null, false)).toThrow(OptionError)
})
