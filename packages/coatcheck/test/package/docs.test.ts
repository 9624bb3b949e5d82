import { existsSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeAll, describe, expect, test } from 'vitest'
import { type SqliteDatabase, sqliteStore } from '../../src/stores/sqlite.ts'
import {
  anchorsOf,
  blocksOf,
  brokenLinks,
  type Documents,
  differences,
  machinePaths,
  missingPaths,
  programOf,
  unknownCommands,
  unlisted,
} from './docs.ts'
import { type Outcome, runPrograms } from './docs-programs.ts'
import { documents, textAt } from './documents.ts'
import { root, textOf } from './workspace.ts'

const exists = (path: string) => existsSync(join(root, path))

const one = (text: string): Documents => new Map([['docs/page.md', text]])

describe('the snippets of the documents', () => {
  let outcome: Outcome
  beforeAll(async () => {
    outcome = await runPrograms(documents)
  }, 120_000)
  const pages = [...documents].filter(([, text]) => programOf(text) !== null).map(([path]) => path)

  test('are found', () => {
    expect(pages).toContain('README.md')
    expect(pages.length).toBeGreaterThan(5)
  })

  test('compile against the packages', () => {
    expect(outcome.compiler).toBe('')
  })

  test.each(pages)('of %s run', (page) => {
    expect(outcome.runs[page]).toBe(null)
  })
})

test('a snippet that does not compile, and one that throws, are reported by document and line', async () => {
  const planted = [
    '# A page',
    '',
    '```ts',
    "import { createSessions } from 'coatcheck'",
    'createSessions(7)',
    '```',
    '',
  ]
  const { compiler, runs } = await runPrograms(one(planted.join('\n')))
  expect(compiler).toContain('docs/page.md(5,16): error TS')
  expect(runs['docs/page.md']).toContain('OptionError: store')
}, 120_000)

describe('the code of a page', () => {
  const page = ['```ts', 'a', '```', 'b', '<!-- ts', 'c', '-->', '```sh', 'd', '```', '````ts', '```', '````', ''].join(
    '\n',
  )

  test('is what its ts snippets and hidden comments hold, at the lines where they stand', () => {
    expect(programOf(page)?.split('\n').slice(0, 13)).toEqual(['', 'a', '', '', '', 'c', '', '', '', '', '', '```', ''])
  })

  test('is none where no snippet is', () => {
    expect(programOf('# A page\n\n```sh\nls\n```\n')).toBe(null)
  })
})

describe('links', () => {
  test('lead to files and headings', () => {
    expect([...brokenLinks(documents, exists)]).toEqual([])
  })

  test.each([
    ['[a](gone.md)', 'docs/page.md: gone.md leads to no file'],
    ['![a](pictures/gone.png)', 'docs/page.md: pictures/gone.png leads to no file'],
    ['<img src="gone.png">', 'docs/page.md: gone.png leads to no file'],
    ['[a](../../outside.md)', 'docs/page.md: ../../outside.md leads to no file'],
    ['[a](#gone)', 'docs/page.md: #gone leads to no heading'],
    ['[`a`](page.md#gone)', 'docs/page.md: page.md#gone leads to no heading'],
  ])('a broken one is found: %s', (text, complaint) => {
    expect([...brokenLinks(one(text), (path) => path === 'docs/page.md')]).toEqual([complaint])
  })

  test.each(['[a](#a-heading)', '[a](#a-heading-1)', '[a](https://example.org/gone)', '`[a](gone.md)`'])(
    'a good one is not complained about: %s',
    (text) => {
      const page = `# A \`heading\`!\n\n## A heading\n\n${text}\n`
      expect([...brokenLinks(one(page), (path) => path === 'docs/page.md')]).toEqual([])
    },
  )

  test('in docs/README.md, and in the list of decisions, lead to every document', () => {
    expect([...unlisted(documents, ['docs/README.md', 'docs/decisions/README.md'])]).toEqual([])
  })

  test('a document that is in no list is found', () => {
    const pages: Documents = new Map([
      ['docs/README.md', '[a](a.md#b)'],
      ['docs/a.md', ''],
      ['docs/c.md', ''],
    ])
    expect([...unlisted(pages, ['docs/README.md'])]).toEqual(['docs/c.md is in no list of documents'])
  })

  test('find the anchors that GitHub makes', () => {
    expect(anchorsOf('# `ERR_KEY` (KeyError)\n## Why “this”?\n## Why this?\n')).toEqual(
      new Set(['err_key-keyerror', 'why-this', 'why-this-1']),
    )
  })
})

describe('paths', () => {
  test('of the repository that are named are there', () => {
    expect([...missingPaths(documents, exists)]).toEqual([])
  })

  test('one that is not there is found', () => {
    expect([...missingPaths(one('See `src/core/gone.ts`.'), exists)]).toEqual([
      'docs/page.md: `src/core/gone.ts` is not there',
    ])
  })

  test('of a machine are nowhere', () => {
    expect([...machinePaths(documents, [root, dirname(root), homedir(), tmpdir()])]).toEqual([])
  })

  test('one of a machine is found', () => {
    expect([...machinePaths(one(`It lies in ${join('/', 'home', 'alice')}.`), [])]).toHaveLength(1)
    expect([...machinePaths(one('It lies in /srv/here.'), ['/srv/here'])]).toEqual(['docs/page.md names /srv/here'])
    expect([...machinePaths(one('See https://example.org/home/alice and src/app.tsx.'), ['/app', '/'])]).toEqual([])
  })
})

describe('commands', () => {
  const scripts = new Set(Object.keys((JSON.parse(textOf('package.json')) as { scripts: object }).scripts))

  test('of npm that are named are there', () => {
    expect([...unknownCommands(documents, scripts)]).toEqual([])
  })

  test('one that is not there is found', () => {
    expect([...unknownCommands(one('Run `npm run gone`.'), scripts)]).toEqual([
      'docs/page.md: npm run gone is no command',
    ])
  })
})

/** A text of SQL as the guide has it: in one line, `…` for the columns of a record and their values, `:n` for the namespace. */
const shortened = (sql: string, columns: string) =>
  sql
    .replaceAll(/\s+/g, ' ')
    .replaceAll(columns, '…')
    .replace(/(?:\?, ){9,}\?/, '?, ?, …')
    .replaceAll('( ', '(')
    .replaceAll(' )', ')')
    .replaceAll(/(?<=\bnamespace = |VALUES \()\d+/g, ':n')
    .trim()

describe('the layout of SQLite', () => {
  const database = new DatabaseSync(':memory:')
  const prepared: string[] = []
  const recording: SqliteDatabase = {
    get isTransaction() {
      return database.isTransaction
    },
    exec: (sql) => database.exec(sql),
    prepare(sql) {
      prepared.push(sql)
      return database.prepare(sql)
    },
    close: () => database.close(),
  }
  const guide = textAt('docs/guides/stores.md')
  const documented = blocksOf(guide, 'sql')
    .replaceAll(/--.*$/gm, '')
    .split(';')
    .map((sql) => shortened(sql, '\0'))
    .filter((sql) => sql !== '')
  const isSchema = (sql: string) => sql.startsWith('CREATE ')

  beforeAll(async () => {
    await sqliteStore(recording).stats()
  })

  test('its tables and indexes', () => {
    const rows = database
      .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name LIKE 'coatcheck%'")
      .all()
    const real = rows.map((row) => shortened(String(row['sql']), '\0'))
    expect([...differences(documented.filter(isSchema), real)]).toEqual([])
  })

  test('its statements', () => {
    const [, columns = ''] =
      /^SELECT (kind, .+?) FROM coatcheck_sessions/.exec(prepared.find((sql) => sql.startsWith('SELECT kind')) ?? '') ??
      []
    expect(columns).toContain('secret_hash')
    // What looks for the schema and the namespace when the file is opened is not part of any operation.
    const real = prepared
      .filter((sql) => !/sqlite_schema|coatcheck_schema|coatcheck_namespaces (?:WHERE |\()name\b/.test(sql))
      .map((sql) => shortened(sql, columns))
    const wanted = new Set(real)
    const said = documented.filter((sql) => !isSchema(sql))
    expect([...differences(said, wanted)]).toEqual([])
  })
})
