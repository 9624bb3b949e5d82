import type { Database } from '../accounts/database.ts'

/** What is remembered of a key, by its fingerprint. Times in epoch milliseconds. */
export interface KeyUse {
  /** Since when it is known. */
  readonly addedAt: number
  /** Since when it is the newest, with which tokens are made; null where it is not. */
  readonly newestAt: number | null
  /** When it was last known to be in use; null where it never was, or still is because it is the newest. */
  readonly lastUsedAt: number | null
}

/** What is remembered of all keys. */
export async function readKeyUses(db: Database): Promise<ReadonlyMap<string, KeyUse>> {
  const rows = await db.selectFrom('key_uses').selectAll().execute()
  return new Map(
    rows.map((row) => [row.key_id, { addedAt: row.added_at, newestAt: row.newest_at, lastUsedAt: row.last_used_at }]),
  )
}

/** Remembers a key that was made just now, of which nothing was signed yet. */
export async function noteAdded(db: Database, id: string, now: number): Promise<void> {
  const row = { key_id: id, added_at: now, newest_at: null, last_used_at: null }
  await db
    .insertInto('key_uses')
    .values(row)
    .onConflict((conflict) => conflict.column('key_id').doUpdateSet(row))
    .execute()
}

/** Remembers that a key was in use; only forward. */
export async function noteUsed(db: Database, id: string, now: number): Promise<void> {
  await db
    .updateTable('key_uses')
    .set({ last_used_at: now })
    .where('key_id', '=', id)
    .where((where) => where.or([where('last_used_at', 'is', null), where('last_used_at', '<', now)]))
    .execute()
}

/**
 * Brings what is remembered in line with the keys of the file, newest first. A key that nothing is known of may have been
 * anything until now; one that is the newest no more was in use until now.
 */
export async function noteKeys(db: Database, ids: readonly string[], now: number): Promise<void> {
  const uses = await readKeyUses(db)
  for (const [place, id] of ids.entries()) {
    const use = uses.get(id)
    const newestAt = place === 0 ? (use?.newestAt ?? now) : null
    const wasNewest = use === undefined || use.newestAt !== null
    const lastUsedAt = place > 0 && wasNewest ? now : (use?.lastUsedAt ?? null)
    if (use !== undefined && use.newestAt === newestAt && use.lastUsedAt === lastUsedAt) continue
    const row = { key_id: id, added_at: use?.addedAt ?? now, newest_at: newestAt, last_used_at: lastUsedAt }
    await db
      .insertInto('key_uses')
      .values(row)
      .onConflict((conflict) => conflict.column('key_id').doUpdateSet(row))
      .execute()
  }
}

/** Forgets a key that is gone from the file. */
export async function forgetKey(db: Database, id: string): Promise<void> {
  await db.deleteFrom('key_uses').where('key_id', '=', id).execute()
}
