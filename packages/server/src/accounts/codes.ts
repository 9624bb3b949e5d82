import { createHash, randomBytes } from 'node:crypto'
import { BATCH, inBatches } from './batches.ts'
import type { Database } from './database.ts'
import { reached } from './faults.ts'

/** What codes are for, and how long they count, in milliseconds. */
export const LIFETIMES = {
  /** A forgotten password. */
  reset: 30 * 60_000,
  /** An address is its owner's. */
  verify: 24 * 60 * 60_000,
  /** The first administrator. */
  setup: 30 * 60_000,
  /** Somebody may make an account. */
  invite: 7 * 24 * 60 * 60_000,
} as const

export type CodePurpose = keyof typeof LIFETIMES

export interface CodeFacts {
  readonly accountId: string | null
  readonly subject: string | null
}

/** Codes that are used once. The table holds their hashes alone. Every call may throw an AccountsOutageError. */
export interface Codes {
  /** 256 random bits in base64url. Earlier codes of the account for the same purpose are void. */
  readonly issue: (purpose: CodePurpose, facts: CodeFacts) => Promise<string>
  /** What a code that still counts is about, without using it up; null where it does not count. */
  readonly peek: (purpose: CodePurpose, code: string) => Promise<CodeFacts | null>
  /** Whether any code for it still counts. */
  readonly isAny: (purpose: CodePurpose) => Promise<boolean>
  /** Uses the code up: of several calls at once, one is answered, the others get null. */
  readonly consume: (purpose: CodePurpose, code: string) => Promise<CodeFacts | null>
  /** Makes a code count again that was consumed for nothing, with its whole lifetime. */
  readonly restore: (purpose: CodePurpose, code: string, subject: string | null) => Promise<void>
  /** Makes all codes for a purpose void; with an account, only that account's. */
  readonly void: (purpose: CodePurpose, accountId?: string) => Promise<void>
  /** Removes what no longer counts. */
  readonly sweep: (signal?: AbortSignal) => Promise<void>
}

export function makeCodes(db: Database, now: () => number = Date.now): Codes {
  const voidCodes = async (purpose: CodePurpose, accountId?: string) => {
    const all = db.deleteFrom('codes').where('purpose', '=', purpose)
    await reached(() => (accountId === undefined ? all : all.where('account_id', '=', accountId)).execute())
  }
  return {
    async issue(purpose, { accountId, subject }) {
      if (accountId !== null) await voidCodes(purpose, accountId)
      const code = randomBytes(32).toString('base64url')
      const row = {
        hash: hashOf(code),
        purpose,
        account_id: accountId,
        subject,
        expires_at: now() + LIFETIMES[purpose],
      }
      await reached(() => db.insertInto('codes').values(row).execute())
      return code
    },
    async peek(purpose, code) {
      const query = db
        .selectFrom('codes')
        .select(['account_id', 'subject'])
        .where('hash', '=', hashOf(code))
        .where('purpose', '=', purpose)
        .where('expires_at', '>', now())
      return factsOf(await reached(() => query.executeTakeFirst()))
    },
    async isAny(purpose) {
      const query = db
        .selectFrom('codes')
        .select('hash')
        .where('purpose', '=', purpose)
        .where('expires_at', '>', now())
        .limit(1)
      return (await reached(() => query.executeTakeFirst())) !== undefined
    },
    async consume(purpose, code) {
      const query = db
        .deleteFrom('codes')
        .where('hash', '=', hashOf(code))
        .where('purpose', '=', purpose)
        .where('expires_at', '>', now())
        .returning(['account_id', 'subject'])
      return factsOf(await reached(() => query.executeTakeFirst()))
    },
    async restore(purpose, code, subject) {
      const row = { hash: hashOf(code), purpose, account_id: null, subject, expires_at: now() + LIFETIMES[purpose] }
      await reached(() => db.insertInto('codes').values(row).execute())
    },
    void: voidCodes,
    async sweep(signal) {
      const old = db.selectFrom('codes').select('hash').where('expires_at', '<=', now()).limit(BATCH)
      const query = db.deleteFrom('codes').where('hash', 'in', old)
      await inBatches(async () => Number((await reached(() => query.executeTakeFirst())).numDeletedRows), { signal })
    },
  }
}

/** The code has all the randomness that a hash needs, so a plain one is enough. */
function hashOf(code: string): string {
  return createHash('sha256').update(code).digest('hex')
}

function factsOf(row: { account_id: string | null; subject: string | null } | undefined): CodeFacts | null {
  return row === undefined ? null : { accountId: row.account_id, subject: row.subject }
}
