import { chmod, constants, copyFile, rename, rm, stat } from 'node:fs/promises'
import type { DataFolder } from '../data-folder.ts'
import { copyDatabase, type Far } from './copying.ts'

/** Why no backup was made. */
export type NoBackup =
  | { readonly outcome: 'there-already'; readonly path: string }
  | { readonly outcome: 'no-database' }

export interface Backup {
  readonly outcome: 'made'
  readonly path: string
  readonly bytes: number
  /** The copy of the keys; null where none was asked for. */
  readonly keys: string | null
}

/** Copies the database of a data folder, also while servers run on it. Overwrites nothing. */
export async function makeBackup(
  folder: Pick<DataFolder, 'database' | 'keyFile'>,
  path: string,
  { withKeys, far }: { readonly withKeys: boolean; readonly far: Far },
): Promise<Backup | NoBackup> {
  const keys = withKeys ? `${path}.keys` : null
  for (const taken of [path, ...(keys === null ? [] : [keys])]) {
    if (await isThere(taken)) return { outcome: 'there-already', path: taken }
  }
  // An empty file is what a folder begins with.
  if (!(await isThere(folder.database)) || (await stat(folder.database)).size === 0) return { outcome: 'no-database' }
  const draft = `${path}.part`
  // Of an earlier one that was broken off.
  await rm(draft, { force: true })
  await copyDatabase(folder.database, draft, far)
  await rename(draft, path)
  if (keys !== null) {
    await copyFile(folder.keyFile, keys, constants.COPYFILE_EXCL)
    await chmod(keys, 0o600)
  }
  return { outcome: 'made', path, bytes: (await stat(path)).size, keys }
}

export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch {
    return false
  }
}
