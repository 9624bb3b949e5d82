import { expect, it } from 'vitest'
import { foldActivity } from '../../../src/audit/folding.ts'
import type { Kept } from '../../../src/audit/kept.ts'

const HOUR = 3_600_000

/** Entries of these types, the newest first, a minute apart and all of one hour unless `at` says otherwise. */
function entries(...given: readonly (string | Partial<Kept>)[]): Kept[] {
  return given.map((one, i) => ({
    id: given.length - i,
    at: 100 * HOUR + (given.length - i),
    severity: 'info' as const,
    userId: 'alice',
    sessionId: null,
    actor: null,
    detail: {},
    ...(typeof one === 'string' ? { type: one } : { type: 'sign-in-failed', ...one }),
  }))
}

const seen = (list: readonly Kept[], most = 30) => {
  const { lines, next } = foldActivity(list, most)
  return [...lines.map(({ type, count }) => `${count} ${type}`), next]
}

it('what can be caused again and again is one line an hour, where its newest entry is', () => {
  const list = entries('sign-in-failed', 'preferences-changed', 'sign-in-failed', 'signed-in', 'preferences-changed')
  expect(seen(list)).toEqual(['2 sign-in-failed', '2 preferences-changed', '1 signed-in', null])
  expect(seen(entries({ at: 102 * HOUR }, { at: 101 * HOUR }, { at: 101 * HOUR }))).toEqual([
    '1 sign-in-failed',
    '2 sign-in-failed',
    null,
  ])
})

it('sign-ins, endings and changes of what guards the account have a line each', () => {
  const list = entries('signed-in', 'signed-in', 'ended', 'ended', 'password-changed', 'password-changed')
  expect(foldActivity(list, 30).lines).toHaveLength(6)
})

it('a sum counts for what it sums up', () => {
  const sum = { type: 'not-kept', detail: { of: 'sign-in-failed', count: 37 } }
  expect(seen(entries('sign-in-failed', sum, 'sign-in-failed'))).toEqual(['39 sign-in-failed', null])
  expect(seen(entries({ type: 'not-kept', detail: { of: 'ended', count: 3 } }, 'ended'))).toEqual([
    '3 ended',
    '1 ended',
    null,
  ])
})

it('a page ends before the line that it has no room for', () => {
  const list = entries('signed-in', 'sign-in-failed', 'ended', 'sign-in-failed', 'signed-in', 'sign-in-failed')
  expect(seen(list, 3)).toEqual(['1 signed-in', '2 sign-in-failed', '1 ended', 3])
})

it('says where they were only if all were in one place', () => {
  const from = (network: string) => ({ detail: { network } })
  const isOnePlace = (...list: (string | Partial<Kept>)[]) => foldActivity(entries(...list), 9).lines[0]?.isOnePlace
  expect(isOnePlace(from('a'), from('a'))).toBe(true)
  expect(isOnePlace(from('a'), from('b'), from('a'))).toBe(false)
  expect(isOnePlace(from('a'), { type: 'not-kept', detail: { of: 'sign-in-failed', count: 2 } })).toBe(false)
})
