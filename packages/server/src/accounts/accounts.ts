import { randomBytes } from 'node:crypto'
import type { Database } from './database.ts'
import { isConstraint, reached } from './faults.ts'
import { nameKey, normalizeName } from './names.ts'
import type { Passwords } from './passwords.ts'

export interface Account {
  readonly id: string
  readonly name: string
}

/** Every call may throw an AccountsOutageError. */
export interface Accounts {
  /** Takes a name as `normalizeName` answers it. Null where the name is taken. @throws BusyError */
  readonly create: (name: string, password: string) => Promise<Account | null>
  /** What is needed to check a password, for a name as it was typed: the account, or null where nobody has that name. */
  readonly find: (typed: string) => Promise<(Account & { readonly passwordHash: string }) | null>
  /** Whether the database answers. */
  readonly ping: () => Promise<void>
}

export function makeAccounts(db: Database, passwords: Passwords): Accounts {
  const rowOf = (name: string) =>
    reached(() => db.selectFrom('accounts').selectAll().where('name_key', '=', nameKey(name)).executeTakeFirst())
  return {
    async create(name, password) {
      if ((await rowOf(name)) !== undefined) return null
      const account = { id: randomBytes(16).toString('base64url'), name }
      const row = {
        ...account,
        name_key: nameKey(name),
        password_hash: await passwords.hash(password),
        created_at: Date.now(),
      }
      try {
        await reached(() => db.insertInto('accounts').values(row).execute())
        return account
      } catch (error) {
        // Somebody else took the name while the password was hashed.
        if (isConstraint(error)) return null
        throw error
      }
    },
    async find(typed) {
      const name = normalizeName(typed)
      const row = name === null ? undefined : await rowOf(name)
      return row === undefined ? null : { id: row.id, name: row.name, passwordHash: row.password_hash }
    },
    async ping() {
      await reached(() => db.selectFrom('accounts').select('id').limit(1).execute())
    },
  }
}
