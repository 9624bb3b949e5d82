/** Which versions the tables of a database have; 0 where there are none. */
export interface Schema {
  readonly accounts: number
  readonly sessions: number
}

const isThere = (table: string) => `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = '${table}'`

/** Reads the versions by `ask`, which answers the number that a query selects. */
export async function schemaOf(ask: (query: string) => number | Promise<number>): Promise<Schema> {
  const version = async (table: string) =>
    (await ask(isThere(table))) === 0 ? 0 : await ask(`SELECT coalesce(max(version), 0) FROM ${table}`)
  return { accounts: await version('accounts_schema'), sessions: await version('coatcheck_schema') }
}
