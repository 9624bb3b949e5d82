// The outcome of the proofs as rows, and the rows as a table for people.

/** One row of `npm run --silent prove -- --json`; null where a case has no such dimension. */
export interface Row {
  readonly promise: number
  readonly store: string | null
  readonly kind: string | null
  readonly adapter: string | null
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** The promises by the design's numbers. */
export const promises: readonly string[] = [
  'Nothing that leaks signs anybody in',
  'A visitor who has no session costs nothing',
  'A new token at each authentication',
  'Ending is final',
  'No lost update',
  'Reading is cheap',
  'Both timeouts hold',
  'An outage is an outage',
  'Hostile input is a visitor without a session',
  'Keys rotate without signing anybody out',
  'Every end has a reason',
  'Cache-safe',
  'Lists never carry credentials',
  'What is expired goes away',
  'The same meaning everywhere',
]

function cell(row: Row | undefined): string {
  if (row === undefined || row.passed + row.failed + row.skipped === 0) return 'not proven'
  const parts = [`${row.passed} passed`]
  if (row.failed > 0) parts.push(`${row.failed} FAILED`)
  if (row.skipped > 0) parts.push(`${row.skipped} skipped`)
  return parts.join(', ')
}

/** The head, then a line for each promise, with a column for each store and kind; a hole is a hole. */
function linesOf(rows: readonly Row[]): readonly (readonly string[])[] {
  const columns = [...new Set(rows.map((row) => `${row.store ?? '–'} / ${row.kind ?? '–'}`))]
  const lines = promises.map((name, i) => [
    `${i + 1}`,
    name,
    ...columns.map((column) => {
      const row = rows.find((one) => one.promise === i + 1 && `${one.store ?? '–'} / ${one.kind ?? '–'}` === column)
      return cell(row)
    }),
  ])
  return [['', 'Promise', ...columns], ...lines]
}

/** For people at a terminal. */
export function tableOf(rows: readonly Row[]): string {
  const all = linesOf(rows)
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((line) => (line[column] ?? '').length)))
  return all
    .map((line) =>
      line
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** The same as a page for `docs/promises.md`. */
export function pageOf(rows: readonly Row[]): string {
  const [head = [], ...lines] = linesOf(rows)
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return `${[
    '# Promises',
    '',
    'What Coatcheck promises, and how many cases hold each store to it. A promise without a case would say `not proven`.',
    'Made by `npm run --silent prove -- --markdown > docs/promises.md`; the cases are in `packages/coatcheck/src/testing/`.',
    '',
    line(['', 'promise', ...head.slice(2)]),
    line(head.map(() => '---')),
    ...lines.map(line),
    '',
    'What is skipped on memory needs a second process on the same sessions, which a memory store cannot have.',
  ].join('\n')}\n`
}
