import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  deadlineOf,
  endedAs,
  isLive,
  isRenewalDue,
  isTouchDue,
  predecessorCounts,
  type Timed,
} from '../../../../src/core/record/lifecycle.ts'
import type { Ending, Predecessor } from '../../../../src/core/record/record.ts'

const START = Date.UTC(2026, 0, 1)
const MINUTE = 60_000
const HOUR = 60 * MINUTE

type Ends = Timed & { readonly ended: Ending | null }

function aSession(given: Partial<Ends> = {}): Ends {
  return { lastSeenAt: START, idleFor: 30 * MINUTE, expiresAt: START + 12 * HOUR, ended: null, ...given }
}

const anySession = fc.record({
  lastSeenAt: fc.integer({ min: START, max: START + 24 * HOUR }),
  idleFor: fc.option(fc.integer({ min: 1, max: 24 * HOUR })),
  expiresAt: fc.integer({ min: START, max: START + 24 * HOUR }),
  ended: fc.constant(null),
})

describe('the end of a session', () => {
  test.each([
    ['is the idle one where that comes first', {}, START + 30 * MINUTE, 'idle'],
    [
      'is the absolute one where that comes first',
      { lastSeenAt: START + 12 * HOUR - 1 },
      START + 12 * HOUR,
      'absolute',
    ],
    ['is the absolute one without an idle timeout', { idleFor: null }, START + 12 * HOUR, 'absolute'],
    ['is called absolute where both fall together', { idleFor: 12 * HOUR }, START + 12 * HOUR, 'absolute'],
    ['is called idle one millisecond before that', { idleFor: 12 * HOUR - 1 }, START + 12 * HOUR - 1, 'idle'],
    ['is the absolute one a millisecond after it', { idleFor: 12 * HOUR + 1 }, START + 12 * HOUR, 'absolute'],
  ] as const)('%s', (_, given, at, reason) => {
    const session = aSession(given)
    expect(deadlineOf(session)).toEqual({ at, reason })
    expect([endedAs(session, at - 1), endedAs(session, at), endedAs(session, at + 1)]).toEqual([null, reason, reason])
    expect([isLive(session, at - 1), isLive(session, at)]).toEqual([true, false])
  })

  test('keeps the name of the deadline that came first, long after both', () => {
    expect(endedAs(aSession(), START + 48 * HOUR)).toBe('idle')
    expect(endedAs(aSession({ lastSeenAt: START + 11.9 * HOUR }), START + 48 * HOUR)).toBe('absolute')
    expect(endedAs(aSession({ idleFor: 12 * HOUR }), START + 48 * HOUR)).toBe('absolute')
    expect(endedAs(aSession({ idleFor: null }), START + 48 * HOUR)).toBe('absolute')
  })

  test('by somebody comes before every deadline, whatever the time', () => {
    const ended: Ending = { at: START + HOUR, reason: 'revoked', note: null, keepUntil: START + 24 * HOUR }
    for (const now of [START - HOUR, START, START + HOUR, START + 48 * HOUR]) {
      expect(endedAs(aSession({ ended }), now)).toBe('revoked')
      expect(isLive(aSession({ ended }), now)).toBe(false)
    }
  })

  test('a clock that went back revives nothing that is ended and ends nothing that lives', () => {
    expect(endedAs(aSession(), START - HOUR)).toBeNull()
  })

  test('is at its deadline, to the millisecond, and both rules agree on the reason', async () => {
    await fc.assert(
      fc.property(anySession, fc.nat(1_000_000), (session, after) => {
        const { at, reason } = deadlineOf(session)
        expect(endedAs(session, at - 1)).toBeNull()
        expect(endedAs(session, at)).toBe(reason)
        expect(endedAs(session, at + after)).toBe(reason)
        expect(isLive(session, at - 1 - after)).toBe(true)
      }),
      { seed: 1, numRuns: 500 },
    )
  })

  test('no activity moves the absolute one, and each moves the idle one at most that far', async () => {
    const activities = fc.array(fc.integer({ min: 1, max: HOUR }), { maxLength: 60 })
    await fc.assert(
      fc.property(anySession, activities, (begun, pauses) => {
        let session: Ends = begun
        let now = session.lastSeenAt
        for (const pause of pauses) {
          now += pause
          if (isLive(session, now)) session = { ...session, lastSeenAt: now }
          const { at } = deadlineOf(session)
          expect(at).toBeLessThanOrEqual(begun.expiresAt)
          expect(at).toBeLessThanOrEqual(session.lastSeenAt + (begun.idleFor ?? Number.POSITIVE_INFINITY))
        }
        expect(endedAs(session, begun.expiresAt)).not.toBeNull()
        expect(session.expiresAt).toBe(begun.expiresAt)
      }),
      { seed: 2, numRuns: 300 },
    )
  })
})

describe('activity', () => {
  const seen = { lastSeenAt: START }

  test.each([
    [MINUTE - 1, false],
    [MINUTE, true],
    [MINUTE + 1, true],
    [0, false],
    [-1, false],
    [-HOUR, false],
  ])('%i ms after the last one is to be recorded once a minute: %s', (after, due) => {
    expect(isTouchDue(seen, START + after, MINUTE)).toBe(due)
  })

  test.each([
    [0, false],
    [1, true],
    [-1, false],
  ])('%i ms after the last one is to be recorded each time: %s', (after, due) => {
    expect(isTouchDue(seen, START + after, 0)).toBe(due)
  })

  test('recorded at most once per interval, ends a session at most one interval early and never late', async () => {
    const idleFor = 10 * MINUTE
    await fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 * MINUTE }), fc.array(fc.nat(9 * MINUTE)), (interval, pauses) => {
        let session = aSession({ idleFor, expiresAt: START + 1_000 * HOUR })
        let [now, lastActive] = [START, START]
        for (const pause of pauses) {
          now += pause
          if (!isLive(session, now)) break
          lastActive = now
          if (isTouchDue(session, now, interval)) session = { ...session, lastSeenAt: now }
        }
        const { at } = deadlineOf(session)
        expect(at).toBeLessThanOrEqual(lastActive + idleFor)
        expect(at).toBeGreaterThanOrEqual(lastActive + idleFor - interval)
      }),
      { seed: 3, numRuns: 300 },
    )
  })
})

describe('renewal', () => {
  test.each([
    [HOUR - 1, HOUR, false],
    [HOUR, HOUR, true],
    [HOUR + 1, HOUR, true],
    [-HOUR, HOUR, false],
    [1_000 * HOUR, null, false],
  ])('at an age of %i ms is due every %s ms: %s', (age, every, due) => {
    expect(isRenewalDue({ renewedAt: START }, START + age, every)).toBe(due)
  })
})

describe('the token before the present one', () => {
  const GRACE = 30_000
  const counts = (predecessor: Predecessor | null, now: number, grace = GRACE) =>
    predecessorCounts({ predecessor }, now, grace)
  const unseen: Predecessor = { hash: 'h', nonce: 'n', keyId: 'k', seenAt: null }

  test('is none where there was none', () => {
    expect(counts(null, START)).toBe(false)
  })

  test('counts for as long as its successor has not been seen', () => {
    expect(counts(unseen, START)).toBe(true)
    expect(counts(unseen, START + 1_000 * HOUR)).toBe(true)
    expect(counts(unseen, START, 0)).toBe(true)
  })

  test.each([
    [0, true],
    [GRACE - 1, true],
    [GRACE, false],
    [GRACE + 1, false],
    [-1, true],
  ])('%i ms after its successor was seen it counts: %s', (after, expected) => {
    expect(counts({ ...unseen, nonce: null, seenAt: START }, START + after)).toBe(expected)
  })

  test('without a grace is dead when its successor is seen', () => {
    expect(counts({ ...unseen, seenAt: START }, START, 0)).toBe(false)
  })
})
