import { readdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { KeyError, keyIds } from 'coatcheck'
import { isThere } from '../../backup/backing-up.ts'
import { ConfigError } from '../../config.ts'
import { readKeyFile } from '../../data-folder.ts'
import { keysOf } from '../../keys/key-file.ts'
import { codeOf, type Finding, well, wrong } from './finding.ts'

const MEGABYTE = 1024 * 1024
/** What files may be ahead of the clock, in milliseconds: file systems elsewhere have clocks of their own. */
const SKEW = 60_000
const OTHERS = 0o077
const MAY_WRITE = 0o002
const STICKY = 0o1000
const RESTORE = 'Restore it from a backup, or delete it, which signs everybody out.'
const MAKE = 'Restore it from a backup, or start the server, which makes another one and signs everybody out.'

/** Who may read and write what lies in the folder. */
export async function rightsFindings(folder: string): Promise<readonly Finding[]> {
  if (process.platform === 'win32') return []
  const { mode } = await stat(folder)
  const findings: Finding[] = []
  if ((mode & MAY_WRITE) !== 0 && (mode & STICKY) === 0) {
    findings.push(
      wrong('rights', `Everybody may write into ${folder}, and so replace the keys.`, `chmod o-w ${folder}`),
    )
  }
  const names = await readdir(folder)
  const ours = names.filter((one) => /^(?:keys|coatcheck\.db)/.test(one))
  // Beside files of others an operator may have meant it, and a start leaves it so.
  if (findings.length === 0 && (mode & OTHERS) !== 0 && ours.length === names.length) {
    findings.push(wrong('rights', `Others may look into ${folder}.`, `chmod 700 ${folder}`))
  }
  for (const name of ours) {
    const path = join(folder, name)
    const found = await stat(path)
    if ((found.mode & OTHERS) !== 0)
      findings.push(wrong('rights', `Others may read or write ${path}.`, `chmod 600 ${path}`))
  }
  return findings.length > 0 ? findings : [well('rights', "the folder's files are their owner's alone")]
}

/** The signing keys. */
export async function keysFindings(folder: string): Promise<readonly Finding[]> {
  try {
    const keys = keysOf(await readKeyFile(join(folder, 'keys')))
    const [newest] = await keyIds(keys)
    return [well('keys', `${keys.length}, of which ${newest} is the newest`)]
  } catch (error) {
    if (error instanceof KeyError) return [wrong('keys', error.message, RESTORE)]
    if (!(error instanceof ConfigError)) throw error
    const found = error.message.split(': ')[0] ?? ''
    return [wrong('keys', found, (await isThere(join(folder, 'keys'))) ? RESTORE : MAKE)]
  }
}

/** Whether the clock is behind what was written by it: then sessions live too long, and what was made looks like the future. */
export async function clockFindings(
  paths: readonly string[],
  newestRow: number | null,
  now: number,
): Promise<readonly Finding[]> {
  const times = await Promise.all(paths.map(async (path) => (await stat(path)).mtimeMs))
  const latest = Math.max(...times, newestRow ?? 0)
  if (latest <= now + SKEW) return [well('clock', new Date(now).toISOString())]
  return [
    wrong(
      'clock',
      `The clock says ${new Date(now).toISOString()}, and something was written at ${new Date(latest).toISOString()}.`,
      'Set the clock, and keep it right by NTP: when sessions end goes by it.',
    ),
  ]
}

/** Room on the disk of the folder. */
export async function spaceFindings(folder: string, databaseBytes: number): Promise<readonly Finding[]> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return [spaceFinding(bavail * bsize, databaseBytes)]
  } catch (error) {
    return [wrong('disk', `The disk of ${folder} cannot be looked at (${codeOf(error)}).`, 'Check the disk.')]
  }
}

/** A migration or restore needs as much again as the database. */
export function spaceFinding(free: number, databaseBytes: number): Finding {
  const needed = Math.max(256 * MEGABYTE, 2 * databaseBytes)
  const found = `${Math.floor(free / MEGABYTE)} MB are free`
  if (free >= needed) return well('disk', found)
  return wrong(
    'disk',
    `${found}.`,
    `Make room: ${Math.ceil(needed / MEGABYTE)} MB are needed, also for the copy that an upgrade keeps.`,
  )
}
