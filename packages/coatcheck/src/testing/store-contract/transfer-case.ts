import type { Page, Store } from '../../core/store/store.ts'
import { hasTransfer, type ScanPage, type StoreTransfer } from '../../core/store/transfer.ts'
import { expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import { type Kit, kitOf, type StoreContext } from './kit.ts'

export type Transferring = Store & StoreTransfer

export function transferCase(
  name: string,
  promise: number | null,
  run: (kit: Kit & { readonly store: Transferring }, context: StoreContext) => Promise<void>,
): Case<StoreContext> {
  return {
    name,
    promise,
    skipFor: ({ store }) => (hasTransfer(store) ? null : 'The store cannot be moved from or to.'),
    async run(context) {
      const { store } = context
      expectTrue(hasTransfer(store), 'The store cannot be moved from or to.')
      await run({ ...kitOf(store, context.start), store }, context)
    },
  }
}

/** A walk that goes on for ever would otherwise be a case that never ends. */
export const MOST_PAGES = 1_000

export async function walked<T>(scan: (page: ScanPage) => Promise<Page<T>>, limit?: number): Promise<readonly T[]> {
  const items: T[] = []
  let cursor: string | null = null
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page: Page<T> = await scan({ cursor, limit })
    items.push(...page.items)
    cursor = page.cursor
    if (cursor === null) return items
  }
  throw new Error(`The walk did not end after ${MOST_PAGES} pages.`)
}
