import type { Stats } from 'node:fs'
import { chmod, lstat, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError } from './config.ts'

const OTHERS = 0o077
const EVERYBODY = 0o007
const MAY_WRITE = 0o002
/** In such a folder, as `/tmp` is, nobody replaces what is another one's. */
const STICKY = 0o1000

const OURS = /^(?:keys(?:\.[0-9a-f]{12})?|coatcheck\.db(?:-wal|-shm|-journal|\.[\w.-]+)?)$/

/** Systems whose rights are not these bits keep their own. */
const hasRights = process.platform !== 'win32'

/**
 * Takes the rights of all but the owner from the files that are there, and makes the database, so that SQLite does not
 * make it for everybody; what SQLite puts beside it gets the same rights. From the folder only where nothing but ours
 * lies in it: an operator may have named one that others need.
 * @throws ConfigError where everybody may read the files, or replace them, and this user may not change that
 */
export async function keepFromOthers(folder: string, database: string): Promise<void> {
  if (!hasRights) return
  const names = await readdir(folder)
  await keepFolder(folder, names)
  for (const name of names.filter((one) => OURS.test(one))) await keepFile(join(folder, name))
  for (const part of ['', '-wal', '-shm']) await keepFile(`${database}${part}`)
  await makeFile(database)
}

async function keepFolder(folder: string, names: readonly string[]): Promise<void> {
  const mode = await modeOf(folder, (found) => found.isDirectory())
  const isOurs = names.every((name) => OURS.test(name))
  if ((mode & OTHERS) === 0 || (isOurs && (await tryChange(folder, 0o700)))) return
  if ((mode & MAY_WRITE) === 0 || (mode & STICKY) !== 0) return
  throw new ConfigError(`Everybody may write into ${folder}, and so replace the keys: take that away with chmod o-w.`)
}

/** What is linked lies elsewhere, and its rights are somebody else's business. */
async function keepFile(path: string): Promise<void> {
  const mode = await modeOf(path)
  if ((mode & OTHERS) === 0) return
  if (!(await isLink(path)) && (await tryChange(path, 0o600))) return
  if ((mode & EVERYBODY) === 0) return
  throw new ConfigError(`Everybody may read ${path}: let its owner take that away with chmod 600.`)
}

/** 0 for what is not there, or is a folder where a file should be: what opens it says what is wrong. */
async function modeOf(path: string, isWanted = (found: Stats) => found.isFile()): Promise<number> {
  try {
    const found = await stat(path)
    return isWanted(found) ? found.mode : 0
  } catch {
    return 0
  }
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink()
  } catch {
    return false
  }
}

async function tryChange(path: string, mode: number): Promise<boolean> {
  try {
    await chmod(path, mode)
    return true
  } catch {
    return false
  }
}

/** An empty file is an empty database. Where it cannot be made, SQLite cannot either, and says why. */
async function makeFile(path: string): Promise<void> {
  try {
    await (await open(path, 'wx', 0o600)).close()
  } catch {
    return
  }
}
