import { describe, expect, test } from 'vitest'
import { complaintsAbout, moduleName, roomOf, rooms } from './arrows.ts'
import { publicNames, sourcesOfAll } from './workspace.ts'

const names = publicNames()

/** What the rules say about one file of the library. */
const about = (module: string, text: string) =>
  complaintsAbout(new Map([[`packages/coatcheck/src/${module}.ts`, text]]), names)

/** What the rules say about one file of the server. */
const aboutServer = (file: string, text: string) =>
  complaintsAbout(new Map([[`packages/server/src/${file}`, text]]), names)

describe('the sources of both packages', () => {
  const sources = sourcesOfAll()

  test('are read', () => {
    expect([...sources.keys()]).toContain('packages/coatcheck/src/errors.ts')
    expect([...sources.keys()]).toContain('packages/server/src/coatcheck.ts')
  })

  test('follow every rule', () => {
    expect(complaintsAbout(sources, names)).toEqual([])
  })

  test('stand in rooms of which none imports one that stands below it', () => {
    const names = rooms.map(({ name }) => name)
    for (const [i, { may, mayType = [] }] of rooms.entries()) {
      const above = new Set(names.slice(0, i))
      expect([...may, ...mayType].filter((name) => !above.has(name))).toEqual([])
    }
    expect(names).toHaveLength(new Set(names).size)
  })

  test('are each in a room', () => {
    const modules = [...sources.keys()].filter((path) => path.startsWith('packages/coatcheck/')).map(moduleName)
    expect(modules.filter((name) => roomOf(name) === undefined)).toEqual([])
  })
})

describe('a planted import is caught', () => {
  test.each([
    ['errors', './core/record/record.ts'],
    ['runtime/web', 'node:crypto'],
    ['runtime/node', 'node:fs'],
    ['runtime/node', '../core/record/record.ts'],
    ['core/record/lifecycle', '../events/events.ts'],
    ['core/http/cookies', '../csrf/guard.ts'],
    ['core/csrf/guard', '../sessions/state.ts'],
    ['core/sessions/save', '../../tokens/opaque.ts'],
    ['tokens/opaque', '../core/sessions/state.ts'],
    ['stores/redis', '../core/http/cookies.ts'],
    ['core/sessions/open', 'node:crypto'],
    ['core/sessions/open', 'jose'],
    ['core/sessions/open', '../../stores/memory.ts'],
    ['core/sessions/open', '../../tokens/opaque.ts'],
    ['core/sessions/open', '../../runtime/node.ts'],
    ['core/sessions/open', '../../index.ts'],
    ['core/sessions/open', 'coatcheck'],
    ['core/sessions/open', '../../../../server/src/app.ts'],
    ['stores/memory', 'node:sqlite'],
    ['stores/redis', 'redis'],
    ['stores/memory', '../cache/near.ts'],
    ['stores/sqlite', 'node:fs'],
    ['stores/sqlite', './memory.ts'],
    ['stores/sqlite/rows', '../memory/shelf.ts'],
    ['stores/memory', './sqlite/rows.ts'],
    ['stores/paging', './memory.ts'],
    ['stores/sqlite', 'jose'],
    ['tokens/jwt', '../stores/memory.ts'],
    ['tokens/jwt', 'jsonwebtoken'],
    ['cache/near', 'jose'],
    ['adapters/express', 'express'],
    ['adapters/express', '../stores/memory.ts'],
    ['adapters/express', './hono.ts'],
    ['adapters/fetch', './node.ts'],
    ['testing/index', 'vitest'],
    ['testing/index', '../core/sessions/open.ts'],
    ['testing/index', '../stores/memory.ts'],
    ['index', './stores/sqlite.ts'],
    ['index', './adapters/fetch.ts'],
    ['index', './testing/index.ts'],
  ])('%s imports %s', (module, specifier) => {
    for (const text of [
      `import { x } from '${specifier}'`,
      `import x from '${specifier}'`,
      `import '${specifier}'`,
      `export * from '${specifier}'`,
      `export { x } from '${specifier}'`,
      `export const x = () => import('${specifier}')`,
    ]) {
      expect(about(module, text)).toEqual([`packages/coatcheck/src/${module}.ts:1 may not import ${specifier}`])
    }
  })

  test.each([
    "import type { Client } from 'redis'",
    "import { type Client } from 'redis'",
    "export type { Client } from 'redis'",
    "export type Client = import('redis').Client",
  ])('as a type: %s', (text) => {
    expect(about('stores/redis', text)).toEqual(['packages/coatcheck/src/stores/redis.ts:1 may not import redis'])
  })

  test('by a computed name', () => {
    expect(about('core/sessions/open', 'export const x = (y: string) => import(y)')).toHaveLength(1)
    expect(about('core/sessions/open', "export const x = (y: string) => import('node:' + y)")).toHaveLength(1)
  })

  test('in a kind of module that no rule names', () => {
    expect(about('misc/things', '')).toHaveLength(1)
  })

  test('and only the line with the fault is named', () => {
    const text = "import { a } from '../../errors.ts'\n\nimport { b } from 'node:fs'\n"
    expect(about('core/sessions/open', text)).toEqual([
      'packages/coatcheck/src/core/sessions/open.ts:3 may not import node:fs',
    ])
  })
})

describe('an allowed import passes', () => {
  test.each([
    ['runtime/node', "import { createHash } from 'node:crypto'"],
    ['runtime/web', "import type { Runtime } from './index.ts'"],
    ['core/sessions/open', "import { runtime } from '#runtime'"],
    ['core/sessions/open', "import type { Runtime } from '../../runtime/index.ts'"],
    ['core/sessions/open', "import { isLive } from '../record/lifecycle.ts'"],
    ['stores/sqlite', "import { DatabaseSync } from 'node:sqlite'"],
    ['stores/sqlite/migrations', "import type { DatabaseSync } from 'node:sqlite'"],
    ['stores/sqlite', "import { migrate } from './sqlite/migrations.ts'"],
    ['stores/sqlite/rows', "import { page } from '../paging.ts'"],
    ['tokens/jwt', "import { jwtVerify } from 'jose'"],
    ['adapters/hono', "import { fetchSessions } from './fetch.ts'"],
    ['testing/index', "import type { Sessions } from '../core/sessions/sessions.ts'"],
    ['testing/index', "import { isLive } from '../core/record/lifecycle.ts'"],
    ['index', "import { memoryStore } from './stores/memory.ts'"],
  ])('%s: %s', (module, text) => {
    expect(about(module, text)).toEqual([])
  })
})

describe('a power outside runtime is caught', () => {
  test.each([
    'export const x = () => Date.now()',
    'export const x = () => new Date()',
    'export const x = () => Date()',
    'export const x = Date.now',
    'const { now } = Date; export { now }',
    'export const x = (clock = Date) => clock',
    'export const x = () => performance.now()',
    'export const x = () => setTimeout(() => {}, 1)',
    'export const x = { later: setInterval }',
    'export const x = () => AbortSignal.timeout(1)',
    'export const x = () => Math.random()',
    'const { random } = Math; export { random }',
    'export const x = () => crypto.getRandomValues(new Uint8Array(1))',
    "export const x = () => crypto['subtle']",
    'export const x = () => globalThis.crypto',
    "export const x = () => process.env['HOME']",
    'export const x = () => process.exit()',
    "export const x = () => Buffer.from('')",
    "export const x = () => require('node:crypto')",
    "export const x = () => eval('1')",
    'await undefined; export {}',
    'for await (const x of []) { x }',
    'if (true) { await 1 } export {}',
  ])('%s', (text) => {
    expect(about('core/sessions/open', text)).toHaveLength(1)
  })

  test.each([
    'export const x = (now: number) => new Date(now).toISOString()',
    'export const x = Date.parse("2026-01-01")',
    'export const x = (y: unknown) => y instanceof Date',
    'export const x: Date | undefined = undefined',
    'export const x = (y: { now(): number }) => y.now()',
    'export const x = { crypto: 1, process: 2, setTimeout() { return 3 } }',
    'export interface X { crypto: string; setTimeout(): void }',
    'export const x = (y: X) => y.crypto + y.process',
    'export const x = Math.floor(1.5)',
    'export const x = async () => { await 1 }',
    'export class X { async y() { for await (const z of []) await z } }',
    '// Date.now() in a comment, and in a string:\nexport const x = "Date.now()"',
  ])('and this is no such power: %s', (text) => {
    expect(about('core/sessions/open', text)).toEqual([])
  })

  test('runtime itself may, but for awaiting at the top level', () => {
    expect(about('runtime/web', 'export const now = () => Date.now() + Math.random()')).toEqual([])
    expect(about('runtime/node', 'export const x = await 1')).toHaveLength(1)
  })
})

describe('a circle is caught', () => {
  const circle = (...files: [string, string][]) =>
    complaintsAbout(new Map(files.map(([name, text]) => [`packages/coatcheck/src/core/base/${name}.ts`, text])), names)

  test('between two, of types alone', () => {
    expect(circle(['a', "import type { B } from './b.ts'"], ['b', "import { a } from './a.ts'"])).toEqual([
      'a circle of imports: core/base/a → core/base/b → core/base/a',
    ])
  })

  test('between three, once', () => {
    expect(
      circle(['a', "export * from './b.ts'"], ['b', "import './c.ts'"], ['c', "export type C = import('./a.ts').A"]),
    ).toEqual(['a circle of imports: core/base/a → core/base/b → core/base/c → core/base/a'])
  })

  test('in the server, too', () => {
    const files = new Map([
      ['packages/server/src/log.ts', "import { x } from './keys/keeping.ts'"],
      ['packages/server/src/keys/keeping.ts', "import type { Log } from '../log.ts'"],
    ])
    expect(complaintsAbout(files, names)).toEqual([
      'a circle of imports: packages/server/src/log → packages/server/src/keys/keeping → packages/server/src/log',
    ])
  })

  test('but two ways to one module are none', () => {
    expect(
      circle(['a', "import './b.ts'; import './c.ts'"], ['b', "import './d.ts'"], ['c', "import './d.ts'"], ['d', '']),
    ).toEqual([])
  })
})

describe('the server', () => {
  test('uses the library by its public names', () => {
    expect(aboutServer('app.tsx', "import { createSessions } from 'coatcheck'")).toEqual([])
    expect(aboutServer('app.tsx', "import { sqliteStore } from 'coatcheck/stores/sqlite'")).toEqual([])
    expect(aboutServer('app.tsx', "import { x } from 'coatcheck/core/record'")).toHaveLength(1)
    expect(aboutServer('app.tsx', "import { x } from 'coatcheck/src/errors.ts'")).toHaveLength(1)
    expect(aboutServer('routes/login.tsx', "import { x } from '../../../coatcheck/src/errors.ts'")).toHaveLength(1)
    expect(aboutServer('routes/login.tsx', "import { x } from '../accounts/accounts.ts'")).toEqual([])
  })

  test('reads the environment in config.ts alone', () => {
    for (const text of [
      'export const x = process.env',
      'const { env } = process',
      "import { env } from 'node:process'",
    ]) {
      expect(aboutServer('config.ts', text)).toEqual([])
      expect(aboutServer('main.ts', text)).toHaveLength(1)
    }
    expect(aboutServer('main.ts', "process.on('SIGTERM', () => process.exit())")).toEqual([])
  })

  test('does not await at the top level', () => {
    expect(aboutServer('main.ts', 'await 1')).toHaveLength(1)
  })

  test('may write its pages in JSX', () => {
    expect(aboutServer('pages/home.tsx', 'export const Home = () => <p>{Date.now()}</p>')).toEqual([])
  })
})
