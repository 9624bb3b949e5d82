import { describe, expect, test } from 'vitest'
import * as errors from '../../src/errors.ts'
import { differences, headingsOf, inlineCode, membersOf, rowsOf } from './docs.ts'
import { documents, textAt } from './documents.ts'
import { publicNames, textOf } from './workspace.ts'

describe('lists that stand in the source and in a document', () => {
  test('what only one of them has is found', () => {
    expect([...differences(['a', 'b'], ['b', 'c'])]).toEqual(['c is not described', 'a is described and is not there'])
  })

  test('members of a union are found, with nothing of what follows', () => {
    expect(membersOf("export type A =\n  | 'a'\n  | 'b'\nexport type B = A | 'c' | 'd'\nconst e = 'e'", 'A')).toEqual([
      'a',
      'b',
    ])
    expect(membersOf("export type B = A | 'c' | 'd'\n  | 'f'\nconst e = 'e'", 'B')).toEqual(['c', 'd', 'f'])
  })

  test('variables that a document sets are settings of the server, or said to be of something else', () => {
    const settings = new Set(
      textOf('packages/server/src/config/settings.ts')
        .match(/^ {2}[A-Z][A-Z0-9_]*(?=:)/gm)
        ?.map((name) => name.trim()),
    )
    const others = new Set(['SESSION_KEYS', 'COATCHECK_SCREENSHOTS', 'COATCHECK_CONFIG', 'NODE_ENV'])
    const set = [...documents].flatMap(([path, text]) =>
      [...text.matchAll(/(?<![\w.])([A-Z][A-Z0-9_]{3,})=/g)].map(([, name = '']) => ({ path, name })),
    )
    expect(set.filter(({ name }) => !settings.has(name) && !others.has(name))).toEqual([])
  })

  test('the error codes, with their classes', () => {
    const codes = membersOf(textOf('packages/coatcheck/src/errors/problem.ts'), 'ErrorCode')
    const classes = [
      ...textOf('packages/coatcheck/src/errors.ts').matchAll(
        /class (\w+) extends CoatcheckError \{\s+declare readonly code: '(\w+)'/g,
      ),
    ]
    expect(classes.map(([, , code]) => code).toSorted()).toEqual(codes.toSorted())
    expect(classes.filter(([, name = '']) => !(name in errors))).toEqual([])
    const headings = headingsOf(textAt('docs/reference/errors.md')).filter((title) => title.includes('ERR_'))
    expect([
      ...differences(
        headings,
        classes.map(([, name, code]) => `\`${code}\` · ${name}`),
      ),
    ]).toEqual([])
  })

  test('the faults of data', () => {
    const section =
      textAt('docs/reference/errors.md')
        .split(/^#+ /m)
        .find((part) => part.startsWith('`ERR_DATA`')) ?? ''
    const rows = rowsOf(section)
      .map(([name]) => name)
      .slice(1)
    const real = membersOf(textOf('packages/coatcheck/src/errors.ts'), 'DataFault').map((name) => `\`${name}\``)
    expect([...differences(rows.map(String), real)]).toEqual([])
  })

  test('the events', () => {
    const source = textOf('packages/coatcheck/src/core/events/events.ts')
    const real = [...source.matchAll(/readonly type: ([^;}\n]+)/g)].flatMap(([, types = '']) =>
      types.split('|').map((type) => type.trim().replaceAll("'", '`')),
    )
    const headings = headingsOf(textAt('docs/reference/events.md')).flatMap((title) => title.match(/`[a-z-]+`/g) ?? [])
    expect([...differences(headings, real)]).toEqual([])
  })

  test('the fields of each event, in its section', () => {
    const sections = textAt('docs/reference/events.md').split(/^### /m).slice(1)
    const common = new Set(['type', 'sessionId', 'userId', 'note', 'code'])
    const [, body = ''] =
      /export type EventBody =([\s\S]+?)\n\n/.exec(textOf('packages/coatcheck/src/core/events/events.ts')) ?? []
    const missing = body.split(/readonly type: /).flatMap((variant) => {
      const [, type = ''] = /^'([a-z-]+)'/.exec(variant) ?? []
      const section = sections.find((one) => one.split('\n')[0]?.includes(`\`${type}\``)) ?? ''
      const fields = [...variant.matchAll(/readonly (\w+):/g)].map(([, field = '']) => field)
      return fields
        .filter((field) => !common.has(field) && !section.includes(`\`${field}\``))
        .map((field) => `${type}.${field}`)
    })
    expect(body).toContain('enforced')
    expect(missing).toEqual([])
  })

  test('the severities of events', () => {
    const [, table = ''] =
      /const SEVERITIES = \{([\s\S]+?)\}/.exec(textOf('packages/coatcheck/src/core/events/severity.ts')) ?? []
    const real = [...table.matchAll(/'?([a-z-]+)'?: '(\w+)'/g)].map(([, type, severity]) => `${type}: ${severity}`)
    const said = rowsOf(textAt('docs/reference/events.md')).flatMap(([severity = '', events = '']) => {
      // What an event may be besides stands behind a semicolon.
      const types = /^(?:info|notice|warning|error)$/.test(severity)
        ? events.split(';')[0]?.matchAll(/`([a-z-]+)`/g)
        : []
      return [...(types ?? [])].map(([, type]) => `${type}: ${severity}`)
    })
    expect(real.length).toBeGreaterThan(10)
    expect([...differences(said, real)]).toEqual([])
  })

  test('the reasons of endings and refusals', () => {
    const ends = membersOf(textOf('packages/coatcheck/src/core/record/record.ts'), 'EndReason')
    const refusals = membersOf(textOf('packages/coatcheck/src/core/events/events.ts'), 'RefusalReason')
    const csrf = ['ProvenanceFault', 'TokenFault', 'CsrfReason'].flatMap((type) =>
      membersOf(textOf('packages/coatcheck/src/core/events/reasons.ts'), type),
    )
    const withheld = membersOf(textOf('packages/coatcheck/src/core/events/reasons.ts'), 'WithheldReason')
    expect(withheld.length).toBeGreaterThan(3)
    const reasons = (path: string) =>
      rowsOf(textAt(path)).flatMap(([name = '']) => /^`([a-z-]+)`$/.exec(name)?.[1] ?? [])
    expect([...differences(reasons('docs/concepts/ending.md'), ends)]).toEqual([])
    expect([...differences(reasons('docs/reference/events.md'), [...refusals, ...ends, ...csrf, ...withheld])]).toEqual(
      [],
    )
  })

  test("the types of the server's own events", () => {
    const source = textOf('packages/server/src/audit/happenings.ts')
    const union = source.slice(source.indexOf('export type AccountEvent'), source.indexOf('export interface Happening'))
    const real = [...union.matchAll(/type: ([^\n}]+)/g)].flatMap(([, types = '']) =>
      [...types.matchAll(/'([a-z-]+)'/g)].map(([, type = '']) => type),
    )
    const said = rowsOf(textAt('docs/reference/server-events.md')).flatMap(([cell = '']) =>
      [...cell.matchAll(/`([a-z]+-[a-z-]+|invited)`/g)].map(([, type = '']) => type),
    )
    expect(real.length).toBeGreaterThan(10)
    expect([...differences(said, [...real, 'not-kept'])]).toEqual([])
  })

  test('the public names of the library', () => {
    const names = rowsOf(textAt('packages/coatcheck/README.md')).map(([name = '']) => name)
    const real = [...publicNames()].filter((name) => name !== 'coatcheck/package.json').map((name) => `\`${name}\``)
    expect([
      ...differences(
        names.filter((name) => name.startsWith('`')),
        real,
      ),
    ]).toEqual([])
  })

  test('the two tables of the README are the measured one', () => {
    const plain = (cell: string) => cell.replaceAll('**', '')
    const faults = (page: string) =>
      rowsOf(textAt(page))
        .filter((row) => / of 50|refused|accepted/.test(row.slice(1).join()))
        .map((row) => row.map(plain))
    const measured = faults('docs/guides/measurements.md')
    const shown = faults('README.md')
    expect(measured.length).toBeGreaterThan(4)
    expect(shown).toEqual([
      ...measured.map(([name, kept]) => [name, kept]),
      ...measured.map(([name, , after, during]) => [name, after, during]),
    ])
  })

  test('the cases of each promise, counted', async () => {
    const { adapterContract, promiseCases, storeContract } = await import('../../src/testing/index.ts')
    const ofPromise = (cases: readonly { promise: number | null }[], number: number) =>
      cases.filter(({ promise }) => (promise ?? 15) === number).length
    const counted = rowsOf(textAt('docs/promises.md')).filter(([number = '']) => /^\d+$/.test(number))
    const real = (cases: readonly { promise: number | null }[], times: readonly number[]) =>
      Array.from({ length: 15 }, (_, i) => times.map((factor) => factor * ofPromise(cases, i + 1)))
    const sums = counted.map(([, , ...columns]) =>
      columns.map((column) => (column.match(/\d+/g) ?? []).reduce((sum, one) => sum + Number(one), 0)),
    )
    expect(sums, 'make it anew: npm run --silent prove -- --markdown > docs/promises.md').toEqual([
      ...real([...promiseCases, ...storeContract], [1, 1, 1, 1]),
      // Each adapter on four stores; Express in two versions.
      ...real(adapterContract, [4, 4, 8, 4]),
    ])
  })

  test('the doubles and suites of coatcheck/testing', async () => {
    const names = Object.keys(await import('../../src/testing/index.ts'))
    const named = inlineCode(textAt('docs/guides/testing.md')).map((code) => code.replace(/\(.*$/, ''))
    expect(names.filter((name) => !named.includes(name))).toEqual([])
  })
})
