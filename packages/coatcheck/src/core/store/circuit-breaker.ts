import { CoatcheckError, StoreTimeoutError, StoreUnavailableError } from '../../errors.ts'
import type { Runtime } from '../../runtime/index.ts'
import type { Events } from '../events/events.ts'
import { Breaker, type CallOutcome, type Ticket } from './breaker.ts'
import { intercept, isWrite, type StoreMethod } from './intercept.ts'
import type { Store } from './store.ts'

/** How long a store that is out is left alone before the next call tries it, as a part of the limit of one call. */
const PAUSE = 0.5

/**
 * A store that is known to be out is not asked: who calls then is told so at once instead of after the time limit. After
 * half of that limit one call tries whether it is back. Reads and writes are judged apart, because an engine may be unable
 * to do either alone (a lock, a replica that was not promoted). A store in the process's own memory cannot be out.
 */
export function breakingStore(
  store: Store,
  { storeTimeout, runtime }: { readonly storeTimeout: number; readonly runtime: Runtime },
  events: Events,
): Store {
  const { shared, durable } = store.guarantees
  if (!shared && !durable) return store
  const kinds = { reads: new Breaker(), writes: new Breaker() }
  return intercept(store, async (call, proceed) => {
    const { method, signal } = call
    if (method === 'close') return await proceed()
    const kind = isWrite(method) ? 'writes' : 'reads'
    const breaker = kinds[kind]
    const ticket = breaker.enter()
    if (typeof ticket === 'string') throw refusal(method, ticket)
    // A call that may take longer than others (`endAll`) must not keep them from trying: as if it had failed in time.
    const cancel = ticket.isProbe ? runtime.after((1 + PAUSE) * storeTimeout, () => breaker.allowProbe()) : null
    try {
      const answer = await proceed()
      settle(breaker, ticket, 'answered', method)
      return answer
    } catch (error) {
      settle(breaker, ticket, signal?.aborted === true ? 'given-up' : outcomeOf(error), method)
      throw error
    } finally {
      cancel?.()
    }
  })

  function settle(breaker: Breaker, ticket: Ticket, outcome: CallOutcome, operation: StoreMethod): void {
    const turn = breaker.leave(ticket, outcome)
    if (turn === null) return
    if (turn !== 'closed') runtime.after(PAUSE * storeTimeout, () => breaker.allowProbe())
    if (turn !== 'reopened') events.emit({ type: turn === 'opened' ? 'store-out' : 'store-back', operation })
  }
}

const WHY = {
  open: 'the store is out; it is tried again in a moment.',
  crowded: 'too many calls are waiting for the store already.',
} as const

function refusal(method: StoreMethod, why: keyof typeof WHY): StoreUnavailableError {
  return new StoreUnavailableError(method, `store.${method} was not tried: ${WHY[why]}`)
}

/** Whatever else a store throws (it is full, the data do not fit, one record is damaged) is an answer. */
function outcomeOf(error: unknown): CallOutcome {
  if (error instanceof StoreTimeoutError) return error.scope === 'call' ? 'answered' : 'timed-out'
  if (error instanceof StoreUnavailableError) return error.scope === 'call' ? 'answered' : 'failed'
  return error instanceof CoatcheckError ? 'answered' : 'failed'
}
