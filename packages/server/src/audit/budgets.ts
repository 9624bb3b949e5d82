import { putLast } from '../bounded-map.ts'
import type { Happening } from './happenings.ts'

/**
 * Of what names nobody, and strangers can cause as often as they like, so many of each type are kept in a minute. Strangers can
 * cause five types, so they write 100 entries a minute at most. A budget for all types together would let one type hide another.
 */
const MOST_OF_NOBODY = 20
/** Of what an account can cause or suffer, so many of each type are kept for each account in an hour. */
const MOST_OF_ACCOUNT = 100
const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** Accounts and types that are counted at once; of more, the budgets that were begun first begin anew. */
const MOST_COUNTED = 50_000
/** Sums that wait to be written; what is beyond adds to those of nobody, of which there is one for each type. */
const MOST_SUMS = 10_000

/** How many of one type, about one account or about nobody, were not kept. */
export interface Sum {
  readonly type: string
  readonly userId: string | null
  readonly count: number
  /** When the last one happened. */
  readonly at: number
}

/**
 * Says what the audit log keeps, and sums up what it does not. Each type has a budget, and each account its own: what names
 * nobody never uses up what is for somebody, nor does one account what is for another. What somebody does to somebody else
 * (an actor is named) is always kept.
 */
export interface Budgets {
  /** Counts it, and says whether it is kept. */
  readonly admit: (happening: Happening) => boolean
  /** Adds one that is not kept to its sum. */
  readonly add: (happening: Happening) => void
  /** The sums of minutes that are over at this time; `isLast`: all. They stay until they are `taken`. */
  readonly due: (now: number, isLast?: boolean) => readonly Sum[]
  readonly take: (sums: readonly Sum[]) => void
}

interface Budget {
  readonly key: string
  readonly most: number
  readonly window: number
}

/** Null for what is always kept. */
function budgetOf({ type, userId, actor }: Happening): Budget | null {
  if (actor !== null) return null
  if (userId !== null) return { key: `${type} ${userId}`, most: MOST_OF_ACCOUNT, window: HOUR }
  return { key: type, most: MOST_OF_NOBODY, window: MINUTE }
}

export function makeBudgets(): Budgets {
  const used = new Map<string, { readonly window: number; count: number }>()
  const sums = new Map<string, Sum & { readonly begunAt: number }>()
  const keyOf = ({ type, userId }: Pick<Sum, 'type' | 'userId'>) => `${type} ${userId ?? ''}`
  return {
    admit(happening) {
      const budget = budgetOf(happening)
      if (budget === null) return true
      const window = Math.floor(happening.at / budget.window)
      const known = used.get(budget.key)
      if (known?.window === window) {
        known.count++
        return known.count <= budget.most
      }
      putLast(used, budget.key, { window, count: 1 }, MOST_COUNTED)
      return true
    },
    add({ type, userId, at }) {
      const own = keyOf({ type, userId })
      const hasRoom = sums.has(own) || sums.size < MOST_SUMS
      const about = hasRoom ? userId : null
      const key = keyOf({ type, userId: about })
      const known = sums.get(key)
      sums.set(key, { type, userId: about, count: (known?.count ?? 0) + 1, at, begunAt: known?.begunAt ?? at })
    },
    due(now, isLast = false) {
      const isOver = ({ begunAt }: { readonly begunAt: number }) =>
        Math.floor(begunAt / MINUTE) < Math.floor(now / MINUTE)
      return [...sums.values()].filter((sum) => isLast || isOver(sum))
    },
    take(taken) {
      for (const sum of taken) {
        const known = sums.get(keyOf(sum))
        if (known === undefined) continue
        // More may have been added while these were written.
        if (known.count > sum.count) sums.set(keyOf(sum), { ...known, count: known.count - sum.count })
        else sums.delete(keyOf(sum))
      }
    },
  }
}
