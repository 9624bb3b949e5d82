import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The keys of a text, newest first. */
export function keysOf(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((key) => key !== '')
}

/** What stands where a key file should be is none, such as a pipe. */
export class NoFileError extends Error {
  override readonly name = 'NoFileError'
}

/**
 * The text of a key file. It opens without waiting, since to open a pipe waits until somebody writes to it, which may be
 * never. @throws NoFileError for what is no file, such as a pipe, a device or a folder
 */
export async function readKeyText(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    if (!(await file.stat()).isFile()) throw new NoFileError(`${path} is no file.`)
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

/** A new key: 256 random bits. */
export const newKey = (): string => randomBytes(32).toString('base64url')

/**
 * Puts other keys into the key file, one a line, by exchanging it for another one: whoever reads it finds the keys before
 * or after, never half of them, whenever the power fails. What the file's owner is, it stays.
 */
export async function writeKeys(path: string, keys: readonly string[]): Promise<void> {
  // A link stays one: somebody has put the file elsewhere on purpose.
  const real = await realpath(path)
  const draft = `${real}.${randomBytes(6).toString('hex')}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await keepOwner(file, real)
    await file.writeFile(`${keys.join('\n')}\n`)
    await file.sync()
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  } finally {
    await file.close()
  }
  await rename(draft, real)
  await syncFolder(dirname(real))
}

/** An administrator's key file would be one that the server may not read. */
async function keepOwner(file: FileHandle, path: string): Promise<void> {
  const { uid, gid } = await stat(path)
  if (process.getuid?.() === 0) await file.chown(uid, gid)
}

/** Makes a new name outlive a loss of power, on systems where a folder can be opened. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
