import { describe, expect, it } from 'vitest'
import { isFromOwnPages } from '../../src/own-pages.tsx'

const OWN = 'http://localhost:3000'
const none = { method: 'POST', site: undefined, origin: undefined, referer: undefined, own: OWN }

describe('an unsafe request', () => {
  it.each([
    ['same-origin', true],
    // Typed into the address bar, or opened from a bookmark: no page made it.
    ['none', true],
    ['same-site', false],
    ['cross-site', false],
    ['', false],
    ['same-origin, same-origin', false],
  ])('with Sec-Fetch-Site "%s" is from our own pages: %s', (site, expected) => {
    expect(isFromOwnPages({ ...none, site })).toBe(expected)
    // What an older header says does not matter then.
    expect(isFromOwnPages({ ...none, site, origin: OWN })).toBe(expected)
    expect(isFromOwnPages({ ...none, site, origin: 'https://evil.example', referer: 'https://evil.example/' })).toBe(
      expected,
    )
  })

  it.each([
    [OWN, true],
    ['http://localhost:3001', false],
    ['https://localhost:3000', false],
    ['http://localhost:3000.evil.example', false],
    ['null', false],
    ['', false],
    [`${OWN}, ${OWN}`, false],
  ])('without Fetch Metadata and with Origin "%s": %s', (origin, expected) => {
    expect(isFromOwnPages({ ...none, origin })).toBe(expected)
    expect(isFromOwnPages({ ...none, origin, referer: `${OWN}/login` })).toBe(expected)
  })

  it.each([
    [`${OWN}/login?next=/x`, true],
    ['https://evil.example/http://localhost:3000/', false],
    ['about:blank', false],
    ['', false],
  ])('with nothing but Referer "%s": %s', (referer, expected) => {
    expect(isFromOwnPages({ ...none, referer })).toBe(expected)
  })

  it('with none of the three comes from no browser', () => {
    expect(isFromOwnPages(none)).toBe(true)
  })
})

it.each(['PUT', 'PATCH', 'DELETE', 'TRACE', 'CONNECT', 'BREW', 'get'])('%s is unsafe', (method) => {
  expect(isFromOwnPages({ ...none, method, site: 'cross-site' })).toBe(false)
})

it.each(['GET', 'HEAD', 'OPTIONS'])('%s is safe from anywhere', (method) => {
  expect(isFromOwnPages({ ...none, method, site: 'cross-site', origin: 'https://evil.example' })).toBe(true)
})
