import type { Store } from '../core/store/store.ts'
import { StoreTimeoutError, StoreUnavailableError } from '../errors.ts'
import { type Around, type CallMatch, intercept, matches, type StoreCall, type StoreMethod } from './intercept.ts'

export interface FaultMatch extends CallMatch {
  /** How many of the matching calls it hits; all until `heal` where it is not given. */
  readonly times?: number | undefined
}

export interface FaultStore extends Store {
  /** `StoreUnavailableError`, and the store never hears of the call. */
  readonly failBefore: (method: StoreMethod | 'any', match?: FaultMatch) => void
  /** The store does it, and the caller gets `StoreTimeoutError` with outcome `unknown`. */
  readonly failAfter: (method: StoreMethod | 'any', match?: FaultMatch) => void
  /**
   * The call stands still until `heal`, when it goes on, or until its signal is aborted, when it is rejected with
   * `StoreTimeoutError` (outcome `none`: it never reached the store).
   */
  readonly hang: (method: StoreMethod | 'any', match?: FaultMatch) => void
  /** The call reaches the store when what `wait` answers has resolved; given up as in `hang`. */
  readonly delay: (method: StoreMethod | 'any', wait: () => Promise<unknown>, match?: FaultMatch) => void
  /** From now on nothing fails; what hangs goes on. */
  readonly heal: () => void
}

interface Fault {
  readonly method: StoreMethod | 'any'
  readonly match: FaultMatch
  readonly apply: Around
  left: number
}

/** A store around a store that fails on demand, by the typed errors that a store has. Of several faults the first hits. */
export function faultStore(store: Store): FaultStore {
  let faults: Fault[] = []
  let healed = Promise.withResolvers<void>()

  const add = (method: StoreMethod | 'any', match: FaultMatch = {}, apply: Around) => {
    faults.push({ method, match, apply, left: match.times ?? Number.POSITIVE_INFINITY })
  }

  const faulty = intercept(store, (call, proceed) => {
    const fault = faults.find((one) => one.left > 0 && hits(one, call))
    if (fault === undefined) return proceed()
    fault.left -= 1
    return fault.apply(call, proceed)
  })

  return {
    ...faulty,
    failBefore: (method, match) => add(method, match, failBefore),
    failAfter: (method, match) => add(method, match, failAfter),
    hang: (method, match) =>
      add(
        method,
        match,
        delayed(() => healed.promise),
      ),
    delay: (method, wait, match) => add(method, match, delayed(wait)),
    heal() {
      faults = []
      healed.resolve()
      healed = Promise.withResolvers()
    },
  }
}

function hits(fault: Fault, call: StoreCall): boolean {
  return matches(call, fault.method === 'any' ? call.method : fault.method, fault.match)
}

const failBefore: Around = async ({ method }) => {
  throw new StoreUnavailableError(method, `The fault store refused ${method}.`)
}

const failAfter: Around = async ({ method }, proceed) => {
  await proceed()
  throw new StoreTimeoutError(method, 'unknown', `The fault store lost the answer of ${method}.`)
}

function delayed(wait: () => Promise<unknown>): Around {
  return async (call, proceed) => {
    await Promise.race([wait(), aborted(call)])
    return proceed()
  }
}

/** Rejects when the call's signal is aborted; never resolves. */
function aborted({ method, signal }: StoreCall): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  const giveUp = () =>
    reject(new StoreTimeoutError(method, 'none', `${method} was aborted while the fault store held it.`))
  if (signal?.aborted) giveUp()
  else signal?.addEventListener('abort', giveUp, { once: true })
  return promise
}
