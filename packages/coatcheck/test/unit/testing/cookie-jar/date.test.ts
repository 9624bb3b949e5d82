import fc from 'fast-check'
import { parseDate } from 'tough-cookie'
import { expect, it } from 'vitest'
import { parseCookieDate } from '../../../../src/testing/cookie-jar/date.ts'

const NEW_YEAR = Date.UTC(2026, 0, 1, 0, 2, 3)

it.each([
  ['Thu, 01 Jan 2026 00:02:03 GMT', NEW_YEAR],
  ['Thursday, 01-Jan-26 00:02:03 GMT', NEW_YEAR],
  ['Thu Jan  1 00:02:03 2026', NEW_YEAR],
  ['1 january 2026 0:2:3', NEW_YEAR],
  ['00:02:03 2026 1 Jan', NEW_YEAR],
  ['01 Jan 70 00:00:00', 0],
  ['01 Jan 99 00:00:00', Date.UTC(1999, 0, 1)],
  ['01 Jan 69 00:00:00', Date.UTC(2069, 0, 1)],
  ['31 Dec 1600 00:00:00', null],
  ['30 Feb 2026 00:00:00', null],
  ['29 Feb 2028 00:00:00', Date.UTC(2028, 1, 29)],
  ['00 Jan 2026 00:00:00', null],
  ['01 Jan 2026 24:00:00', null],
  ['01 Jan 2026 23:60:00', null],
  ['01 Jan 2026 23:59:60', null],
  ['01 Jan 2026', null],
  ['01 2026 00:00:00', null],
  ['Jan 2026 00:00:00 GMT', null],
  ['01 Jan 00:00:00', null],
  ['2026-01-01T00:02:03Z', null],
  ['', null],
])('%j is %s', (text, at) => {
  expect(parseCookieDate(text)).toBe(at)
})

it('tough-cookie reads the same', () => {
  const number = (max: number) => fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, '0'))
  const token = fc.oneof(
    number(40),
    fc.tuple(number(25), number(61), number(61)).map((parts) => parts.join(':')),
    fc.constantFrom('Jan', 'feb', 'DECEMBER', 'Ma', 'Thu', 'GMT', '2026', '26', '1600', '99', 'x1'),
  )
  const delimiter = fc.constantFrom(' ', '-', ', ', '/', '.')
  const text = fc
    .array(fc.tuple(token, delimiter), { minLength: 3, maxLength: 7 })
    .map((parts) => parts.flat().join(''))
  const usual = fc
    .tuple(number(32), fc.constantFrom('Jan', 'Feb', 'Apr'), fc.constantFrom('2026', '28', '1999'), number(25))
    .map(([day, month, year, hour]) => `Thu, ${day} ${month} ${year} ${hour}:59:59 GMT`)
  const property = fc.property(fc.oneof(text, usual), (date) => {
    expect(parseCookieDate(date)).toBe(parseDate(date)?.getTime() ?? null)
  })
  fc.assert(property, { seed: 20_260_101, numRuns: 3_000 })
})
