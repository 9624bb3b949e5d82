// The packages as they would be published: packed, then looked at by publint and by "are the types wrong".
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packages } from './build.mjs'
import { tool } from './check.mjs'
import { rightEnvironment, rightNode, root } from './node.mjs'
import { pack } from './packing.mjs'
import { capture } from './processes.mjs'

export const shapeTitles = packages.map((name) => `Shape of packages/${name} as published`)

/** @param {string} name @returns {boolean} whether others import it; a package of commands alone has no types */
function isImported(name) {
  const { exports } = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'))
  return Object.keys(exports ?? {}).some((path) => path !== './package.json')
}

/**
 * @param {import('./progress.mjs').Progress} progress
 * @returns {Promise<import('./check.mjs').Outcome[]>}
 */
export async function runShapes(progress) {
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-pack-'))
  /** @param {readonly string[]} args */
  const look = (args) => capture(rightNode(), args, { cwd: root, env: rightEnvironment({ NO_COLOR: '1' }) })
  /** @param {string} name */
  async function lookAt(name) {
    const { path: tarball } = await pack(name, folder)
    const results = [await look([tool('publint', 'src', 'cli.js'), 'run', tarball, '--strict'])]
    // ESM only: CommonJS applications require() us, which Node 22 can, so the CommonJS rows say nothing.
    if (isImported(name)) {
      const attw = tool('@arethetypeswrong', 'cli', 'dist', 'index.js')
      results.push(
        await look([attw, tarball, '--profile', 'esm-only', '--no-definitely-typed', '--no-color', '--no-emoji']),
      )
    }
    return results.filter(({ code }) => code !== 0).map(({ output }) => output.trimEnd())
  }
  try {
    const outcomes = []
    for (const [index, name] of packages.entries()) {
      outcomes.push(
        await progress.step(
          shapeTitles[index] ?? name,
          async () => {
            const complaints = await lookAt(name).catch((error) => [String(error)])
            for (const complaint of complaints) progress.pass(`${complaint}\n`)
            return complaints.length === 0
              ? { passed: 1, failed: 0, said: 'ok' }
              : { passed: 0, failed: 1, said: 'FAILED' }
          },
          ({ said }) => said,
        ),
      )
    }
    return outcomes
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
