import { join } from 'node:path'
import { expect, test } from 'vitest'
import { manifestOf, root } from '../package/workspace.ts'
import { type Declaration, exportsOf, lookUp } from './declarations.ts'
import { pageAt } from './page.ts'

const entries = Object.entries(manifestOf('coatcheck').exports ?? {}).flatMap(([path, target]) =>
  typeof target === 'string'
    ? []
    : [{ name: `coatcheck${path.slice(1)}`, source: `packages/coatcheck/${target['coatcheck-source']?.slice(2)}` }],
)

const KINDS: readonly Declaration['kind'][] = ['function', 'value', 'class', 'type']

/** Functions first, then what they take and answer; each once. */
function sorted(declarations: readonly Declaration[]): Declaration[] {
  const unique = [...new Map(declarations.map((one) => [one.name, one])).values()]
  return KINDS.flatMap((kind) =>
    unique.filter((one) => one.kind === kind).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  )
}

/** The types that a declaration names and that no entry exports, and what these name. */
function unexported(declarations: readonly Declaration[], exported: ReadonlySet<string>): Declaration[] {
  const found = new Map<string, Declaration>()
  const pending = [...declarations]
  for (let one = pending.pop(); one !== undefined; one = pending.pop()) {
    const code = one.code.replaceAll(/\/\*[\s\S]*?\*\/|'[^'\n]*'/g, '')
    for (const [name] of code.matchAll(/\b[A-Z]\w+\b/g)) {
      if (exported.has(name) || found.has(name)) continue
      const meant = lookUp(one.path, name)
      if (meant?.kind !== 'type') continue
      found.set(name, meant)
      pending.push(meant)
    }
  }
  return sorted([...found.values()])
}

/** A docstring as Markdown: what is thrown as a sentence of its own. */
const proseFrom = (doc: string) =>
  doc
    .replaceAll(/\s*@throws ([^@]+)/g, '\n\nThrows $1.')
    .replaceAll(/\s*@(?:param|module)\b[^@\n]*/g, '')
    .replaceAll(/\.\.$/gm, '.')
    .trim()

const sectionOf = ({ name, doc, code }: Declaration): string[] => [
  `### ${name}`,
  '',
  ...(doc === '' ? [] : [proseFrom(doc), '']),
  '```typescript',
  code,
  '```',
  '',
]

function page(): string {
  const all = entries.map((entry) => ({ ...entry, declarations: sorted(exportsOf(entry.source)) }))
  const exported = new Set(all.flatMap(({ declarations }) => declarations.map(({ name }) => name)))
  const others = unexported(
    all.flatMap(({ declarations }) => declarations),
    exported,
  )
  const parts = [
    '# The API of the library',
    '',
    'Everything that is exported, with its types and docstrings, by the name that it is imported from. ' +
      'Options with their defaults are also in [a table](options.md), errors on [a page](errors.md) that says what to do. ' +
      'This page is made from the source by `npm run docs`; a test fails when it is stale.',
    '',
    ...all.flatMap(({ name, declarations }) => [`## \`${name}\``, '', ...declarations.flatMap(sectionOf)]),
    '## Named above, and not exported',
    '',
    ...others.flatMap(sectionOf),
  ]
  return parts.join('\n').trimEnd().concat('\n')
}

test('every export of the library is found in the source, and nothing else', async () => {
  for (const { name, source } of entries) {
    const values = exportsOf(source).filter(({ kind }) => kind !== 'type')
    const names = new Set(values.map((one) => one.name))
    const real = Object.keys(await import(join(root, source)))
    expect(real.toSorted(), name).toEqual([...names].toSorted())
  }
})

test('docs/reference/api.md is what the source says of itself (npm run docs writes it)', async () => {
  await expect(page()).toMatchFileSnapshot(pageAt('api.md'))
})
