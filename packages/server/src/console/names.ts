import type { Accounts } from '../accounts/accounts.ts'
import type { Kept } from '../audit/kept.ts'

/** The names of accounts by their ids; of those that are gone there is none. */
export type Names = ReadonlyMap<string, string>

export async function namesOf(
  { accounts }: { readonly accounts: Pick<Accounts, 'read'> },
  ids: Iterable<string | null>,
): Promise<Names> {
  const names = new Map<string, string>()
  for (const id of new Set(ids)) {
    const account = id === null ? null : await accounts.read(id)
    if (account !== null) names.set(account.id, account.name)
  }
  return names
}

/** Whom events are about, and who did something. */
export const peopleOf = (events: readonly Kept[]): readonly (string | null)[] =>
  events.flatMap(({ userId, actor }) => [userId, actor])

/** A name; of who is none, or no account any more, the beginning of the id. */
export const shownName = (names: Names, id: string): string => names.get(id) ?? id.slice(0, 8)
