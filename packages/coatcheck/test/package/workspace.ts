// The repository as the tests of its own shape read it.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..')

/** The text of a file, named from the root of the repository. */
export const textOf = (path: string) => readFileSync(join(root, path), 'utf8')

interface Manifest {
  readonly name: string
  readonly version: string
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly scripts?: Readonly<Record<string, string>>
  readonly files?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
}

export const manifestOf = (name: string): Manifest => JSON.parse(textOf(`packages/${name}/package.json`))

/** The files below a folder, named from the root of the repository with `/`. */
export function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
}

/** Every source file of both packages with its text. */
export function sourcesOfAll(): Map<string, string> {
  const files = ['coatcheck', 'server'].flatMap((name) => filesBelow(`packages/${name}/src`))
  return new Map(files.filter((path) => /\.tsx?$/.test(path)).map((path) => [path, textOf(path)]))
}

/** The names by which others may import the library. */
export function publicNames(): Set<string> {
  return new Set(Object.keys(manifestOf('coatcheck').exports ?? {}).map((path) => `coatcheck${path.slice(1)}`))
}
