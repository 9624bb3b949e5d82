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

interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

function cell({ passed, failed, skipped }: Counts): string {
  if (passed + failed + skipped === 0) return 'not proven'
  const parts = [`${passed} passed`]
  if (failed > 0) parts.push(`${failed} FAILED`)
  if (skipped > 0) parts.push(`${skipped} skipped`)
  return parts.join(', ')
}

function sum(rows: readonly Row[], promise: number): Counts {
  const mine = rows.filter((row) => row.promise === promise)
  const total = (count: keyof Counts) => mine.reduce((before, row) => before + row[count], 0)
  return { passed: total('passed'), failed: total('failed'), skipped: total('skipped') }
}

/** The head, then a line for each promise, with a column for each name that `columnOf` answers; a hole is a hole. */
function linesOf(rows: readonly Row[], columnOf: (row: Row) => string): readonly (readonly string[])[] {
  const columns = [...Map.groupBy(rows, columnOf)]
  const lines = promises.map((name, i) => [`${i + 1}`, name, ...columns.map(([, mine]) => cell(sum(mine, i + 1)))])
  return [['', 'Promise', ...columns.map(([name]) => name)], ...lines]
}

/** A table of the stores and kinds, and one of the adapters with all of those; each where there is something to show. */
function tablesOf(rows: readonly Row[]): readonly (readonly (readonly string[])[])[] {
  const [alone, adapted] = [
    rows.filter(({ adapter }) => adapter === null),
    rows.filter(({ adapter }) => adapter !== null),
  ]
  return [
    linesOf(alone, ({ store, kind }) => `${store ?? '–'} / ${kind ?? '–'}`),
    linesOf(adapted, ({ adapter }) => adapter ?? '–'),
  ].filter((lines) => (lines[0]?.length ?? 0) > 2)
}

/** For people at a terminal. */
export function tableOf(rows: readonly Row[]): string {
  return tablesOf(rows).map(aligned).join('\n\n')
}

function aligned(all: readonly (readonly string[])[]): string {
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
  const [byStore = [], byAdapter = []] = tablesOf(rows).map(markdown)
  return `${[
    '# Promises',
    '',
    'What Coatcheck promises, and how many cases hold each store to it. A promise without a case would say `not proven`.',
    'Made by `npm run --silent prove -- --markdown > docs/promises.md`; the cases are in `packages/coatcheck/src/testing/`.',
    '',
    ...byStore,
    '',
    'What is skipped on memory needs a second process on the same sessions, or a later one, which a memory store cannot have; on Redis it is the count of all sessions, which its store does not offer.',
    '',
    '## Through the adapters',
    '',
    'The same promises over real sockets, with each adapter on each of the stores; Express in its versions 5 and 4.',
    '',
    ...byAdapter,
  ].join('\n')}\n`
}

function markdown([head = [], ...lines]: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(['', 'promise', ...head.slice(2)]), line(head.map(() => '---')), ...lines.map(line)]
}
