import { describe, expect, it } from 'vitest'
import { makeKnownBrowsers } from '../../../src/accounts/known-browsers.ts'

const KEY = 'one-key-0123456789-abcdefghijklmnop'
const OTHER = 'another-0123456789-abcdefghijklmnop'
const account = (id: string, passwordChangedAt = 1) => ({ id, passwordChangedAt })
const [alice, bob] = [account('alice'), account('bob')]

describe('a browser', () => {
  const browsers = makeKnownBrowsers(KEY)

  it('is known to the accounts that it has signed in to, with a counter for each', () => {
    const first = browsers.remember('', alice)
    expect(first).toMatch(/^1\.[\w-]{22}\.[\w-]{43}$/)
    const browser = first.split('.')[1]
    expect(browsers.counterOf(first, alice)).toBe(`known:alice:${browser}`)
    expect(browsers.counterOf(first, bob)).toBeNull()
    const both = browsers.remember(first, bob)
    expect([browsers.counterOf(both, alice), browsers.counterOf(both, bob)]).toEqual([
      `known:alice:${browser}`,
      `known:bob:${browser}`,
    ])
    expect(browsers.remember(both, alice).split('.').toSorted()).toEqual(both.split('.').toSorted())
  })

  it('is another one than every other', () => {
    expect(browsers.remember('', alice)).not.toBe(browsers.remember('', alice))
  })

  it('is known to the five accounts that it signed in to last', () => {
    const six = Array.from({ length: 6 }, (_, i) => account(`account-${i}`))
    const cookie = six.reduce((held, one) => browsers.remember(held, one), '')
    expect(six.map((one) => browsers.counterOf(cookie, one) !== null)).toEqual([false, true, true, true, true, true])
  })

  it('is known until the password changes', () => {
    const cookie = browsers.remember('', alice)
    expect(browsers.counterOf(cookie, account('alice', 2))).toBeNull()
  })

  it('is not known by what another one holds for it, nor by anything else', () => {
    const cookie = browsers.remember('', alice)
    const [, , mac = ''] = cookie.split('.')
    const [, other] = browsers.remember('', alice).split('.')
    const wrong = [
      '',
      '1',
      `1.${other}.${mac}`,
      `2${cookie.slice(1)}`,
      `${cookie}.`,
      `${cookie}.x`,
      cookie.slice(0, -1),
    ]
    wrong.push(`1.${other}.${'A'.repeat(43)}`, `1.${other}${`.${mac}`.repeat(6)}`, 'é', '1'.repeat(9000))
    for (const text of wrong) {
      expect(browsers.counterOf(text, alice), text).toBeNull()
      expect(browsers.counterOf(browsers.remember(text, alice), alice), text).not.toBeNull()
    }
    expect(browsers.counterOf(cookie, null)).toBeNull()
  })
})

describe('the keys', () => {
  it('all count, and the newest one writes', () => {
    const before = makeKnownBrowsers(KEY)
    const rotated = makeKnownBrowsers(`${OTHER}\n${KEY}`)
    const after = makeKnownBrowsers(OTHER)
    const cookie = before.remember('', alice)
    expect(rotated.counterOf(cookie, alice)).not.toBeNull()
    expect(after.counterOf(cookie, alice)).toBeNull()
    const renewed = rotated.remember(cookie, alice)
    expect(renewed.split('.')).toHaveLength(3)
    expect(after.counterOf(renewed, alice)).toBe(before.counterOf(cookie, alice))
    expect(before.counterOf(renewed, alice)).toBeNull()
  })
})
