import { resolve } from 'node:path'
import { KeyError, keyIds } from 'coatcheck'
import { isThere, makeBackup } from '../backup/backing-up.ts'
import { DamagedError } from '../backup/copying.ts'
import { isInUse, restore, restoreKeys, whyNotRestorable } from '../backup/restoring.ts'
import { shownStore } from '../config/store-url.ts'
import { type Config, readConfig } from '../config.ts'
import { databaseOf, openDataFolder } from '../data-folder.ts'
import { databaseTrouble } from '../database-trouble.ts'
import { keysOf, NoFileError, readKeyText } from '../keys/key-file.ts'
import type { Given } from './command.ts'
import { CliError } from './faults.ts'
import { NAME_FOLDER, requireData } from './opening.ts'
import type { Output } from './output.ts'
import { record } from './recording.ts'

const KEPT = 'Sessions that had ended since the backup are alive again. To end all: coatcheck sessions revoke-all.'
const RUNNING = 'A server, or another program, has the database open: stop it first.'

/** `coatcheck backup`. @throws CliError where nothing could be copied */
export async function backUp({ names: [file = ''], has, output }: Given): Promise<void> {
  process.umask(0o077)
  const config = readConfig()
  await requireData(config)
  const folder = await openDataFolder(config.data, databaseOf(config))
  const progress = output.progress('Copying')
  const path = resolve(file)
  const made = await makeBackup(folder, path, { withKeys: has('with-keys'), far: progress.at })
    .catch((error: unknown) => explained(folder.database, path, error))
    .finally(progress.end)
  if (made.outcome === 'there-already') throw new CliError(`${made.path} is there already: name another file.`)
  if (made.outcome === 'no-database') throw new CliError('There is no database yet.')
  await record(config, { type: 'backed-up', file: made.path, withKeys: made.keys !== null }, output)
  sayWhatIsElsewhere(config, output)
  output.rows([{ file: made.path, bytes: made.bytes, keys: made.keys }])
}

/** `coatcheck restore`. @throws CliError where nothing could be restored */
export async function putBack({ names: [file = ''], has, output, confirm }: Given): Promise<void> {
  process.umask(0o077)
  const backup = resolve(file)
  const fault = await whyNotRestorable(backup)
  if (fault !== null) throw new CliError(`${backup} ${fault}.`)
  const keys = has('with-keys') ? await readKeys(`${backup}.keys`) : []
  const config = readConfig()
  // One that was mistyped is not made. An empty one was meant: it takes what another machine had.
  if (!(await isThere(config.data))) throw new CliError(`There is no folder ${config.data}. ${NAME_FOLDER}`)
  const folder = await openDataFolder(config.data, databaseOf(config))
  if (isInUse(folder.database)) throw new CliError(RUNNING)
  await confirm(`Put ${backup} in the place of ${folder.database}?`)
  const progress = output.progress('Copying')
  const keepsSessions = has('keep-sessions') || config.store !== null
  const restored = await restore(folder, backup, progress.at, keepsSessions)
    .catch((error: unknown) => explained(folder.database, backup, error))
    .finally(progress.end)
  if (restored === null) throw new CliError(RUNNING)
  const { kept, ended } = restored
  if (keys.length > 0) await restoreKeys(folder, keys)
  await record(config, { type: 'backup-restored', file: backup, keys: keys.length, ended }, output)
  sayWhatIsElsewhere(config, output)
  if (has('keep-sessions') && config.store === null) output.say(KEPT)
  output.rows([{ restored: backup, before: kept, keys: keys.length, ended }])
}

function sayWhatIsElsewhere({ store }: Config, output: Output): void {
  if (store !== null) output.say(`The sessions are in ${shownStore(store)}, of which this holds nothing.`)
}

/** @throws CliError where the file cannot be read, or does not hold keys */
async function readKeys(path: string): Promise<readonly string[]> {
  try {
    const keys = keysOf(await readKeyText(path))
    await keyIds(keys)
    return keys
  } catch (error) {
    if (error instanceof NoFileError) throw new CliError(error.message)
    if (error instanceof KeyError) throw new CliError(`${path} cannot be used: ${error.message}`)
    return await explained('', path, error)
  }
}

/** Throws what went wrong, in a sentence where it is the database's or the file's fault. */
async function explained(database: string, file: string, error: unknown): Promise<never> {
  if (error instanceof DamagedError) throw new CliError(`${error.message}. Restore a backup.`)
  if (error instanceof Error && 'code' in error && /^E[A-Z]+$/.test(String(error.code))) {
    throw new CliError(`${file} cannot be used (${String(error.code)}).`)
  }
  throw await databaseTrouble(database, error)
}
