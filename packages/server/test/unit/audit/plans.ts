import { type CompiledQuery, sql } from 'kysely'
import type { Database } from '../../../src/accounts/database.ts'

/** How SQLite goes about a statement. */
export async function planOf(db: Database, { sql: text, parameters }: CompiledQuery): Promise<readonly string[]> {
  const parts = text.split('?').map((part) => sql.raw(part))
  const query = sql<{ detail: string }>`EXPLAIN QUERY PLAN ${sql.join(
    parts.flatMap((part, i) => (i < parameters.length ? [part, sql.val(parameters[i])] : [part])),
    sql.raw(''),
  )}`
  return (await query.execute(db)).rows.map(({ detail }) => detail)
}
