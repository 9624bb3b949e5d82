import type { Store } from '../core/store/store.ts'
import { type CallMatch, intercept, matches, type StoreCall, type StoreMethod } from './intercept.ts'

/** A place where one call is stopped. */
export interface Barrier {
  /** Resolves when the call has arrived and stands still. */
  readonly reached: Promise<StoreCall>
  /** Lets the call go on, or never stops it where it has not arrived yet. */
  readonly release: () => void
}

export interface BarrierMatch extends CallMatch {
  /** Which of the matching calls from now on: 1, the default, is the next one. */
  readonly nth?: number | undefined
}

export interface BarrierStore extends Store {
  /** Stops a call before it reaches the store. */
  readonly stopBefore: (method: StoreMethod, match?: BarrierMatch) => Barrier
  /** Stops a call when the store has done it (or failed), before the answer. */
  readonly stopAfter: (method: StoreMethod, match?: BarrierMatch) => Barrier
  /** Releases all, so that nothing hangs when a test is over. */
  readonly releaseAll: () => void
}

interface Gate {
  readonly side: 'before' | 'after'
  readonly method: StoreMethod
  readonly match: BarrierMatch
  readonly arrived: PromiseWithResolvers<StoreCall>
  readonly opened: PromiseWithResolvers<void>
  left: number
}

/**
 * A store around a store on which a test forces races: it stops one call, lets others overtake it, and lets it go.
 *
 * ```ts
 * const store = barrierStore(modelStore())
 * const barrier = store.stopBefore('update', { subject: id })
 * const late = store.update(id, change)
 * await barrier.reached
 * await store.end(id, request)
 * barrier.release()
 * await late // { outcome: 'gone' }
 * ```
 */
export function barrierStore(store: Store): BarrierStore {
  const gates = new Set<Gate>()

  const add = (side: Gate['side'], method: StoreMethod, match: BarrierMatch = {}): Barrier => {
    const gate: Gate = {
      side,
      method,
      match,
      arrived: Promise.withResolvers(),
      opened: Promise.withResolvers(),
      left: match.nth ?? 1,
    }
    gates.add(gate)
    return { reached: gate.arrived.promise, release: () => open(gate) }
  }

  const open = (gate: Gate) => {
    gates.delete(gate)
    gate.opened.resolve()
  }

  const stop = async (call: StoreCall, meant: readonly Gate[], side: Gate['side']) => {
    for (const gate of meant) {
      if (gate.side !== side) continue
      gate.arrived.resolve(call)
      await gate.opened.promise
    }
  }

  const stopped = intercept(store, async (call, proceed) => {
    // Which gates mean this call is decided when it is made, so that calls are counted in the order in which they came.
    const meant = [...gates].filter((gate) => matches(call, gate.method, gate.match) && --gate.left === 0)
    await stop(call, meant, 'before')
    try {
      return await proceed()
    } finally {
      await stop(call, meant, 'after')
    }
  })

  return {
    ...stopped,
    stopBefore: (method, match) => add('before', method, match),
    stopAfter: (method, match) => add('after', method, match),
    releaseAll: () => gates.forEach(open),
  }
}
