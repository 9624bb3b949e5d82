import { describe, expect, test } from 'vitest'
import * as errors from '../../src/errors.ts'

const each = [
  new errors.OptionError('policy.idle', 'at most an hour.'),
  new errors.KeyError('too short.'),
  new errors.DataError('type', 'cart', 'cart', 'a Date cannot be stored.'),
  new errors.NewerDataError(2, 1),
  new errors.StoreUnavailableError('read', 'out.'),
  new errors.StoreTimeoutError('update', 'unknown', 'no answer.'),
  new errors.StoreFullError('full.'),
  new errors.SignOutUnconfirmedError(),
  new errors.SessionEndedError('idle'),
  new errors.UserChangedError(),
  new errors.SessionLimitError(3),
  new errors.NotSignedInError(),
  new errors.NotFreshError({ maxAge: 1, level: null }),
  new errors.ContentionError('cart', 64),
  new errors.CookieWithheldError(),
  new errors.CsrfError('unproven'),
  new errors.ReadOnlyError(),
] as const

test('every error of ours is here', () => {
  const classes = Object.values(errors).filter((value) => value !== errors.CoatcheckError)
  expect(new Set(each.map((error) => error.constructor))).toEqual(new Set(classes))
})

describe.each(each.map((error) => [error.code, error] as const))('%s', (_, error) => {
  test('has what frameworks read, as its own properties', () => {
    const { status, headers } = error.problem ?? { status: 500, headers: {} }
    for (const name of ['status', 'statusCode', 'headers', 'expose', 'code', 'name']) {
      expect(Object.getOwnPropertyDescriptor(error, name)).toMatchObject({ writable: true })
    }
    expect([error.status, error.statusCode, error.expose]).toEqual([status, status, status < 500])
    expect(error.headers).toMatchObject(headers)
    expect(error.name).toBe(error.constructor.name)
  })

  test('takes what error handlers assign', () => {
    const copy = Object.assign(error, { status: 418, statusCode: 418, expose: true, headers: { 'x-own': 'yes' } })
    expect([copy.status, copy.statusCode, copy.expose, copy.headers]).toEqual([418, 418, true, { 'x-own': 'yes' }])
  })
})
