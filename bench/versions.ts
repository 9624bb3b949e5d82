import { readFileSync } from 'node:fs'

/** What was measured, in one line: Node and the packages that bench/package.json pins. */
export function versions(): string {
  const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as {
    dependencies: Record<string, string>
  }
  return [`Node ${process.versions.node}`, ...Object.entries(dependencies).map((pair) => pair.join(' '))].join(', ')
}
