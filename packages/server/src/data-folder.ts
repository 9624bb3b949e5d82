import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError } from './config.ts'

/** What lies in the folder of a server. */
export interface DataFolder {
  readonly database: string
  /** The signing keys, newest first. */
  readonly keys: string
}

/**
 * Opens the folder, and makes it with its keys where it is new. Only its owner may read it. Several processes may do so
 * at once: they all get the keys that the first one made.
 * @throws ConfigError where the folder cannot be used
 */
export async function openDataFolder(path: string): Promise<DataFolder> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
    return { database: join(path, 'coatcheck.db'), keys: await readOrMakeKeys(join(path, 'keys')) }
  } catch (error) {
    if (error instanceof ConfigError) throw error
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    throw new ConfigError(
      `The folder ${path} cannot be used${code}: make it writable, or name another one with COATCHECK_DATA=./coatcheck-data.`,
      { cause: error },
    )
  }
}

async function readOrMakeKeys(path: string): Promise<string> {
  const present = await readIfThere(path)
  if (present !== null) return checked(path, present)
  await makeKeys(path)
  return checked(path, (await readIfThere(path)) ?? '')
}

function checked(path: string, text: string): string {
  const keys = text.trim()
  if (keys !== '') return keys
  throw new ConfigError(
    `The key file ${path} is empty: restore it from a backup, or delete it, which signs everybody out.`,
  )
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null
    throw error
  }
}

/** Writes the whole file under another name first: linking it fails where somebody else was faster, and nothing is half there. */
async function makeKeys(path: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(`${randomBytes(32).toString('base64url')}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await link(draft, path)
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
  } finally {
    await rm(draft)
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
