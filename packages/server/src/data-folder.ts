import { randomBytes } from 'node:crypto'
import { link, mkdir, open, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Config, ConfigError } from './config.ts'
import { keepFromOthers } from './data-rights.ts'
import { NoFileError, readKeyText } from './keys/key-file.ts'

const EXAMPLE = 'COATCHECK_DATA=./coatcheck-data'
export const MEND_KEYS = 'restore it from a backup, or delete it, which signs everybody out.'

/** How systems say that a file cannot have two names there. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']

/** What lies in the folder of a server. */
export interface DataFolder {
  readonly database: string
  readonly keyFile: string
  /** The signing keys, newest first. */
  readonly keys: string
}

/** Where the database of a folder lies, unless it is put elsewhere. */
export const databaseIn = (path: string): string => join(path, 'coatcheck.db')

/** The database of the settings. */
export const databaseOf = ({ data, accountsFile }: Pick<Config, 'data' | 'accountsFile'>): string =>
  accountsFile ?? databaseIn(data)

/**
 * Opens the folder, and makes it with its keys where it is new. Only its owner may read what is ours in it. Several processes may do so
 * at once: they all get the keys that the first one made. `database`: where that is, if not in the folder.
 * @throws ConfigError where the folder cannot be used
 */
export async function openDataFolder(path: string, database = databaseIn(path)): Promise<DataFolder> {
  const keyFile = join(path, 'keys')
  try {
    await makeFolder(path)
    await keepFromOthers(path, database)
    return { database, keyFile, keys: await readOrMakeKeys(keyFile) }
  } catch (error) {
    if (error instanceof ConfigError) throw error
    throw new ConfigError(
      `The folder ${path} cannot be used${codeOf(error)}: make it writable, or name another one with ${EXAMPLE}.`,
      { cause: error },
    )
  }
}

/** Makes what is missing of the path. Node's own way tries for ever where a system makes no folders, as below /proc. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    if (isCode(error, 'EEXIST') || isCode(error, 'ENOTDIR')) {
      if (await isFolder(path)) return
      const what = isCode(error, 'EEXIST') ? 'is a file' : 'lies below a file'
      throw new ConfigError(`${path} ${what}: name a folder with ${EXAMPLE}.`, { cause: error })
    }
    if (!isCode(error, 'ENOENT') || (await isFolder(dirname(path)))) throw error
    await makeFolder(dirname(path))
    await makeFolder(path)
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}

async function readOrMakeKeys(path: string): Promise<string> {
  const present = await readIfThere(path)
  if (present !== null) return checked(path, present)
  await makeKeys(path)
  return await readKeyFile(path)
}

/** The keys of a key file that is there, newest first, as it has them. @throws ConfigError */
export async function readKeyFile(path: string): Promise<string> {
  const present = await readIfThere(path)
  if (present !== null) return checked(path, present)
  throw new ConfigError(
    `The key file ${path} is missing: restore it from a backup, or start the server, which makes another one and signs everybody out.`,
  )
}

function checked(path: string, text: string): string {
  const keys = text.trim()
  if (keys === '') throw new ConfigError(`The key file ${path} is empty: ${MEND_KEYS}`)
  if (/[\uFFFD\p{Cc}]/u.test(keys.replace(/\s/g, ''))) {
    throw new ConfigError(`The key file ${path} is damaged, it holds more than text: ${MEND_KEYS}`)
  }
  return keys
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readKeyText(path)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null
    if (error instanceof NoFileError) {
      throw new ConfigError(`The key file ${path} is no file: put the keys into one, or ${MEND_KEYS}`, { cause: error })
    }
    throw new ConfigError(
      `The key file ${path} cannot be read${codeOf(error)}: let this user read it, or ${MEND_KEYS}`,
      {
        cause: error,
      },
    )
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
    if (NO_LINKS.some((code) => isCode(error, code))) {
      throw new ConfigError(
        `The file system of ${path} has no hard links${codeOf(error)}, by which the key file is made: write a random text ` +
          `of 32 characters or more into it yourself, or name a folder elsewhere with ${EXAMPLE}.`,
        { cause: error },
      )
    }
    if (!isCode(error, 'EEXIST')) throw error
  } finally {
    await rm(draft)
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
}
