import { readFileSync } from 'node:fs'

interface Package {
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
}

const packageAt = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as Package

/** What was measured, in one line: Node, the packages that bench/package.json pins, and those of `ours` by name. */
export function versions(ours: readonly string[] = []): string {
  const own = ours.map((name) => [name, packageAt(`../node_modules/${name}/package.json`).version])
  const pinned = [...Object.entries(packageAt('package.json').dependencies), ...own]
  return [`Node ${process.versions.node}`, ...pinned.map((pair) => pair.join(' '))].join(', ')
}
