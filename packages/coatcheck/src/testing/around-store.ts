import { type CallOptions, hasMarks, hasStats, type Store, type StoreMarks, type StoreStats } from '../core/store.ts'

export type StoreMethod = Exclude<keyof Store, 'name' | 'namespace' | 'guarantees'> | 'stats' | keyof StoreMarks

export interface StoreCall {
  readonly method: StoreMethod
  /** The id of the session or of the user that the call is about; null where it is about all. */
  readonly subject: string | null
  readonly signal: AbortSignal | undefined
}

/** Stands around each call of a store: calls `proceed` to make it, and answers what it answers, or does not. */
export type Around = <T>(call: StoreCall, proceed: () => Promise<T>) => Promise<T>

/** A store around a store: `around` sees each call. Has the `stats` and marks of the inner one where that has them. */
export function aroundStore(store: Store, around: Around): Store {
  const via = <T>(
    method: StoreMethod,
    subject: string | null,
    options: CallOptions | undefined,
    run: () => Promise<T>,
  ) => around({ method, subject, signal: options?.signal }, run)
  const wrapped: Store = {
    name: store.name,
    namespace: store.namespace,
    guarantees: store.guarantees,
    create: (record, conditions, options) =>
      via('create', record.id, options, () => store.create(record, conditions, options)),
    read: (id, options) => via('read', id, options, () => store.read(id, options)),
    update: (id, change, conditions, options) =>
      via('update', id, options, () => store.update(id, change, conditions, options)),
    rotate: (id, rotation, options) => via('rotate', id, options, () => store.rotate(id, rotation, options)),
    touch: (id, at, touch, options) => via('touch', id, options, () => store.touch(id, at, touch, options)),
    end: (id, request, options) => via('end', id, options, () => store.end(id, request, options)),
    endUser: (userId, request, options) =>
      via('endUser', userId, options, () => store.endUser(userId, request, options)),
    updateUser: (userId, change, options) =>
      via('updateUser', userId, options, () => store.updateUser(userId, change, options)),
    endAll: (request, options) => via('endAll', null, options, () => store.endAll(request, options)),
    userEpoch: (userId, options) => via('userEpoch', userId, options, () => store.userEpoch(userId, options)),
    listUser: (userId, page, options) => via('listUser', userId, options, () => store.listUser(userId, page, options)),
    revocations: (since, page, options) =>
      via('revocations', null, options, () => store.revocations(since, page, options)),
    sweep: (now, batch, options) => via('sweep', null, options, () => store.sweep(now, batch, options)),
    close: () => via('close', null, undefined, () => store.close()),
  }
  if (hasMarks(store)) {
    const marks: StoreMarks = {
      mark: (name, at, options) => via('mark', name, options, () => store.mark(name, at, options)),
      setMark: (name, change, options) => via('setMark', name, options, () => store.setMark(name, change, options)),
    }
    Object.assign(wrapped, marks)
  }
  if (!hasStats(store)) return wrapped
  const stats: StoreStats = { stats: (options) => via('stats', null, options, () => store.stats(options)) }
  return { ...wrapped, ...stats }
}

/** Which calls are meant. */
export interface CallMatch {
  /** Only calls about this session or this user. */
  readonly subject?: string | undefined
}

export function matches(call: StoreCall, method: StoreMethod, { subject }: CallMatch): boolean {
  return call.method === method && (subject === undefined || call.subject === subject)
}
