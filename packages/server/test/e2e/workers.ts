import { readdirSync, readFileSync } from 'node:fs'
import { dataFolder } from '../running.ts'
import { type ServerProcess, startProcess } from './process.ts'

/** For what takes a moment, and on a busy machine longer. */
export const SOON = { timeout: 60_000 }

/** The settings of a server of several processes, in a folder of its own. */
export const settings = (more: Readonly<Record<string, string>> = {}) => ({
  ...{ PORT: '0', COATCHECK_DATA: dataFolder(), COATCHECK_DRAIN: '0s' },
  ...more,
})

export const serveBy = (workers: number) => ['serve', '--workers', String(workers)]

export async function started(workers: number, more: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  return await startProcess(settings(more), serveBy(workers))
}

/** The processes that the first one has started, as the system knows them; those that are gone are not among them. */
export function workersOf({ pid }: { readonly pid?: number | undefined }): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    const [state, parent] = stateOf(name)
    return parent === String(pid) && state !== 'Z' ? [Number(name)] : []
  })
}

/** Those of the processes that have not ended. */
export const alive = (pids: readonly number[]): readonly number[] =>
  pids.filter((pid) => !['Z', undefined].includes(stateOf(String(pid))[0]))

/** The state and the parent of a process; it may be gone by now. */
function stateOf(pid: string): readonly string[] {
  try {
    // The name, which stands before in brackets, may have blanks of its own.
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
  } catch {
    return []
  }
}
