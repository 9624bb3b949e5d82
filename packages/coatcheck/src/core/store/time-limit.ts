import { CoatcheckError, StoreTimeoutError, StoreUnavailableError } from '../../errors.ts'
import type { Runtime } from '../../runtime/index.ts'
import { intercept, isWrite, type StoreCall, type StoreMethod } from './intercept.ts'
import type { Store } from './store.ts'

/** Ending every session there is may take this many times as long as any other call. */
const ALL_AT_ONCE = 60

/**
 * Bounds every call of a store that does not do so itself: after `limit` milliseconds, or when the caller's own signal is
 * aborted, the call's signal is and the caller gets `StoreTimeoutError`, whatever the store does. Errors of another kind become `StoreUnavailableError`.
 */
export function boundedStore(store: Store, limit: number, runtime: Runtime): Store {
  if (store.guarantees.bounded) return store
  const bounded = intercept(store, (call, proceed) => {
    if (call.method === 'close') return proceed()
    return boundedCall(call, proceed, call.method === 'endAll' ? ALL_AT_ONCE * limit : limit, runtime)
  })
  return { ...bounded, guarantees: { ...store.guarantees, bounded: true } }
}

/** By hand what `Promise.race` would do: this stands around every request's read, and the race is dear. */
function boundedCall<T>(
  { method, signal: caller }: StoreCall,
  proceed: (signal: AbortSignal) => Promise<T>,
  limit: number,
  runtime: Runtime,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (caller?.aborted === true) {
      reject(new StoreTimeoutError(method, 'none', `store.${method}: its caller gave up before it began.`))
      return
    }
    const aborter = new AbortController()
    const giveUp = (why: string) => {
      aborter.abort()
      leave()
      reject(new StoreTimeoutError(method, isWrite(method) ? 'unknown' : 'none', `store.${method}: ${why}`))
    }
    const cancel = runtime.after(limit, () => giveUp(`no answer within ${limit} ms.`), true)
    const onAbort = () => giveUp('its caller gave up before there was an answer.')
    const leave = () => {
      cancel()
      caller?.removeEventListener('abort', onAbort)
    }
    caller?.addEventListener('abort', onAbort)
    proceed(aborter.signal).then(
      (answer) => {
        leave()
        resolve(answer)
      },
      (cause: unknown) => {
        leave()
        reject(cause instanceof CoatcheckError ? cause : failed(method, cause))
      },
    )
  })
}

function failed(method: StoreMethod, cause: unknown): StoreUnavailableError {
  return new StoreUnavailableError(method, `store.${method} failed: see \`cause\`.`, { cause })
}
