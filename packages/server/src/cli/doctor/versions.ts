import { readFileSync } from 'node:fs'
import { type Finding, well, wrong } from './finding.ts'

interface Package {
  readonly version: string
  readonly engines: { readonly node: string }
}

/** The description of this package. */
function ownPackage(): Package {
  return JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as Package
}

/** The version of this package. */
export const ownVersion = (): string => ownPackage().version

/** Whether this Node is one that the package is made for. */
export function versionsFindings(node = process.versions.node): readonly Finding[] {
  const { version, engines } = ownPackage()
  const least = engines.node.replace(/^>=/, '')
  const found = `Coatcheck ${version}, Node ${node}`
  if (isAtLeast(node, least)) return [well('versions', found)]
  return [wrong('versions', `${found}.`, `Use Node ${least} or later.`)]
}

function isAtLeast(version: string, least: string): boolean {
  const [numbers, wanted] = [version, least].map((text) => text.split('.').map(Number))
  for (const [i, number] of (wanted ?? []).entries()) {
    const mine = numbers?.[i] ?? 0
    if (mine !== number) return mine > number
  }
  return true
}
