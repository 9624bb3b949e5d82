import { describe, expect, test } from 'vitest'
import { arrivalOf } from '../../../../src/core/http/forwarded-request.ts'
import type { ProxyOptions } from '../../../../src/core/http/proxies.ts'
import { makeSettings } from '../../../../src/core/sessions/options.ts'
import { modelStore } from '../../../../src/testing/index.ts'
import { anApp } from '../app.ts'

const claims = {
  'x-forwarded-for': '203.0.113.7',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'app.example',
  forwarded: 'for=203.0.113.7;proto=https;host=app.example',
}

function arrival(trustProxy: ProxyOptions | undefined, url: string | undefined, headers: Record<string, string>) {
  const settings = makeSettings({ store: modelStore(), keys: 'a-signing-key-of-arriving-0123456789', trustProxy })
  const all = new Headers(headers)
  const request = { url, headers: { get: (name: string) => all.get(name) } }
  return arrivalOf(settings, request, { address: '10.0.0.9', label: 'a label' })
}

describe('a request', () => {
  test('is what it says of itself: nothing that was forwarded is believed', () => {
    expect(arrival(undefined, 'http://internal:8080/x', claims)).toEqual({
      url: 'http://internal:8080/x',
      client: { address: '10.0.0.9', label: 'a label' },
    })
  })

  test('is what the named proxies say of it, and keeps what else is known of the client', () => {
    expect(arrival({ hops: 1 }, 'http://internal:8080/x', claims)).toEqual({
      url: 'https://app.example/',
      client: { address: '203.0.113.7', label: 'a label' },
    })
    const networks = ['10.0.0.0/8']
    expect(arrival({ networks, header: 'forwarded' }, 'http://internal:8080/x', claims).url).toBe(
      'https://app.example/',
    )
  })

  test('keeps of itself what they do not say', () => {
    const from = { 'x-forwarded-for': '203.0.113.7' }
    expect(arrival({ hops: 1 }, 'http://internal:8080/x', from).url).toBe('http://internal:8080/x')
    const scheme = { ...from, 'x-forwarded-proto': 'https' }
    expect(arrival({ hops: 1 }, 'http://internal:8080/x', scheme).url).toBe('https://internal:8080/')
    const host = { ...from, 'x-forwarded-host': 'app.example' }
    expect(arrival({ hops: 1 }, 'http://internal:8080/x', host).url).toBe('http://app.example/')
    expect(arrival({ hops: 1 }, undefined, claims).url).toBe(undefined)
    expect(arrival({ hops: 1 }, 'no address', claims).url).toBe('no address')
    expect(arrival({ hops: 1 }, 'http://internal/', {}).client).toEqual({ address: '10.0.0.9', label: 'a label' })
  })
})

test('an application is told where a request was meant to go and whose it is, as far as proxies are believed', () => {
  const headers = new Headers({ 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' })
  const request = new Request('http://shop.example/cart', { headers })
  const client = { address: '10.0.0.1' }
  expect(anApp().sessions.arrival(request, client)).toEqual({ origin: 'http://shop.example', address: '10.0.0.1' })
  const behind = anApp({ trustProxy: { hops: 1 } }).sessions
  expect(behind.arrival(request, client)).toEqual({ origin: 'https://shop.example', address: '203.0.113.7' })
  const named = anApp({ origin: 'https://own.example' }).sessions
  expect(named.arrival(request)).toEqual({ origin: 'https://own.example', address: null })
})

test('the scheme of the request stays where the proxy says the host alone', () => {
  const settings = makeSettings({
    store: modelStore(),
    keys: 'a-signing-key-of-requests-0123456789ab',
    trustProxy: { hops: 1 },
  })
  const headers = new Headers({ 'x-forwarded-for': '203.0.113.7', 'x-forwarded-host': 'shop.example' })
  expect(arrivalOf(settings, { url: 'http://internal:8080/x', headers }, { address: '10.0.0.1' }).url).toBe(
    'http://shop.example/',
  )
})
