import type { SessionRecord } from '../../core/record/record.ts'
import type { Page, Store, UserEpoch } from '../../core/store/store.ts'
import type { StoreTransfer } from '../../core/store/transfer.ts'
import { intercept } from '../intercept.ts'
import type { StoreContext } from '../store-contract/kit.ts'
import { aMoment } from '../waiting.ts'

/** A store that breaks one sentence of the contract, and otherwise keeps it. */
export interface BrokenStore {
  readonly name: string
  /** Names of cases of `storeContract` that have to fail on it. Others may fail too. */
  readonly breaks: readonly string[]
  /** The context with a broken store around each good one; those have to be empty. */
  readonly context: (good: StoreContext, pacing?: BrokenPacing) => StoreContext
}

export interface BrokenPacing {
  /**
   * Milliseconds that a store lets pass between two steps that should be one: longer than what others do meanwhile takes, or
   * their race is not lost. Default 5; 0 is a turn of the event loop.
   */
  readonly gap?: number
}

/** A good store whose records can be shown as they are not. */
export interface Bench {
  readonly good: Store
  /** From now on every reader gets the record changed like this. */
  readonly patch: (id: string, change: Patch) => void
  /** Lets others in between two steps that should be one. */
  readonly gap: () => Promise<void>
}

export type Patch = (record: SessionRecord) => SessionRecord

/** `change` answers the methods that are broken; what it does not name stays good. */
export function broken(
  name: string,
  breaks: readonly string[],
  change: (bench: Bench) => Partial<Store & StoreTransfer>,
): BrokenStore {
  const spoil = (good: Store, pacing?: BrokenPacing): Store => {
    const bench = benchOf(good, pacing)
    return { ...bench.good, ...change(bench) }
  }
  return {
    name,
    breaks,
    context: ({ store, open, openNamespace, ...rest }, pacing) => ({
      ...rest,
      store: spoil(store, pacing),
      ...(open && { open: async () => spoil(await open(), pacing) }),
      ...(openNamespace && { openNamespace: async (namespace) => spoil(await openNamespace(namespace), pacing) }),
    }),
  }
}

function benchOf(store: Store, { gap }: BrokenPacing = {}): Bench {
  const patches = new Map<string, Patch>()
  const shown = (record: SessionRecord) => patches.get(record.id)?.(record) ?? record
  const plain = intercept(store, (_, proceed) => proceed())
  const good: Store = {
    ...plain,
    async read(id, options) {
      const record = await store.read(id, options)
      return record && shown(record)
    },
    async listUser(userId, page, options): Promise<Page<SessionRecord>> {
      const { items, cursor } = await store.listUser(userId, page, options)
      return { items: items.map(shown).filter(({ ended }) => ended === null), cursor }
    },
  }
  return {
    good,
    gap: () => aMoment(gap),
    patch(id, change) {
      const before = patches.get(id) ?? ((record: SessionRecord) => record)
      patches.set(id, (record) => change(before(record)))
    },
  }
}

export async function allOf(store: Store, userId: string): Promise<readonly SessionRecord[]> {
  const { items, cursor } = await store.listUser(userId, { limit: 10_000 })
  return cursor === null ? items : Promise.reject(new Error('The list has more than one page.'))
}

/** A user's numbers, with an epoch that is lower. */
export function lowered({ epoch, endEpoch }: UserEpoch, by: number): UserEpoch {
  return { epoch: epoch - by, endEpoch }
}

export const ALIVE: Patch = (record) => ({ ...record, ended: null })
