/** What is combined: of each factor all its values, in their order. */
export type Factors = Readonly<Record<string, readonly unknown[]>>

export type Combination<F extends Factors> = { readonly [Name in keyof F]: F[Name][number] }

/** One combination, by the positions of its values. */
type Row = number[]

/** Every combination, the last factor changing fastest. */
export function product<F extends Factors>(factors: F): readonly Combination<F>[] {
  return valuesOf(factors, productOf(Object.values(factors).map(({ length }) => length)))
}

/**
 * Combinations among which every two values of two factors meet, the same ones at each call: all of the two largest factors,
 * and of each other one as many as meet in these rows, and some more. Most faults show where two values meet; what needs three
 * to show is for `product`.
 */
export function pairwise<F extends Factors>(factors: F): readonly Combination<F>[] {
  const sizes = Object.values(factors).map(({ length }) => length)
  const order = sizes.map((_, at) => at).toSorted((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0))
  const ordered = order.map((at) => sizes[at] ?? 0)
  const rows = productOf(ordered.slice(0, 2))
  for (let factor = 2; factor < ordered.length; factor++) grow(rows, ordered.slice(0, factor + 1))
  return valuesOf(
    factors,
    rows.map((row) => sizes.map((_, at) => row[order.indexOf(at)] ?? 0)),
  )
}

function productOf(sizes: readonly number[]): Row[] {
  return sizes.reduce<Row[]>(
    (rows, size) => rows.flatMap((row) => [...Array(size).keys()].map((at) => [...row, at])),
    [[]],
  )
}

function valuesOf<F extends Factors>(factors: F, rows: readonly Row[]): readonly Combination<F>[] {
  const named = Object.entries(factors)
  return rows.map(
    (row) => Object.fromEntries(named.map(([name, values], at) => [name, values[row[at] ?? 0]])) as Combination<F>,
  )
}

/** Gives each row a value of the last factor, and adds the rows that are missing then. */
function grow(rows: Row[], sizes: readonly number[]): void {
  const last = sizes.length - 1
  const missing = new Set<string>()
  for (const [factor, size] of sizes.slice(0, last).entries()) {
    for (let value = 0; value < size; value++) {
      for (let other = 0; other < (sizes[last] ?? 0); other++) missing.add(`${factor} ${value} ${other}`)
    }
  }
  const pairsOf = (row: Row, other: number) => row.slice(0, last).map((value, factor) => `${factor} ${value} ${other}`)
  const best = (row: Row, from: number) => {
    const size = sizes[last] ?? 0
    // Each row begins with another one, so that none is there more often than the rest.
    const others = [...Array(size).keys()].map((i) => (from + i) % size)
    const gain = (other: number) => pairsOf(row, other).filter((pair) => missing.has(pair)).length
    return others.reduce((a, b) => (gain(b) > gain(a) ? b : a))
  }
  for (const [i, row] of rows.entries()) {
    const other = best(row, i)
    for (const pair of pairsOf(row, other)) missing.delete(pair)
    row.push(other)
  }
  for (const pair of missing) {
    const [factor = 0, value = 0, other = 0] = pair.split(' ').map(Number)
    const row = sizes.slice(0, last).map((size, at) => {
      if (at === factor) return value
      const open = [...Array(size).keys()].find((one) => missing.has(`${at} ${one} ${other}`))
      return open ?? 0
    })
    for (const met of pairsOf(row, other)) missing.delete(met)
    rows.push([...row, other])
  }
}
