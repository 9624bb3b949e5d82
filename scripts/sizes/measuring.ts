// How large the published packages are, and the table of the README that says so.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import { root } from '../node.mjs'
import { dependenciesIn, type Packed } from '../packing.mjs'

/** Bytes, or how many; by what the README calls them. */
export type Sizes = ReadonlyMap<string, number>

/** What an application that bundles the library gets of it. */
const ENTRY = `
export { createSessions } from 'coatcheck'
export { withSession } from 'coatcheck/adapters/fetch'
export { sqliteStore } from 'coatcheck/stores/sqlite'
`

/** Of the bundle of an application that has installed the library, minified. */
async function bundleOf(application: string): Promise<string> {
  const entry = 'entry'
  const bundle = await rolldown({
    input: entry,
    cwd: application,
    platform: 'node',
    logLevel: 'silent',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? join(application, 'entry.mjs') : null),
        load: (id) => (id === join(application, 'entry.mjs') ? ENTRY : null),
      },
    ],
  })
  try {
    const { output } = await bundle.generate({ format: 'esm', minify: true })
    return output.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('')
  } finally {
    await bundle.close()
  }
}

const directOf = (name: string) =>
  Object.keys(JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')).dependencies ?? {}).length

/** `application`: one that has installed the server, and the library with it. */
export async function measureSizes(
  packed: Readonly<Record<'library' | 'server', Packed>>,
  application: string,
): Promise<Sizes> {
  const bundle = await bundleOf(application)
  return new Map([
    ['`coatcheck`, packed', packed.library.size],
    ['`coatcheck`, unpacked', packed.library.unpackedSize],
    ['`coatcheck`, dependencies', directOf('coatcheck')],
    ['`coatcheck`, with theirs', 0],
    ['`@coatcheck/server`, packed', packed.server.size],
    ['`@coatcheck/server`, unpacked', packed.server.unpackedSize],
    ['`@coatcheck/server`, dependencies', directOf('server')],
    ['`@coatcheck/server`, with theirs', dependenciesIn(application, ['@coatcheck/server']).length],
    ['bundle, minified', Buffer.byteLength(bundle)],
    ['bundle, gzipped', gzipSync(bundle, { level: 9 }).length],
  ])
}

const BEGIN = '<!-- sizes -->'
const END = '<!-- /sizes -->'

/** Two digits tell enough, and do not change with each comment. */
const kilobytes = (bytes: number) => `${Number((bytes / 1000).toPrecision(2))} kB`

function tableOf(sizes: Sizes): string {
  const size = (name: string) => kilobytes(sizes.get(name) ?? Number.NaN)
  const row = (name: string) =>
    `| ${name} | ${size(`${name}, packed`)} | ${size(`${name}, unpacked`)} | ${sizes.get(`${name}, dependencies`)} | ${sizes.get(`${name}, with theirs`)} |`
  return `${BEGIN}
| package | packed | unpacked | dependencies | with theirs |
| --- | ---: | ---: | ---: | ---: |
${row('`coatcheck`')}
${row('`@coatcheck/server`')}

In an application’s bundle, \`createSessions\` with the fetch adapter and the SQLite store takes ${size('bundle, minified')}, ${size('bundle, gzipped')} gzipped.
${END}`
}

/** The text with the table of these sizes in the place of the one that it has. */
export function putSizes(text: string, sizes: Sizes): string {
  const [before, rest] = text.split(BEGIN)
  const after = rest?.split(END)[1]
  if (after === undefined) throw new Error(`The README has no ${BEGIN} and ${END} to write between`)
  return before + tableOf(sizes) + after
}

/** What a text says of its sizes, in the order of the table. */
export function sizesIn(text: string): readonly number[] {
  const table = text.split(BEGIN)[1]?.split(END)[0] ?? ''
  const cells = table.matchAll(/ ([\d.]+)( kB)?(?= \||,| gzipped)/g)
  return [...cells].map(([, number, unit]) => Number(number) * (unit === undefined ? 1 : 1000))
}
