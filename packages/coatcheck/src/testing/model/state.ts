import type { SessionRecord } from '../../core/record/record.ts'
import { hasStats } from '../../core/store/capabilities.ts'
import type { Change, Store } from '../../core/store/store.ts'
import { expectTrue } from '../assert.ts'
import { IDS, USERS } from './values.ts'

/** All that can be asked of a store about what the commands may have left in it. */
export async function stateOf(
  store: Store,
  { withStats, withLog }: { readonly withStats: boolean; readonly withLog: boolean },
): Promise<unknown> {
  const state = new Map<string, unknown>()
  for (const id of IDS) {
    const record = await store.read(id)
    state.set(`record ${id}`, record && named(record))
  }
  for (const userId of USERS) state.set(`list of ${userId}`, await listOf(store, userId))
  if (withLog) state.set('log', logOf(await store.changes(0)))
  if (withStats && hasStats(store)) state.set('stats', await store.stats())
  return state
}

export type Epochs = ReadonlyMap<string, number>

/** The epochs, of a user too whom no command knows. Their numbers are each store's own affair; what moves them is not. */
export async function epochsOf(store: Store): Promise<Epochs> {
  const users = [...USERS, 'nobody at all']
  const epochs = await Promise.all(users.map((userId) => store.userEpoch(userId)))
  return new Map(
    users.flatMap((userId, i) => [
      [`epoch of ${userId}`, epochs[i]?.epoch ?? Number.NaN] as const,
      [`end epoch of ${userId}`, epochs[i]?.endEpoch ?? Number.NaN] as const,
    ]),
  )
}

/** How each user's epoch has moved between two looks. */
export function movesOf(before: Epochs, after: Epochs): ReadonlyMap<string, 'raised' | 'kept' | 'lowered'> {
  const moved = (from: number, to: number) => (to > from ? 'raised' : to === from ? 'kept' : 'lowered')
  return new Map([...after].map(([userId, epoch]) => [userId, moved(before.get(userId) ?? Number.NaN, epoch)]))
}

export async function listOf(store: Store, userId: string, limit?: number): Promise<readonly SessionRecord[]> {
  const items: SessionRecord[] = []
  let cursor: string | null = null
  do {
    const page = await store.listUser(userId, { cursor, limit })
    items.push(...page.items.map(named))
    expectTrue(items.length <= IDS.length, 'A list holds more sessions than there can be.')
    cursor = page.cursor
  } while (cursor !== null)
  return items
}

/** Without the namespace, which the stores may call as they like. */
export function named(record: SessionRecord): SessionRecord {
  return { ...record, namespace: '' }
}

/** For records of which the contract gives no order. */
export function levelled(records: readonly SessionRecord[]): readonly SessionRecord[] {
  return records.map(named).toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** Entries of one call have one time, and among them no order; each call has a time of its own. */
export function logOf(entries: readonly Change[]) {
  const unnumbered = entries.map(({ seq: _, ...entry }) => entry)
  const order = (one: string | null, other: string | null) => ((one ?? '') < (other ?? '') ? -1 : one === other ? 0 : 1)
  return unnumbered.toSorted((a, b) => (a.at === b.at ? order(a.subject, b.subject) : 0))
}
