// Stamps: what was done last time, so that the next run need not do it again. They live under node_modules,
// so that removing that folder forgets them all.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './node.mjs'
import { Trouble } from './progress.mjs'

const folder = join(root, 'node_modules', '.coatcheck')
const lock = join(root, '.setup.lock')

/** @param {string} path @returns {string | undefined} */
function textOf(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** @param {string} name */
export const readStamp = (name) => textOf(join(folder, name))

/** @param {string} name @param {string} value */
export function writeStamp(name, value) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, name), value)
}

/** @param {string} name */
export const forgetStamp = (name) => rmSync(join(folder, name), { force: true })

/** @param {string} path a folder @returns {string[]} the files below it, sorted; none where it does not exist */
export function filesBelow(path) {
  try {
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
  } catch {
    return []
  }
}

/** @param {readonly string[]} files @param {readonly string[]} facts @returns {string} a hash of names and contents */
export function fingerprint(files, facts = []) {
  const hash = createHash('sha256')
  for (const fact of facts) hash.update(`${fact}\0`)
  for (const file of files)
    hash
      .update(`${file.slice(root.length)}\0`)
      .update(readFileSync(file))
      .update('\0')
  return hash.digest('hex')
}

/** @param {string} pid */
function isAlive(pid) {
  try {
    process.kill(Number(pid), 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}

/**
 * Runs the work while no other run of these scripts in this checkout installs or builds.
 * A lock whose process is gone counts for nothing.
 * @template T
 * @param {(text: string) => void} say
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function alone(say, work) {
  const owner = join(lock, 'pid')
  for (let tries = 0; ; tries += 1) {
    try {
      mkdirSync(lock)
      writeFileSync(owner, String(process.pid))
      break
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
    }
    const pid = textOf(owner)
    // Between the making of the folder and of the file there is a moment without an owner.
    if (pid ? !isAlive(pid) : tries > 10) rmSync(lock, { recursive: true, force: true })
    else if (tries === 0) say(`waiting for process ${pid ?? '?'}, which installs or builds in this checkout`)
    if (tries > 3000)
      throw new Trouble(`Process ${pid ?? '?'} has held .setup.lock for ten minutes: end it, or remove that folder.`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  try {
    return await work()
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}
