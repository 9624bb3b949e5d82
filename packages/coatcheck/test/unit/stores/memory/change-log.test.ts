import { describe, expect, test } from 'vitest'
import { StoreUnavailableError } from '../../../../src/errors.ts'
import { ChangeLog } from '../../../../src/stores/memory/change-log.ts'

const START = 1_000

/** A log of at most `most` entries with these, each given by the time until which it is kept. */
function logOf(most: number, ...keptUntil: readonly number[]) {
  const log = new ChangeLog(most)
  const add = (keepUntil: number, at = START) =>
    log.add({ kind: 'ended', scope: 'session', subject: `s${keepUntil}`, at, reason: 'revoked', count: 1, keepUntil })
  for (const keepUntil of keptUntil) add(keepUntil)
  const seqs = (since = 0, limit = 1_000) => log.since(since, limit).map(({ seq }) => seq)
  return { log, add, seqs }
}

describe('a log that is full', () => {
  test('drops the oldest entry, and says so to whoever has not read it', () => {
    const { add, seqs } = logOf(3, 5_000, 4_000, 6_000)
    expect(seqs()).toEqual([1, 2, 3])
    add(7_000)
    for (const since of [0, -1]) expect(() => seqs(since)).toThrow(StoreUnavailableError)
    expect(seqs(1)).toEqual([2, 3, 4])
    add(8_000)
    expect(() => seqs(1)).toThrow(StoreUnavailableError)
    expect([seqs(2), seqs(4)]).toEqual([[3, 4, 5], [5]])
  })

  test('answers everybody again when what it dropped need not be known any more, and not earlier', () => {
    const { log, add, seqs } = logOf(2, 5_000, 4_000)
    add(9_000)
    add(9_000)
    log.sweep(4_999, 10)
    expect(() => seqs()).toThrow(StoreUnavailableError)
    log.sweep(5_000, 10)
    expect(seqs()).toEqual([3, 4])
  })

  test('first drops what is over at the time of the newcomer, wherever it stands', () => {
    const { add, seqs } = logOf(3, 5_000, 2_000, 6_000)
    add(7_000, 2_000)
    expect(seqs()).toEqual([1, 3, 4])
    add(8_000, 1_999)
    expect(() => seqs()).toThrow(StoreUnavailableError)
  })
})

describe('sweeping', () => {
  test('removes what is due, at most as many as it may, and keeps the order of the rest', () => {
    const { log, seqs } = logOf(10, 50, 20, 40, 10, 30)
    expect([log.sweep(9, 5), log.isDue(9), log.isDue(10)]).toEqual([0, false, true])
    expect([log.sweep(40, 2), seqs()]).toEqual([2, [1, 3, 5]])
    expect([log.sweep(40, 2), seqs(), log.isDue(40)]).toEqual([2, [1], false])
  })

  test('of tens of thousands leaves what is to be kept, in pages that have no holes', () => {
    const { log, add, seqs } = logOf(100_000)
    for (let i = 0; i < 30_000; i++) add(i % 3 === 0 ? 9_000 : 100)
    let removed = 0
    for (let batch = -1; batch !== 0; removed += batch) batch = log.sweep(100, 500)
    expect(removed).toBe(20_000)
    expect(seqs(0, 4)).toEqual([1, 4, 7, 10])
    expect(seqs(29_990, 10)).toEqual([29_992, 29_995, 29_998])
    expect(seqs(0, 100_000)).toHaveLength(10_000)
  })
})

test('the log never holds more than it may', () => {
  const { log, add } = logOf(5)
  for (let i = 0; i < 50_000; i++) add(100 + i)
  expect(log.since(49_995, 100)).toHaveLength(5)
  expect(log.size).toBe(5)
})
