import { describe, expect, test } from 'vitest'
import { type CsrfOptions, makeCsrf } from '../../../../src/core/csrf/options.ts'
import { defaults } from '../../../../src/core/sessions/options.ts'
import { createSessions, OptionError } from '../../../../src/index.ts'
import { modelStore } from '../../../../src/testing/index.ts'

const settingsOf = (given: CsrfOptions = {}) => makeCsrf({ ...defaults.csrf, ...given } as Required<CsrfOptions>, null)
const at = (url: string | undefined) => ({ url, headers: new Headers() })

test('by default everything is protected, and nobody trusted', () => {
  const { isExempt, ...others } = settingsOf()
  expect(others).toEqual({
    own: null,
    trusted: new Set(),
    refererFallback: false,
    reportOnly: false,
    requireToken: false,
    requireOrigin: false,
  })
  expect([isExempt(at('https://app.example/')), isExempt(at(undefined))]).toEqual([false, false])
})

test.each([
  'https://partner.example/',
  'partner.example',
  'https://*.partner.example',
  'HTTPS://PARTNER.example',
  'https://partner.example:443',
  'https://partner.example/path',
  'capacitor://localhost/',
  'capacitor:',
  '://localhost',
  'ws://partner.example',
  'null',
  '*',
  '',
])('%j is no origin to trust', (origin) => {
  expect(() => settingsOf({ trustedOrigins: [origin] })).toThrow(OptionError)
})

test.each([
  'https://partner.example',
  'http://localhost:3000',
  'https://partner.example:8443',
  'capacitor://localhost',
  'ionic://localhost',
  'tauri://localhost',
  'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
  'moz-extension://6d9d6f5a-1c1e-4d6f-9f0e-0c1d2e3f4a5b',
])('%j is trusted as it stands', (origin) => {
  const { trusted } = settingsOf({ trustedOrigins: [origin] })
  expect([trusted.has(origin), trusted.has(`${origin}x`)]).toEqual([true, false])
})

test.each(['https://*.preview.example', 'file:///', 'file://host', 'javascript://x', 'ws://partner.example'])(
  'the refusal of %j names it',
  (origin) => {
    expect(() => settingsOf({ trustedOrigins: [origin] })).toThrow(`csrf.trustedOrigins: '${origin}' is`)
  },
)

test('a pattern is told what to write instead', () => {
  expect(() => settingsOf({ trustedOrigins: ['https://*.preview.example'] })).toThrow('write a function of the origin')
})

test('a function decides on origins alone, and by true alone', () => {
  const asked: string[] = []
  const { trusted } = settingsOf({
    trustedOrigins: (origin) => {
      asked.push(origin)
      return /^https:\/\/[a-z0-9-]+\.preview\.example$/.test(origin)
    },
  })
  const given = [
    'https://pr-7.preview.example',
    'https://evil.example',
    'null',
    'junk',
    'https://a.preview.example/path',
  ]
  expect(given.map((origin) => trusted.has(origin))).toEqual([true, false, false, false, false])
  expect(asked).toEqual(given.slice(0, 2))
})

describe('an exempt path', () => {
  const { isExempt } = settingsOf({ exempt: ['/hooks/payment'] })
  test.each([
    'https://app.example/hooks/payment',
    'https://app.example/hooks/payment?x=1#y',
    'http://localhost:3000/hooks/payment?/',
  ])('is that of %s', (url) => {
    expect(isExempt(at(url))).toBe(true)
  })

  test.each([
    'https://app.example/hooks/payment/',
    'https://app.example/hooks/payments',
    'https://app.example/Hooks/payment',
    'https://app.example/x/hooks/payment',
    'https://app.example/transfer?/hooks/payment',
    'https://app.example/transfer#/hooks/payment',
    'https://app.example/transfer/../hooks/payment',
    'https://app.example//hooks/payment',
    'https://app.example/hooks%2Fpayment',
    'https://app.example?/hooks/payment',
    '/hooks/payment',
    '',
    undefined,
  ])('is not that of %s', (url) => {
    expect(isExempt(at(url))).toBe(false)
  })

  test.each(['hooks', '', '/hooks?x', '/hooks#x', 'https://app.example/hooks'])('is not %j', (path) => {
    expect(() => settingsOf({ exempt: [path] })).toThrow(OptionError)
  })
})

test('what asks for tokens is one of three', () => {
  for (const requireToken of [true, false, 'forms'] as const)
    expect(settingsOf({ requireToken })).toMatchObject({ requireToken })
  expect(() => settingsOf({ requireToken: 'form' as 'forms' })).toThrow(OptionError)
})

test.each(['name', 'anonymousName'])('no session takes the name of the forms’ cookie (%s)', (option) => {
  const keys = 'a-signing-key-of-csrf-options-0123456789'
  expect(() => createSessions({ store: modelStore(), keys, cookie: { [option]: 'pre' } })).toThrow(OptionError)
})
