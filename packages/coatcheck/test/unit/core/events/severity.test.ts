import { expect, test } from 'vitest'
import type { EventBody } from '../../../../src/core/events/events.ts'
import { severityOf } from '../../../../src/core/events/severity.ts'

const of = { sessionId: 'a', userId: 'ada' } as const

test.each([
  [{ type: 'signed-in', ...of, replaced: null }, 'info'],
  [{ type: 'ended', ...of, reason: 'idle', note: null }, 'info'],
  [{ type: 'ended', ...of, reason: 'reused', note: null }, 'warning'],
  [{ type: 'refused', ...of, reason: 'superseded' }, 'info'],
  [{ type: 'refused', ...of, reason: 'forged' }, 'warning'],
  [{ type: 'refused', ...of, reason: 'ambiguous' }, 'warning'],
  [{ type: 'user-ended', userId: 'ada', note: null, count: 1 }, 'notice'],
  [{ type: 'cookie-withheld', reason: 'too-late', why: 'too late' }, 'warning'],
  [{ type: 'store-failed', operation: 'touch', code: null }, 'error'],
] satisfies readonly (readonly [EventBody, string])[])('%j is of severity %s', (body, expected) => {
  expect(severityOf(body)).toBe(expected)
})
