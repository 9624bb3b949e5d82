import { stat } from 'node:fs/promises'
import { isThere } from '../backup/backing-up.ts'
import { markOf } from '../backup/restoring.ts'
import { type Config, readConfig } from '../config.ts'
import { databaseOf } from '../data-folder.ts'
import type { Services } from '../environment.ts'
import { CliError } from './faults.ts'

/** What to do where a folder holds no data. */
export const NAME_FOLDER =
  'COATCHECK_DATA has to name the folder of the server, which makes it with all that is in it at its first start.'

/**
 * Opens the data that the settings name for one command, as a server does, and closes it. `mayBeNew`: makes it where there
 * is none. `isClaiming`: see `openServices`.
 * @throws ConfigError where it cannot be used
 * @throws CliError where there is none, and it may not be new
 */
export async function withServices(
  work: (services: Services) => Promise<void>,
  { mayBeNew = false, isClaiming = false }: { readonly mayBeNew?: boolean; readonly isClaiming?: boolean } = {},
): Promise<void> {
  const config = readConfig()
  if (!mayBeNew) await requireData(config)
  // What a command writes is its owner's alone.
  process.umask(0o077)
  // A server that runs has the port of the measurements.
  const { openServices } = await import('../services.ts')
  const { services, close } = await openServices({ ...config, metrics: null }, undefined, isClaiming)
  try {
    await work(services)
  } finally {
    await close()
  }
}

type Place = Pick<Config, 'data' | 'accountsFile'>

/** A folder that was mistyped is not made: its emptiness would pass for the answer. @throws CliError where it holds no data */
export async function requireData(config: Place): Promise<void> {
  if (!(await hasData(config))) throw new CliError(`There is no data in ${config.data}. ${NAME_FOLDER}`)
}

/** Whether a server has made its database there, or a restore is making it. Where it cannot be told, whoever opens it says why. */
export async function hasData(config: Place): Promise<boolean> {
  const database = databaseOf(config)
  try {
    // An empty file is what a start begins with.
    return (await stat(database)).size > 0 || (await isThere(markOf(database)))
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && /^(?:ENOENT|ENOTDIR)$/.test(String(error.code))
    return !isMissing || (await isThere(markOf(database)))
  }
}
