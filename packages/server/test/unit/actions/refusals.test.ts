import { expect, it } from 'vitest'
import { REFUSALS, refused } from '../../../src/actions/refusals.ts'

it('each refusal is an answer to the client: a status of 4xx', () => {
  for (const [code, status] of Object.entries(REFUSALS)) {
    expect([code, status >= 400 && status <= 499]).toEqual([code, true])
  }
})

it('a refusal has the time until it may be tried again only where there is one', () => {
  expect(refused('too-many-attempts', 0)).toEqual({ refused: 'too-many-attempts', retryAfter: 0 })
  expect(refused('name-taken')).toEqual({ refused: 'name-taken' })
})
