import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Predecessor, SessionRecord } from '../../../../src/core/record/record.ts'
import { judge } from '../../../../src/tokens/opaque/verdict.ts'
import { aRecord, HOUR, MINUTE, START } from '../../core/records.ts'

const GRACE = 30_000
const equal = (a: string, b: string) => a === b
const PRESENT = 'present-hash'
const OLD = 'old-hash'
const unseen: Predecessor = { hash: OLD, nonce: 'nonce', keyId: 'key', seenAt: null }

function verdictOf(record: SessionRecord | null, hash: string, generation: number, now = START, grace = GRACE) {
  return judge(record, { hash, generation }, now, grace, equal)
}

describe('a token', () => {
  test('of no record is unknown', () => {
    expect(verdictOf(null, PRESENT, 0)).toEqual({ status: 'unknown' })
  })

  test('with the present secret counts, whatever generation it claims', () => {
    const record = aRecord({ generation: 3 })
    for (const generation of [0, 3, 4]) {
      expect(verdictOf(record, PRESENT, generation)).toEqual({ status: 'active', record, by: 'secret' })
    }
  })

  test('with the secret before counts until the successor is seen, and then for the grace', () => {
    const record = aRecord({ generation: 1, predecessor: unseen })
    const active = { status: 'active', record, by: 'predecessor' }
    expect(verdictOf(record, OLD, 0)).toEqual(active)
    const seen = aRecord({ generation: 1, predecessor: { ...unseen, nonce: null, seenAt: START } })
    expect(verdictOf(seen, OLD, 0, START + GRACE - 1)).toEqual({ ...active, record: seen })
    expect(verdictOf(seen, OLD, 0, START + GRACE)).toEqual({ status: 'superseded', record: seen })
  })

  test('of an earlier generation is superseded, of this one or a later one unknown', () => {
    const record = aRecord({ generation: 3, predecessor: { ...unseen, hash: 'another' } })
    expect(verdictOf(record, OLD, 0)).toEqual({ status: 'superseded', record })
    expect(verdictOf(record, OLD, 2)).toEqual({ status: 'superseded', record })
    expect(verdictOf(record, OLD, 3)).toEqual({ status: 'unknown' })
    expect(verdictOf(record, OLD, 4)).toEqual({ status: 'unknown' })
  })

  test('without a predecessor in the record is superseded at once', () => {
    const record = aRecord({ generation: 1 })
    expect(verdictOf(record, OLD, 0)).toEqual({ status: 'superseded', record })
  })

  test.each([
    ['idle', START + 30 * MINUTE, {}],
    ['absolute', START + 12 * HOUR, { idleFor: null }],
    ['revoked', START, { ended: { at: START, reason: 'revoked', note: null, keepUntil: START + HOUR } }],
  ] as const)('of a session that is over hears %s, by whichever secret, known or not', (reason, now, fields) => {
    const record = aRecord({ generation: 1, predecessor: unseen, ...fields })
    for (const hash of [PRESENT, OLD, 'another']) {
      expect(verdictOf(record, hash, 0, now)).toEqual({ status: 'ended', record, reason })
    }
  })

  test('counts one millisecond before its deadline', () => {
    expect(verdictOf(aRecord(), PRESENT, 0, START + 30 * MINUTE - 1).status).toBe('active')
  })
})

test('hashes are compared by what was given, so that it takes the same time for all', () => {
  const compared: string[][] = []
  const record = aRecord({ generation: 1, predecessor: unseen })
  judge(record, { hash: 'guess', generation: 0 }, START, GRACE, (a, b) => {
    compared.push([a, b])
    return false
  })
  expect(compared).toEqual([
    ['guess', PRESENT],
    ['guess', OLD],
  ])
})

test('whatever is presented, only the present secret and a predecessor that counts are active', async () => {
  const hash = fc.constantFrom(PRESENT, OLD, 'guess')
  const predecessor = fc.option(fc.record({ seenAt: fc.option(fc.integer({ min: START, max: START + HOUR })) }))
  await fc.assert(
    fc.property(hash, fc.nat(4), fc.nat(4), predecessor, fc.nat(2 * HOUR), (presented, claimed, generation, of, ms) => {
      const now = START + ms
      const record = aRecord({ generation, predecessor: of && { ...unseen, ...of } })
      const { status } = verdictOf(record, presented, claimed, now)
      const lives = ms < 30 * MINUTE
      const counts = of !== null && (of.seenAt === null || now < of.seenAt + GRACE)
      const active = lives && (presented === PRESENT || (presented === OLD && counts))
      expect(status === 'active').toBe(active)
      expect(status === 'ended').toBe(!lives)
      if (status === 'superseded') expect(claimed).toBeLessThan(generation)
    }),
    { seed: 1, numRuns: 500 },
  )
})
