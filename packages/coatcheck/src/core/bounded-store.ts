import { CoatcheckError, StoreTimeoutError, StoreUnavailableError } from '../errors.ts'
import type { Runtime } from '../runtime/index.ts'
import { type CallOptions, hasMarks, hasStats, type Store, type StoreMarks, type StoreStats } from './store.ts'

/** Ending every session there is may take this many times as long as any other call. */
const ALL_AT_ONCE = 60

/**
 * Bounds every call of a store that does not do so itself: after `limit` milliseconds, or when the caller's own signal is
 * aborted, the call's signal is and the caller gets `StoreTimeoutError`, whatever the store does. Errors of another kind become `StoreUnavailableError`.
 */
export function boundedStore(store: Store, limit: number, runtime: Runtime): Store {
  if (store.guarantees.bounded) return store
  const bound = <T>(
    operation: string,
    writes: boolean,
    options: CallOptions | undefined,
    call: (options: CallOptions) => Promise<T>,
    atMost = limit,
  ) => boundedCall(operation, writes, options, call, atMost, runtime)
  const bounded: Store = {
    name: store.name,
    namespace: store.namespace,
    guarantees: { ...store.guarantees, bounded: true },
    create: (record, conditions, options) => bound('create', true, options, (o) => store.create(record, conditions, o)),
    read: (id, options) => bound('read', false, options, (o) => store.read(id, { ...options, ...o })),
    update: (id, change, conditions, options) =>
      bound('update', true, options, (o) => store.update(id, change, conditions, o)),
    rotate: (id, rotation, options) => bound('rotate', true, options, (o) => store.rotate(id, rotation, o)),
    touch: (id, at, touch, options) => bound('touch', true, options, (o) => store.touch(id, at, touch, o)),
    end: (id, request, options) => bound('end', true, options, (o) => store.end(id, request, o)),
    endUser: (userId, request, options) => bound('endUser', true, options, (o) => store.endUser(userId, request, o)),
    updateUser: (userId, change, options) =>
      bound('updateUser', true, options, (o) => store.updateUser(userId, change, o)),
    endAll: (request, options) => bound('endAll', true, options, (o) => store.endAll(request, o), ALL_AT_ONCE * limit),
    userEpoch: (userId, options) => bound('userEpoch', false, options, (o) => store.userEpoch(userId, o)),
    listUser: (userId, page, options) => bound('listUser', false, options, (o) => store.listUser(userId, page, o)),
    revocations: (since, page, options) =>
      bound('revocations', false, options, (o) => store.revocations(since, page, o)),
    sweep: (now, batch, options) => bound('sweep', true, options, (o) => store.sweep(now, batch, o)),
    close: () => store.close(),
  }
  if (hasMarks(store)) {
    const marks: StoreMarks = {
      mark: (name, at, options) => bound('mark', false, options, (o) => store.mark(name, at, o)),
      setMark: (name, change, options) => bound('setMark', true, options, (o) => store.setMark(name, change, o)),
    }
    Object.assign(bounded, marks)
  }
  if (!hasStats(store)) return bounded
  const stats: StoreStats = { stats: (options) => bound('stats', false, options, (o) => store.stats(o)) }
  return Object.assign(bounded, stats)
}

async function boundedCall<T>(
  operation: string,
  writes: boolean,
  options: CallOptions | undefined,
  call: (options: CallOptions) => Promise<T>,
  limit: number,
  runtime: Runtime,
): Promise<T> {
  const caller = options?.signal
  if (caller?.aborted === true) {
    throw new StoreTimeoutError(operation, 'none', `store.${operation}: its caller gave up before it began.`)
  }
  const aborter = new AbortController()
  let expire: (error: StoreTimeoutError) => void = () => undefined
  const late = new Promise<never>((_, reject) => {
    expire = reject
  })
  const giveUp = (why: string) => {
    aborter.abort()
    expire(new StoreTimeoutError(operation, writes ? 'unknown' : 'none', `store.${operation}: ${why}`))
  }
  const cancel = runtime.after(limit, () => giveUp(`no answer within ${limit} ms.`), true)
  const leave = () => giveUp('its caller gave up before there was an answer.')
  caller?.addEventListener('abort', leave)
  try {
    return await Promise.race([call({ signal: aborter.signal }), late])
  } catch (cause) {
    if (cause instanceof CoatcheckError) throw cause
    throw new StoreUnavailableError(operation, `store.${operation} failed: see \`cause\`.`, { cause })
  } finally {
    cancel()
    caller?.removeEventListener('abort', leave)
  }
}
