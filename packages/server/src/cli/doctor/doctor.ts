import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isThere } from '../../backup/backing-up.ts'
import { type Config, ConfigError, readConfig } from '../../config.ts'
import { databaseOf } from '../../data-folder.ts'
import type { Given } from '../command.ts'
import { CliError } from '../faults.ts'
import { hasData, NAME_FOLDER } from '../opening.ts'
import { configurationFault, originFindings, tlsFindings } from './configuration.ts'
import { databaseFindings, newestRow } from './database.ts'
import { codeOf, type Finding, well, wrong } from './finding.ts'
import { clockFindings, keysFindings, rightsFindings, spaceFindings } from './folder.ts'
import { mailFindings } from './mail.ts'
import { storeFindings } from './store.ts'
import { versionsFindings } from './versions.ts'

/** `coatcheck doctor`. @throws CliError where something has to be done */
export async function examine({ output }: Given): Promise<void> {
  const findings = await findingsOf(Date.now())
  output.rows(findings.map(({ check, state, found, remedy }) => ({ check, state, found, remedy })))
  const count = findings.filter(({ state }) => state === 'wrong').length
  if (count > 0) throw new CliError(`${count} of ${findings.length} findings need something to be done.`)
}

async function findingsOf(now: number): Promise<readonly Finding[]> {
  const findings = [...versionsFindings()]
  try {
    const config = readConfig()
    findings.push(well('configuration', 'understood'), ...originFindings(config), ...(await tlsFindings(config, now)))
    findings.push(...(await mailFindings(config)), ...(await storeFindings(config, join(config.data, 'keys'))))
    findings.push(...(await folderFindings(config, now)))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    findings.push(configurationFault(error))
  }
  return findings
}

async function folderFindings(config: Config, now: number): Promise<readonly Finding[]> {
  const { data } = config
  if (!(await hasData(config))) return [wrong('folder', `There is no data in ${data}.`, NAME_FOLDER)]
  const database = databaseOf(config)
  try {
    const findings = [
      ...(await rightsFindings(data)),
      ...(await keysFindings(data)),
      ...(await databaseFindings(database, config.store === null)),
    ]
    const files: string[] = []
    for (const path of [database, join(data, 'keys')]) if (await isThere(path)) files.push(path)
    const size = files.includes(database) ? (await stat(database)).size : 0
    return [
      ...findings,
      ...(await clockFindings(files, newestRow(database), now)),
      ...(await spaceFindings(data, size)),
    ]
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    return [
      wrong(
        'folder',
        `${data} cannot be read (${codeOf(error)}).`,
        'Run this as the user of the server, or name another folder with COATCHECK_DATA.',
      ),
    ]
  }
}
