import { LATEST } from '../accounts/migrations.ts'
import { isThere } from '../backup/backing-up.ts'
import { keptName } from '../backup/before-migrating.ts'
import { schemaAt } from '../backup/restoring.ts'
import { readConfig } from '../config.ts'
import { databaseOf } from '../data-folder.ts'
import type { Given } from './command.ts'
import { withServices } from './opening.ts'

/** `coatcheck migrate`. */
export async function migrate({ output }: Given): Promise<void> {
  const config = readConfig()
  const database = databaseOf(config)
  const before = (await isThere(database)) ? await schemaAt(database) : { accounts: 0, sessions: 0 }
  await withServices(async () => {
    const kept = keptName(database, before)
    // Sessions in a Redis have no tables here.
    const sessions = config.store === null ? LATEST.sessions : before.sessions
    const isUpToDate = before.accounts === LATEST.accounts && before.sessions === sessions
    output.facts({
      accountsBefore: before.accounts,
      accounts: LATEST.accounts,
      sessionsBefore: before.sessions,
      sessions,
      backup: !isUpToDate && (await isThere(kept)) ? kept : null,
    })
  })
}
