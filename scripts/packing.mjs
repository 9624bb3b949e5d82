// The packages as they would be published, and applications that have installed them.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rightEnvironment, root } from './node.mjs'
import { capture } from './processes.mjs'
import { npm } from './setup.mjs'

/**
 * @typedef {object} Packed
 * @property {string} path of the tarball
 * @property {number} size of the tarball, in bytes
 * @property {number} unpackedSize what it takes on a disk, in bytes
 */

/** @param {readonly string[]} args @param {string} cwd @returns {Promise<string>} what npm printed */
async function runNpm(args, cwd) {
  const { command, first, shell } = npm()
  const { code, output } = await capture(command, [...first, ...args], { cwd, shell, env: rightEnvironment() })
  if (code !== 0) throw new Error(`npm ${args[0]} ended with ${code}:\n${output}`)
  return output
}

/** @param {string} name the folder of the package, built @param {string} folder for the tarball @returns {Promise<Packed>} */
export async function pack(name, folder) {
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder]
  const output = await runNpm(args, join(root, 'packages', name))
  // An object by the packages' names from npm 11 on, an array before.
  const [packed] = Object.values(JSON.parse(output.slice(output.search(/^[[{]/m))))
  return { path: join(folder, packed.filename), size: packed.size, unpackedSize: packed.unpackedSize }
}

/** What the lockfile pins, so that an installation of tomorrow is that of today. @returns {Record<string, string>} */
function pinned() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  /** @type {Record<string, string>} */
  const versions = {}
  for (const [path, { version, dev, devOptional, link }] of Object.entries(packages)) {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1]
    if (name !== undefined && !dev && !devOptional && !link) versions[name] = version
  }
  return versions
}

/**
 * Makes an application in a folder of its own that has installed some of the tarballs.
 * @param {string} folder
 * @param {Readonly<Record<string, string>>} wanted name of a package → path of its tarball
 * @param {Readonly<Record<string, string>>} known tarballs of what these depend on, which no registry has
 */
export async function installInto(folder, wanted, known) {
  mkdirSync(folder, { recursive: true })
  const tarballs = (/** @type {Readonly<Record<string, string>>} */ paths) =>
    Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, `file:${path}`]))
  const overrides = { ...pinned(), ...tarballs(known) }
  for (const name of Object.keys(wanted)) delete overrides[name]
  const manifest = { name: 'application', private: true, dependencies: tarballs(wanted), overrides }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
  await runNpm(['install', '--prefer-offline', ...quiet], folder)
}

/**
 * The packages that an installation has, besides those of the names; what one platform alone gets does not count.
 * @param {string} folder
 * @param {readonly string[]} own
 */
export function dependenciesIn(folder, own) {
  const { packages } = JSON.parse(readFileSync(join(folder, 'node_modules', '.package-lock.json'), 'utf8'))
  return Object.entries(packages)
    .filter(([, { os, cpu, libc }]) => os === undefined && cpu === undefined && libc === undefined)
    .map(([path]) => path.replace(/^.*node_modules\//, ''))
    .filter((name) => !own.includes(name))
}
