import { describe, expect, it } from 'vitest'
import { type Factors, pairwise, product } from './pairwise.ts'

const sized = (...sizes: readonly number[]): Factors =>
  Object.fromEntries(sizes.map((size, at) => [`f${at}`, Array.from({ length: size }, (_, i) => `${at}-${i}`)]))

/** Every two values of two factors that are in one row. */
function pairsIn(rows: readonly object[]): ReadonlySet<string> {
  return new Set(
    rows.flatMap((row) => {
      const values = Object.values(row) as readonly string[]
      return values.flatMap((value, i) => values.slice(i + 1).map((other) => `${value} ${other}`))
    }),
  )
}

describe('pairs of values', () => {
  it.each([
    [[2], 2],
    [[2, 3], 6],
    [[2, 2, 2], 4],
    [[5, 3, 2, 2], 15],
    [[2, 2, 3, 5], 15],
    [[26, 2, 2], 52],
    [[2, 2, 2, 2, 2], 8],
    [[3, 3, 3, 3, 3], 15],
    [[4, 4, 4, 4], 20],
    [[300, 10, 7, 2], 3_000],
    [[1, 4, 1], 4],
  ])('of %j are all in the rows, which are at most %i', (sizes, most) => {
    const factors = sized(...sizes)
    const rows = pairwise(factors)
    const all = product(factors)
    expect(all).toHaveLength(sizes.reduce((a, b) => a * b))
    expect(pairsIn(rows)).toEqual(pairsIn(all))
    expect(rows.length).toBeLessThanOrEqual(most)
    const known = new Set(all.map((row) => JSON.stringify(row)))
    expect(rows.filter((row) => !known.has(JSON.stringify(row)))).toEqual([])
  })

  it('are the same at each call', () => {
    expect(pairwise(sized(5, 3, 2, 2))).toEqual(pairwise(sized(5, 3, 2, 2)))
  })

  it('keep the values, whatever they are', () => {
    const cookie = { sameSite: 'lax' }
    expect(pairwise({ cookie: [cookie], adapter: [null, 'node'] })).toEqual([
      { cookie, adapter: null },
      { cookie, adapter: 'node' },
    ])
  })

  it('of no values at all are none', () => {
    expect(pairwise({ cookie: [], adapter: ['node'] })).toEqual([])
  })
})
