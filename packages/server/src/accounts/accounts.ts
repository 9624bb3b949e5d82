import { randomBytes } from 'node:crypto'
import { type Selectable, sql, type Updateable } from 'kysely'
import type { Database, Tables } from './database.ts'
import { emailKey, normalizeEmail } from './emails.ts'
import { isConstraint, reached } from './faults.ts'
import { nameKey, normalizeName } from './names.ts'
import type { Preferences } from './preferences.ts'

export interface Account extends Preferences {
  readonly id: string
  /** As its owner wrote it. */
  readonly name: string
  readonly role: string
  readonly email: { readonly address: string; readonly isVerified: boolean } | null
  /** Epoch milliseconds; null where the account may be used. Likewise the times below. */
  readonly disabledAt: number | null
  readonly createdAt: number
  readonly passwordChangedAt: number
  /** Whether its owner is told by mail of new devices and of changes of the password. */
  readonly alerts: boolean
}

/** With what its password is checked by. */
export interface KnownAccount extends Account {
  readonly passwordHash: string
}

export interface NewAccount {
  /** As `normalizeName` answers it. */
  readonly name: string
  readonly passwordHash: string
  readonly role: string
  /** Verified already: by an invitation that was sent to it. */
  readonly verifiedEmail?: string | null
}

/** What may change in an account. `email` null takes the address away. */
export interface AccountChange extends Partial<Preferences> {
  readonly passwordHash?: string
  readonly role?: string
  readonly email?: { readonly address: string; readonly isVerified: boolean } | null
  readonly isDisabled?: boolean
  readonly alerts?: boolean
}

/** Every call may throw an AccountsOutageError. */
export interface Accounts {
  /** Null where the name or the address is taken. */
  readonly create: (account: NewAccount) => Promise<Account | null>
  /** The account and its hash, for a name or a verified address as it was typed; null where nobody has it. */
  readonly find: (typed: string) => Promise<KnownAccount | null>
  readonly read: (id: string) => Promise<KnownAccount | null>
  /** Whether there was such an account, and nobody else has the new address. */
  readonly change: (id: string, change: AccountChange) => Promise<boolean>
  /**
   * Puts another hash in the place of the one that was checked; false where that is no longer the account's. `rehashed`:
   * of the same password, so its age stays.
   */
  readonly replaceHash: (id: string, from: string, to: string, why: 'changed' | 'rehashed') => Promise<boolean>
  readonly remove: (id: string) => Promise<void>
  readonly hasAdministrator: () => Promise<boolean>
  /** Of several calls at once one is answered true, and none where there is an administrator already. */
  readonly makeFirstAdministrator: (id: string) => Promise<boolean>
  /** By name, a page at a time; `after` is the last name of the page before. */
  readonly list: (after: string, limit: number) => Promise<Account[]>
  /** Those whose name begins so, or whose verified address it is; a page at a time, by name; `after` as for `list`. */
  readonly search: (text: string, after: string, limit: number) => Promise<Account[]>
  readonly count: () => Promise<number>
  /** Whether the database answers. */
  readonly ping: () => Promise<void>
}

/** What a name or an address that was typed is counted under, whether it is anybody's or not. */
export function typedKey(typed: string): string {
  const email = typed.includes('@') ? normalizeEmail(typed) : null
  return email === null ? nameKey(normalizeName(typed) ?? '') : emailKey(email)
}

type Row = Selectable<Tables['accounts']>

export function makeAccounts(db: Database, now: () => number = Date.now): Accounts {
  const found = async (column: 'id' | 'name_key' | 'email_key', value: string) => {
    const query = db.selectFrom('accounts').selectAll().where(column, '=', value)
    const only = column === 'email_key' ? query.where('email_verified', '=', 1) : query
    const row = await reached(() => only.executeTakeFirst())
    return row === undefined ? null : { ...accountOf(row), passwordHash: row.password_hash }
  }
  return {
    async create({ name, passwordHash, role, verifiedEmail = null }) {
      const row: Row = {
        id: randomBytes(16).toString('base64url'),
        name,
        name_key: nameKey(name),
        password_hash: passwordHash,
        created_at: now(),
        password_changed_at: now(),
        role,
        email: verifiedEmail,
        email_key: verifiedEmail === null ? null : emailKey(verifiedEmail),
        email_verified: verifiedEmail === null ? 0 : 1,
        disabled_at: null,
        theme: null,
        language: null,
        alerts: 1,
      }
      const made = await unlessTaken(() => db.insertInto('accounts').values(row).execute())
      return made === null ? null : accountOf(row)
    },
    async find(typed) {
      const email = typed.includes('@') ? normalizeEmail(typed) : null
      if (email !== null) return await found('email_key', emailKey(email))
      const name = normalizeName(typed)
      return name === null ? null : await found('name_key', nameKey(name))
    },
    read: (id) => found('id', id),
    async change(id, change) {
      const set = changedColumns(change, now())
      const changed = await unlessTaken(() =>
        db.updateTable('accounts').set(set).where('id', '=', id).executeTakeFirst(),
      )
      return changed !== null && changed.numUpdatedRows > 0n
    },
    async replaceHash(id, from, to, why) {
      const set = why === 'changed' ? changedColumns({ passwordHash: to }, now()) : { password_hash: to }
      const query = db.updateTable('accounts').set(set).where('id', '=', id).where('password_hash', '=', from)
      const { numUpdatedRows } = await reached(() => query.executeTakeFirst())
      return numUpdatedRows > 0n
    },
    async remove(id) {
      await reached(() => db.deleteFrom('codes').where('account_id', '=', id).execute())
      await reached(() => db.deleteFrom('accounts').where('id', '=', id).execute())
    },
    async hasAdministrator() {
      const query = db.selectFrom('accounts').select('id').where('role', '=', 'admin').limit(1)
      return (await reached(() => query.executeTakeFirst())) !== undefined
    },
    async makeFirstAdministrator(id) {
      const result = await reached(() =>
        sql`UPDATE accounts SET role = 'admin' WHERE id = ${id}
          AND NOT EXISTS (SELECT 1 FROM accounts WHERE role = 'admin')`.execute(db),
      )
      return (result.numAffectedRows ?? 0n) > 0n
    },
    async list(after, limit) {
      const query = db.selectFrom('accounts').selectAll().where('name_key', '>', nameKey(after)).orderBy('name_key')
      return (await reached(() => query.limit(limit).execute())).map(accountOf)
    },
    async search(text, after, limit) {
      if (text.includes('@')) {
        const account = after === '' ? await found('email_key', emailKey(normalizeEmail(text) ?? '')) : null
        return account === null ? [] : [account]
      }
      const key = nameKey(text.normalize('NFKC').trim())
      const query = db.selectFrom('accounts').selectAll().where('name_key', '>', nameKey(after)).orderBy('name_key')
      // The last of all characters: so an index finds all that begin with the text.
      const only = key === '' ? query : query.where('name_key', '>=', key).where('name_key', '<', `${key}\u{10ffff}`)
      return (await reached(() => only.limit(limit).execute())).map(accountOf)
    },
    async count() {
      const query = db.selectFrom('accounts').select(({ fn }) => fn.countAll<number>().as('count'))
      return Number((await reached(() => query.executeTakeFirstOrThrow())).count)
    },
    async ping() {
      await reached(() => db.selectFrom('accounts').select('id').limit(1).execute())
    },
  }
}

/** Null where another row has the name or the address. */
async function unlessTaken<T>(task: () => Promise<T>): Promise<T | null> {
  try {
    return await reached(task)
  } catch (error) {
    if (isConstraint(error)) return null
    throw error
  }
}

function accountOf(row: Row): Account {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    email: row.email === null ? null : { address: row.email, isVerified: row.email_verified === 1 },
    disabledAt: row.disabled_at,
    createdAt: row.created_at,
    passwordChangedAt: row.password_changed_at,
    theme: row.theme,
    language: row.language,
    alerts: row.alerts === 1,
  }
}

function changedColumns(
  { passwordHash, role, email, isDisabled, theme, language, alerts }: AccountChange,
  now: number,
) {
  const set: Updateable<Tables['accounts']> = {}
  if (passwordHash !== undefined) Object.assign(set, { password_hash: passwordHash, password_changed_at: now })
  if (role !== undefined) set.role = role
  if (email !== undefined) {
    set.email = email?.address ?? null
    set.email_key = email === null ? null : emailKey(email.address)
    set.email_verified = email?.isVerified === true ? 1 : 0
  }
  if (isDisabled !== undefined) set.disabled_at = isDisabled ? now : null
  if (theme !== undefined) set.theme = theme
  if (language !== undefined) set.language = language
  if (alerts !== undefined) set.alerts = alerts ? 1 : 0
  return set
}
