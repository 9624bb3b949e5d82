// The requirements of ASVS 5.0 about headers and redirects, one test for each, through each adapter.
import { describe, expect, test } from 'vitest'
import { returnPath } from '../../../src/index.ts'
import { memoryStore } from '../../../src/stores/memory.ts'
import { adapterCase, headerOf as headerOfReceived } from '../../../src/testing/adapter-contract/kit.ts'
import { makeSecurityHeaders } from '../../../src/web/security-headers.ts'
import { guarded, guardedServers, headerOf } from '../adapters/guarded.ts'
import { testRows } from './rows.ts'

/** What Express answers where no handler is found is its own, with a policy of its own. */
const EXPRESS_OWN = "default-src 'none'"
const PAGES = ['/open', '/mine', '/admin', '/nowhere']
const HTML = { accept: 'text/html', 'sec-fetch-dest': 'document' }

describe.each(Object.entries(guardedServers))('%s', (name, make) => {
  /** What a header says on answers of all kinds. */
  async function everywhere(header: string, options: { readonly tls?: boolean } = {}) {
    const { at } = await guarded(make, options)
    return await Promise.all(PAGES.map(async (path) => headerOf(await at(path), header) ?? null))
  }
  const all = (value: unknown) => PAGES.map(() => value)
  const policies = (value: unknown) =>
    PAGES.map((path) => (name.startsWith('express') && path === '/nowhere' ? EXPRESS_OWN : value))

  test('ASVS 3.2.1: what is meant for programs says so exactly, and is nothing to sniff or to render', async () => {
    const { at } = await guarded(make)
    const answer = await at('/admin')
    expect(headerOf(answer, 'content-type')).toBe('application/problem+json; charset=utf-8')
    expect(headerOf(answer, 'x-content-type-options')).toBe('nosniff')
    expect(headerOf(answer, 'content-security-policy')).toContain("frame-ancestors 'none'")
  })

  test('ASVS 3.4.1: over TLS browsers are told to stay there, for a year and subdomains too; in the clear they are not', async () => {
    expect(await everywhere('strict-transport-security', { tls: true })).toEqual(
      all('max-age=31536000; includeSubDomains'),
    )
    expect(await everywhere('strict-transport-security')).toEqual(all(null))
  })

  test('ASVS 3.4.2: no other origin is let in', async () => {
    const { at } = await guarded(make)
    for (const path of PAGES) {
      const answer = await at(path, { origin: 'https://evil.example' })
      expect(headerOf(answer, 'access-control-allow-origin')).toBeUndefined()
      expect(headerOf(answer, 'access-control-allow-credentials')).toBeUndefined()
    }
  })

  test('ASVS 3.4.3: the policy of content forbids objects and bases', async () => {
    expect(await everywhere('content-security-policy')).toEqual(
      policies(expect.stringContaining("object-src 'none'; base-uri 'none'")),
    )
  })

  test('ASVS 3.4.4: nosniff', async () => {
    expect(await everywhere('x-content-type-options')).toEqual(all('nosniff'))
  })

  test('ASVS 3.4.5: no path leaves with the Referer', async () => {
    expect(await everywhere('referrer-policy')).toEqual(all('strict-origin-when-cross-origin'))
  })

  test('ASVS 3.4.6: nobody frames an answer', async () => {
    expect(await everywhere('content-security-policy')).toEqual(
      policies(expect.stringContaining("frame-ancestors 'none'")),
    )
  })

  test('ASVS 3.4.8: Cross-Origin-Opener-Policy', async () => {
    expect(await everywhere('cross-origin-opener-policy')).toEqual(all('same-origin'))
  })

  test('ASVS 3.5.8: Cross-Origin-Resource-Policy', async () => {
    expect(await everywhere('cross-origin-resource-policy')).toEqual(all('same-origin'))
  })

  test('ASVS 3.7.2: a refused page leads to the sign-in here, whatever was asked for', async () => {
    const { at } = await guarded(make)
    for (const path of ['/mine?next=https://evil.example', '/mine?%0d%0aLocation:%20https://evil.example']) {
      const location = headerOf(await at(path, { ...HTML, cookie: '' }), 'location') ?? ''
      expect(location).toMatch(/^\/login\?next=%2F[^/\r\n:]*$/)
      const { searchParams } = new URL(location, 'http://own.invalid')
      expect(returnPath(searchParams.get('next'))).toMatch(/^\/mine\?/)
    }
  })

  test('ASVS 4.1.1: every answer of ours with a body says its type and charset', async () => {
    const { at } = await guarded(make)
    expect(headerOf(await at('/admin', HTML), 'content-type')).toBe('text/plain; charset=utf-8')
    expect(headerOf(await at('/mine', { cookie: '' }), 'content-type')).toBe('application/problem+json; charset=utf-8')
  })
})

test('ASVS 3.4.7: a place for reports can be named', () => {
  const { headers } = makeSecurityHeaders({ csp: { 'report-to': ['csp'] } })(true)
  expect(headers['content-security-policy']).toMatch(/; report-to csp$/)
})

test.each([
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  'https://evil.example',
  'javascript:alert(1)',
  '/.//evil.example',
  '/a\r\nSet-Cookie: sid=x',
  '/\t/evil.example',
  'evil.example',
  '',
])('ASVS 3.7.2: %j is no path to return to', (wanted) => {
  expect(returnPath(wanted, { fallback: '/home' })).toBe('/home')
})

const INTERNAL = 'disk /dev/sda1 of db.internal is full'

testRows([
  adapterCase(
    null,
    'ASVS 4.1.3: what a client says was forwarded is not believed',
    () => ({
      '/address': async (session) => {
        const one = await session()
        one.data.n = 1
        return { body: 'noted' }
      },
    }),
    async ({ signedIn, sessions, served }) => {
      await signedIn()
      const forged = {
        'x-forwarded-for': '203.0.113.9',
        'x-real-ip': '203.0.113.9',
        forwarded: 'for=203.0.113.9;proto=https;host=evil.example',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'evil.example',
      }
      const answer = await served.send({ path: '/sign-in', headers: forged })
      // Were the scheme believed, the cookie had a prefix.
      expect(headerOfReceived(answer, 'set-cookie')).toMatch(/^sid=/)
      for (const { client } of await sessions.list('ada')) expect(client?.address).not.toBe('203.0.113.9')
    },
  ),
  adapterCase(
    null,
    'ASVS 16.5.1: an outage is answered in general words',
    () => ({}),
    async ({ signedIn }) => {
      const ada = await signedIn()
      const answer = await ada.visit('/me')
      expect(answer.status).toBeGreaterThanOrEqual(500)
      expect(JSON.stringify([answer.headers, answer.body])).not.toContain(INTERNAL)
    },
    { store: { ...memoryStore(), read: () => Promise.reject(new Error(INTERNAL)) } },
  ),
])
