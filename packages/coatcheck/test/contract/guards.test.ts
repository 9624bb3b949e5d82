// Guards and security headers in each framework, over real sockets.
import { describe, expect, test } from 'vitest'
import { guarded, guardedServers, headerOf, isForwarded } from './adapters/guarded.ts'

const HTML = { accept: 'text/html', 'sec-fetch-dest': 'document' }

describe.each(Object.entries(guardedServers))('%s', (_, make) => {
  test('lets through whose session is what is required', async () => {
    const { at } = await guarded(make)
    for (const path of ['/mine', '/edit', '/fresh', '/check']) {
      const { status, body } = await at(path)
      expect([path, status, body]).toEqual([path, 200, 'let through'])
    }
  })

  test('leads a page to the sign-in and tells a script why, and neither answer may be kept', async () => {
    const { at } = await guarded(make)
    const page = await at('/below/edit?x=1', { ...HTML, cookie: '' })
    expect([page.status, headerOf(page, 'location'), page.body]).toEqual([
      303,
      '/login?next=%2Fbelow%2Fedit%3Fx%3D1',
      '',
    ])
    const script = await at('/mine', { cookie: '' })
    expect([script.status, JSON.parse(script.body).reason]).toEqual([401, 'signed-out'])
    for (const answer of [page, script]) expect(headerOf(answer, 'cache-control')).toBe('no-store')
  })

  test('forbids what the role does not allow, and asks for a fresh sign-in when the last is old', async () => {
    const { at, clock } = await guarded(make)
    expect((await at('/admin', HTML)).body).toBe('Forbidden. You may not do this.\n')
    expect(JSON.parse((await at('/admin')).body)).toMatchObject({ status: 403, reason: 'forbidden', role: 'admin' })
    clock.advance('5m')
    const stale = await at('/fresh', HTML)
    expect([stale.status, headerOf(stale, 'location')]).toEqual([303, '/reauth?next=%2Ffresh'])
    expect(JSON.parse((await at('/fresh')).body)).toMatchObject({ status: 401, reason: 'stale', maxAge: 300 })
  })

  test('sends HSTS where TLS ends at a proxy, if it is told so, for all requests or for each', async () => {
    const always = await guarded((sessions) => make(sessions, { secure: true }))
    expect(headerOf(await always.at('/open'), 'strict-transport-security')).toMatch(/^max-age=31536000/)
    const asked = await guarded((sessions) => make(sessions, { secure: isForwarded }))
    for (const scheme of ['https', 'http']) {
      const hsts = headerOf(await asked.at('/open', { 'x-forwarded-proto': scheme }), 'strict-transport-security')
      expect([scheme, hsts !== undefined]).toEqual([scheme, scheme === 'https'])
    }
  })

  test('sends the security headers with every answer, and hands the nonce to the page', async () => {
    const { at } = await guarded(make)
    const open = await at('/open')
    expect(open.body).toMatch(/^[A-Za-z0-9_-]{22}$/)
    expect(headerOf(open, 'content-security-policy')).toContain(`script-src 'nonce-${open.body}'`)
    expect((await at('/open')).body).not.toBe(open.body)
    for (const answer of [open, await at('/admin'), await at('/mine')]) {
      expect(headerOf(answer, 'content-security-policy')).toContain("object-src 'none'; base-uri 'none'")
      expect(headerOf(answer, 'x-content-type-options')).toBe('nosniff')
      expect(headerOf(answer, 'strict-transport-security')).toBe(undefined)
    }
  })
})
