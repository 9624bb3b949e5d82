import { describe, expect, test } from 'vitest'
import { makeForwardedReader, type ProxyOptions } from '../../../../src/core/http/proxies.ts'

const read = (options: ProxyOptions, headers: Record<string, string>, peer: string | null = '10.0.0.9') => {
  const all = new Headers(headers)
  const { address, scheme, host } = makeForwardedReader(options)({ get: (name) => all.get(name) }, peer)
  return [address, scheme, host]
}
const NOTHING = [null, null, null]
const x = (addresses: string, scheme = 'https', host = 'app.example') => ({
  'x-forwarded-for': addresses,
  'x-forwarded-proto': scheme,
  'x-forwarded-host': host,
})

describe('so many proxies', () => {
  test('each added one address: the client is the one before the last of them', () => {
    expect(read({ hops: 1 }, x('203.0.113.7'))).toEqual(['203.0.113.7', 'https', 'app.example'])
    expect(read({ hops: 2 }, x('203.0.113.7, 10.0.0.1'))).toEqual(['203.0.113.7', 'https', 'app.example'])
  })

  test('what the client wrote itself stands before that, and is not believed', () => {
    expect(read({ hops: 1 }, x('192.0.2.66, 203.0.113.7'))[0]).toBe('203.0.113.7')
    expect(read({ hops: 2 }, x('192.0.2.66, 203.0.113.7, 10.0.0.1'))[0]).toBe('203.0.113.7')
  })

  test('fewer entries than proxies: somebody went round one, and nothing is believed', () => {
    expect(read({ hops: 2 }, x('203.0.113.7'))).toEqual(NOTHING)
    expect(read({ hops: 1 }, {})).toEqual(NOTHING)
  })

  test('that tell no address: the scheme is believed all the same, as the last of them tell it, and the name is not', () => {
    const told = (schemes: string) => ({ 'x-forwarded-proto': schemes, 'x-forwarded-host': 'evil.example' })
    expect(read({ hops: 1 }, told('https'))).toEqual([null, 'https', null])
    expect(read({ hops: 1 }, told('https, http'))).toEqual([null, 'http', null])
    expect(read({ hops: 2 }, told('http, https, http'))).toEqual([null, 'https', null])
    expect(read({ hops: 2 }, told('https'))).toEqual(NOTHING)
    expect(read({ networks: ['10.0.0.0/8'] }, told('https'))).toEqual([null, 'https', null])
    expect(read({ networks: ['10.0.0.0/8'] }, told('https'), '192.0.2.66')).toEqual(NOTHING)
  })

  test('what a client wrote before the schemes and names of the proxies is not believed', () => {
    const forged = x('192.0.2.66, 203.0.113.7', 'http, https', 'evil.example, app.example')
    expect(read({ hops: 1 }, forged)).toEqual(['203.0.113.7', 'https', 'app.example'])
    const longer = x('203.0.113.7', 'http, https', 'evil.example, app.example')
    expect(read({ hops: 1 }, longer)).toEqual(['203.0.113.7', 'https', 'app.example'])
  })

  test('that each add a scheme: the one beside the client’s address counts', () => {
    expect(read({ hops: 2 }, x('203.0.113.7, 10.0.0.1', 'https, http', 'app.example, internal'))).toEqual([
      '203.0.113.7',
      'https',
      'app.example',
    ])
  })
})

describe('proxies in networks', () => {
  const networks = ['10.0.0.0/8', '2001:db8::/32']

  test('that forward nothing: nothing is known of the client', () => {
    expect(read({ networks }, {})).toEqual(NOTHING)
  })

  test('the first address from behind that is no proxy’s is the client', () => {
    expect(read({ networks }, x('192.0.2.66, 203.0.113.7, 10.1.2.3'))[0]).toBe('203.0.113.7')
    expect(read({ networks }, x('203.0.113.7, 2001:db8::5'), '::ffff:10.0.0.9')[0]).toBe('203.0.113.7')
  })

  test('who comes from elsewhere is no proxy, whatever it forwards', () => {
    expect(read({ networks }, x('203.0.113.7'), '192.0.2.66')).toEqual(NOTHING)
    expect(read({ networks }, x('203.0.113.7'), null)).toEqual(NOTHING)
    expect(read({ networks }, x('203.0.113.7'), 'not an address')).toEqual(NOTHING)
  })

  test('what is no address is no proxy’s either, so nothing before it is believed', () => {
    expect(read({ networks }, x('203.0.113.7, unknown, 10.0.0.1'))[0]).toBe(null)
  })

  test('a request that began at a proxy is that proxy’s', () => {
    expect(read({ networks }, x('10.0.0.2, 10.0.0.1'))[0]).toBe('10.0.0.2')
  })
})

describe('the header Forwarded', () => {
  const header = 'forwarded' as const
  test.each([
    ['for=203.0.113.7;proto=https;host=app.example', ['203.0.113.7', 'https', 'app.example']],
    ['For="[2001:db8::7]:4711";Proto=HTTPS', ['2001:db8::7', 'https', null]],
    ['for=192.0.2.66, for="203.0.113.7:80" ; host="app.example:8443"', ['203.0.113.7', null, 'app.example:8443']],
    ['for=unknown;proto=https', [null, 'https', null]],
    ['for=_hidden', NOTHING],
    ['proto=gopher;host=a b', NOTHING],
    ['host="evil.example/path"', NOTHING],
    [';;=;,', NOTHING],
  ])('%s', (text, expected) => {
    expect(read({ hops: 1, header }, { forwarded: text })).toEqual(expected)
  })

  test('and the others are each other’s: only the one that the proxies set is looked at', () => {
    expect(read({ hops: 1, header }, x('203.0.113.7'))).toEqual(NOTHING)
    expect(read({ hops: 1 }, { forwarded: 'for=203.0.113.7;proto=https' })).toEqual(NOTHING)
  })
})

describe('the options', () => {
  test.each([
    [{}, 'trustProxy'],
    [{ hops: 1, networks: ['10.0.0.0/8'] }, 'trustProxy'],
    [{ hops: 0 }, 'trustProxy.hops'],
    [{ hops: 1.5 }, 'trustProxy.hops'],
    [{ networks: ['10.0.0.0/99'] }, 'trustProxy.networks'],
    [{ networks: ['loopback'] }, 'trustProxy.networks'],
    [{ hops: 1, header: 'x-real-ip' as 'forwarded' }, 'trustProxy.header'],
  ])('%j is refused by its name', (options, option) => {
    expect(() => makeForwardedReader(options)).toThrow(expect.objectContaining({ code: 'ERR_OPTION', option }))
  })
})
