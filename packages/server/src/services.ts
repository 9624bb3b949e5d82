import { makeAccounts } from './accounts/accounts.ts'
import { openDatabase } from './accounts/database.ts'
import { migrate } from './accounts/migrations.ts'
import { makePasswords } from './accounts/passwords.ts'
import type { Config } from './config.ts'
import { openDataFolder } from './data-folder.ts'
import type { Services } from './environment.ts'
import { makeSessions } from './sessions.ts'

export interface OpenServices {
  readonly services: Services
  /** Call it when no request is under way any more. */
  readonly close: () => Promise<void>
}

/** Opens the data, and what the routes work with on it. @throws ConfigError where the data cannot be used */
export async function openServices(config: Config): Promise<OpenServices> {
  const folder = await openDataFolder(config.data)
  const db = await openDatabase(folder.database)
  await migrate(db)
  const passwords = makePasswords()
  const sessions = makeSessions(folder.database, folder.keys, config.origin)
  sessions.startSweeping('1m')
  return {
    services: { sessions, passwords, accounts: makeAccounts(db, passwords), origin: config.origin },
    async close() {
      await sessions.close()
      await db.destroy()
    },
  }
}
