import { openDatabase } from '../accounts/database.ts'
import { COMMAND, tellAct } from '../actions/telling.ts'
import { makeAudit } from '../audit/audit.ts'
import type { AccountEvent } from '../audit/happenings.ts'
import type { Config } from '../config.ts'
import { databaseOf } from '../data-folder.ts'
import type { Output } from './output.ts'

/**
 * Tells the audit log of what a command has done that opens no services, so that tables of an earlier version stay as they
 * are. What was done is done: where it cannot be told, such as in a database of before the log, that is said.
 */
export async function record(config: Config, event: AccountEvent, output: Output): Promise<void> {
  const failed = (error: unknown) =>
    output.say(`The audit log does not have it (${error instanceof Error ? error.message : String(error)}).`)
  try {
    const db = await openDatabase(databaseOf(config))
    const audit = makeAudit(db, config.auditDays, failed)
    await tellAct({ audit }, null, event, COMMAND)
    await audit.close()
    await db.destroy()
  } catch (error) {
    failed(error)
  }
}
