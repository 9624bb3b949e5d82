import { logScripts } from './scripts/log.ts'
import { markScripts } from './scripts/marks.ts'
import { recordScripts } from './scripts/records.ts'
import { userScripts } from './scripts/users.ts'

/**
 * The steps that change something, each one script and so one step of the engine. A script gets the keys of one bucket
 * only. What it compares of a record are times, counters and whole texts; what is in the texts it does not look into.
 */
export const scripts = { ...recordScripts, ...userScripts, ...markScripts, ...logScripts } as const

export type ScriptName = keyof typeof scripts
