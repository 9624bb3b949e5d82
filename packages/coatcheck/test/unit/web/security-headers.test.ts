import { describe, expect, test } from 'vitest'
import { seeded } from '../../../src/testing/index.ts'
import { makeSecurityHeaders } from '../../../src/web/security-headers.ts'

const runtime = () => ({ random: seeded('headers').bytes })

describe('the security headers', () => {
  test('are safe without a word', () => {
    const { headers } = makeSecurityHeaders({}, runtime())(true)
    expect(headers).toEqual({
      'content-security-policy':
        "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'strict-origin-when-cross-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    })
  })

  test('speak of https over https alone', () => {
    expect(makeSecurityHeaders({}, runtime())(false).headers).not.toHaveProperty('strict-transport-security')
  })

  test('take directives beside the defaults, in place of them, and away', () => {
    const csp = { 'img-src': ["'self'", 'data:'], 'frame-ancestors': ["'self'"], 'form-action': [] }
    expect(makeSecurityHeaders({ csp }, runtime())(true).headers['content-security-policy']).toBe(
      "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'self'; img-src 'self' data:",
    )
  })

  test('carry a nonce that no other answer has', () => {
    const make = makeSecurityHeaders(
      { csp: { 'script-src': ["'nonce'"], 'style-src': ["'self'", "'nonce'"] } },
      runtime(),
    )
    const [first, second] = [make(true), make(true)]
    expect(first.nonce).toMatch(/^[A-Za-z0-9_-]{22}$/)
    expect(second.nonce).not.toBe(first.nonce)
    const policy = first.headers['content-security-policy']
    expect(policy).toContain(`script-src 'nonce-${first.nonce}'; style-src 'self' 'nonce-${first.nonce}'`)
  })

  test('leave the policy out where that is said by name', () => {
    const { headers } = makeSecurityHeaders({ csp: 'none-without-protection' }, runtime())(true)
    expect(headers).not.toHaveProperty('content-security-policy')
    expect(headers['x-content-type-options']).toBe('nosniff')
  })

  test.each([
    [{ csp: { 'img src': ['x'] } }, 'csp.img src'],
    [{ csp: { 'img-src': ["'self'; script-src *"] } }, 'csp.img-src'],
    [{ csp: { 'img-src': ['a, b'] } }, 'csp.img-src'],
    [{ csp: { 'img-src': ['a\r\nb'] } }, 'csp.img-src'],
    [{ hsts: -1 }, 'hsts'],
    [{ hsts: 1.5 }, 'hsts'],
    [{ referrerPolicy: 'no-referrer\r\nX: y' }, 'referrerPolicy'],
    [{ crossOriginOpenerPolicy: '' }, 'crossOriginOpenerPolicy'],
    [{ crossOriginResourcePolicy: 'A' }, 'crossOriginResourcePolicy'],
  ])('refuse %j by the name of the option', (options, option) => {
    expect(() => makeSecurityHeaders(options, runtime())).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION', option }),
    )
  })
})
