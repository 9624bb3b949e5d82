import { expect, test } from 'vitest'
import { defaults } from '../../src/index.ts'
import { exportsOf, lookUp, type Member } from './declarations.ts'
import { pageAt, tableOf } from './page.ts'

const CORE = 'packages/coatcheck/src/index.ts'

/** Options that are groups of their own, by path. */
const groups: Readonly<Record<string, string>> = {
  policy: 'PolicyOptions',
  data: 'DataOptions',
  cookie: 'CookieOptions',
  csrf: 'CsrfOptions',
  trustProxy: 'ProxyOptions',
}

function membersOf(path: string, type: string): readonly Member[] {
  const found = exportsOf(path).find(({ name }) => name === type)
  if (found === undefined) throw new Error(`${type} is no export of ${path}`)
  const base = / extends (\w+)/.exec(found.code)?.[1]
  const inherited = base === undefined ? [] : (lookUp(found.path, base)?.members ?? [])
  return [...inherited, ...found.members]
}

/** The default of an option by its path, as code. Where there is no such default, its meaning says what absence means. */
function defaultOf(option: string): string {
  let value: unknown = defaults
  for (const name of option.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return ''
    value = Reflect.get(value, name)
  }
  if (value === null || (Array.isArray(value) && value.length === 0)) return 'none'
  return `\`${JSON.stringify(value).replaceAll('"', "'")}\``
}

/** The type without what every option is besides: absent. */
const typeOf = ({ type }: Member) =>
  (type ?? '')
    .replaceAll(/\s+/g, ' ')
    .replace(/ \| undefined$/, '')
    .replace(/^\| /, '')

function rowsOf(prefix: string, members: readonly Member[]): string[][] {
  return members.flatMap((one): string[][] => {
    const path = `${prefix}${one.name}`
    const group = groups[path]
    if (group === undefined) return [[`\`${path}\``, `\`${typeOf(one)}\``, defaultOf(path), one.doc]]
    return [[`\`${path}\``, `\`${typeOf(one)}\``, 'see below', one.doc], ...rowsOf(`${path}.`, membersOf(CORE, group))]
  })
}

/** Options of which the docstring says the default. */
const described = (path: string, type: string) =>
  tableOf(
    ['option', 'takes', 'meaning'],
    membersOf(path, type).map((one) => [`\`${one.name}\``, `\`${typeOf(one)}\``, one.doc]),
  )

function page(): string {
  return [
    '# Options of the library',
    '',
    'What `createSessions` and the stores take. Only `store` and `keys` have to be given. ' +
      "A duration is a number with a unit (`ms`, `s`, `m`, `h`, `d`), such as `'30m'`, at most ten years. " +
      'What is out of its range, or at odds with another option, is an [`OptionError`](errors.md#err_option--optionerror) when `createSessions` is called, which names the option by its path. ' +
      'The settings of the server are [a page of their own](configuration.md). This page is made from the source by `npm run docs`; a test fails when it is stale.',
    '',
    '## `createSessions`',
    '',
    ...tableOf(['option', 'takes', 'default', 'meaning'], rowsOf('', membersOf(CORE, 'SessionsOptions'))),
    '## `memoryStore`',
    '',
    ...described('packages/coatcheck/src/stores/memory.ts', 'MemoryStoreOptions'),
    '## `sqliteStore`',
    '',
    ...described('packages/coatcheck/src/stores/sqlite.ts', 'SqliteStoreOptions'),
    '## `redisStore`',
    '',
    ...described('packages/coatcheck/src/stores/redis.ts', 'RedisStoreOptions'),
    '## Security headers',
    '',
    'Of `securityHeaders`, `nodeSecurityHeaders`, `expressSecurityHeaders` and `honoSecurityHeaders`.',
    '',
    ...described(CORE, 'SecurityHeadersOptions'),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

test('every default belongs to an option of the table', () => {
  const paths = new Set(rowsOf('', membersOf(CORE, 'SessionsOptions')).map(([path]) => path?.replaceAll('`', '')))
  const own = Object.entries(defaults).flatMap(([name, value]) =>
    name in groups ? Object.keys(value ?? {}).map((key) => `${name}.${key}`) : [name],
  )
  // Stands beside the option that it is the default within.
  expect(own.filter((path) => !paths.has(path))).toEqual(['atLimit'])
})

test('every option says what it means', () => {
  expect(rowsOf('', membersOf(CORE, 'SessionsOptions')).filter(([, , , meaning]) => meaning === '')).toEqual([])
})

test('docs/reference/options.md is what the source says of itself (npm run docs writes it)', async () => {
  await expect(page()).toMatchFileSnapshot(pageAt('options.md'))
})
