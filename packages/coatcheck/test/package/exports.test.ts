import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { filesBelow, manifestOf, root, sourcesOfAll, textOf } from './workspace.ts'

const manifest = manifestOf('coatcheck')
const entries = Object.entries(manifest.exports ?? {}).filter(([path]) => path !== './package.json')
const inPackage = (path: string) => join(root, 'packages/coatcheck', path)

describe('the exports of the library', () => {
  test('are there', () => {
    expect(entries.map(([path]) => path)).toContain('.')
  })

  describe.each(entries)('%s', (path, target) => {
    const conditions = target as Readonly<Record<string, string>>
    const source = conditions['coatcheck-source'] ?? ''

    test('names a source that exists', () => {
      expect(existsSync(inPackage(source))).toBe(true)
    })

    test('is called as its source is', () => {
      const name = path === '.' ? './index' : path
      expect([`./src/${name.slice(2)}.ts`, `./src/${name.slice(2)}/index.ts`]).toContain(source)
    })

    test('is built to where its source is, with its types beside it', () => {
      const built = source.replace('./src/', './dist/').replace(/\.ts$/, '')
      expect(conditions).toEqual({ 'coatcheck-source': source, types: `${built}.d.ts`, default: `${built}.js` })
    })

    test('asks for the source first and for the default last', () => {
      expect(Object.keys(conditions)).toEqual(['coatcheck-source', 'types', 'default'])
    })
  })

  test('reach every store and adapter', () => {
    // What stands in stores/ and offers no store is a part that several of them share.
    const offered = [...sourcesOfAll()]
      .filter(([, text]) => /^export (async )?(function|class) \w+(Store|Sessions)\b/m.test(text))
      .map(([path]) => /^packages\/coatcheck\/src\/((stores|adapters)\/[a-z-]+)\.ts$/.exec(path)?.[1])
      .filter((name) => name !== undefined)
    const names = entries.map(([path]) => path.slice(2))
    expect(offered.filter((name) => !names.includes(name))).toEqual([])
  })
})

test('the two packages have one version, and the server asks for that one', () => {
  const server = manifestOf('server')
  expect(server.version).toBe(manifest.version)
  expect(server.dependencies?.['coatcheck']).toBe(manifest.version)
})

test('both packages are built before they are packed, whatever folder npm is called in', () => {
  expect(textOf('.npmrc')).not.toContain('ignore-scripts')
  for (const name of ['coatcheck', 'server']) {
    const { scripts, files } = manifestOf(name)
    expect(scripts).toEqual({ prepack: 'node ../../scripts/run.mjs build' })
    expect(files).toContain('dist')
  }
})

test('the library has no dependency but jose', () => {
  expect(Object.keys(manifest.dependencies ?? {}).filter((name) => name !== 'jose')).toEqual([])
})

test('every unit test stands where its source does', () => {
  const sources = new Set(sourcesOfAll().keys())
  const orphans = ['coatcheck', 'server'].flatMap((name) =>
    filesBelow(`packages/${name}`).filter((file) => {
      const module = new RegExp(`^packages/${name}/test/unit/(.+)\\.test\\.ts$`).exec(file)?.[1]
      if (module === undefined) return false
      return ![`${module}.ts`, `${module}.tsx`, `${module}/index.ts`].some((path) =>
        sources.has(`packages/${name}/src/${path}`),
      )
    }),
  )
  expect(orphans).toEqual([])
})

test('no source file is longer than 350 lines', () => {
  const long = [...sourcesOfAll()].filter(([, text]) => text.split('\n').length > 351).map(([path]) => path)
  expect(long).toEqual([])
})
