import type { SessionRecord } from '../record/record.ts'
import { hasDamage, hasFeed, type StoreMarks, type StoreStats, type TokenRegistry } from './capabilities.ts'
import type { CallOptions, Store } from './store.ts'
import type { StoreTransfer } from './transfer.ts'

/** Methods that a store may lack, by their capabilities. */
type Capabilities = StoreMarks & StoreStats & StoreTransfer & TokenRegistry
type Methods = Omit<Store, 'name' | 'namespace' | 'guarantees'> & Capabilities

export type StoreMethod = keyof Methods

export interface StoreCall {
  readonly method: StoreMethod
  /** The id of the session, user or token, or the mark's name, that the call is about; null where it is about several or all. */
  readonly subject: string | null
  readonly signal: AbortSignal | undefined
}

/**
 * Stands around each call of a store: calls `proceed` to make it, and answers what it answers, or does not. With a signal
 * `proceed` makes the call under that one.
 */
export type Around = <T>(call: StoreCall, proceed: (signal?: AbortSignal) => Promise<T>) => Promise<T>

/** What is known of a method. */
interface Row<Method extends StoreMethod> {
  /** Which argument its options are. */
  readonly options: number
  readonly subject: (...args: Parameters<Methods[Method]>) => string | null
  readonly writes: boolean
}

const ofFirst = (first: string) => first
const ofAll = () => null
const ofOne = ([record, ...others]: readonly SessionRecord[]) => (others.length > 0 ? null : (record?.id ?? null))

const METHODS: { readonly [Method in StoreMethod]: Row<Method> } = {
  create: { options: 2, subject: (record) => record.id, writes: true },
  read: { options: 1, subject: ofFirst, writes: false },
  update: { options: 3, subject: ofFirst, writes: true },
  rotate: { options: 2, subject: ofFirst, writes: true },
  touch: { options: 3, subject: ofFirst, writes: true },
  end: { options: 2, subject: ofFirst, writes: true },
  endUser: { options: 2, subject: ofFirst, writes: true },
  updateUser: { options: 2, subject: ofFirst, writes: true },
  endAll: { options: 1, subject: ofAll, writes: true },
  userEpoch: { options: 1, subject: ofFirst, writes: false },
  listUser: { options: 2, subject: ofFirst, writes: false },
  changes: { options: 2, subject: ofAll, writes: false },
  note: { options: 1, subject: ofAll, writes: true },
  sweep: { options: 2, subject: ofAll, writes: true },
  mark: { options: 2, subject: ofFirst, writes: false },
  setMark: { options: 2, subject: ofFirst, writes: true },
  stats: { options: 0, subject: ofAll, writes: false },
  scan: { options: 1, subject: ofAll, writes: false },
  epochs: { options: 1, subject: ofAll, writes: false },
  epochOfAll: { options: 0, subject: ofAll, writes: false },
  lastChange: { options: 0, subject: ofAll, writes: false },
  adopt: { options: 2, subject: ofOne, writes: true },
  raiseEpoch: { options: 2, subject: (userId) => userId, writes: true },
  adoptChanges: { options: 1, subject: ofAll, writes: true },
  addToken: { options: 1, subject: (token) => token.id, writes: true },
  listTokens: { options: 2, subject: (of) => ('sessionId' in of ? of.sessionId : of.userId), writes: false },
  revokeToken: { options: 2, subject: ofFirst, writes: true },
  sweepTokens: { options: 2, subject: ofAll, writes: true },
  close: { options: 0, subject: ofAll, writes: false },
}

/** Whether a call of the method may have changed something although its answer was lost. */
export function isWrite(method: StoreMethod): boolean {
  return METHODS[method].writes
}

/** A store around a store: `around` sees each call. Has the capabilities of the inner one. */
export function intercept<S extends Store>(store: S, around: Around): S {
  const { name, namespace, guarantees } = store
  const wrapped: Record<string, unknown> = { name, namespace, guarantees }
  for (const method of Object.keys(METHODS) as StoreMethod[]) {
    if (typeof Reflect.get(store, method) === 'function') wrapped[method] = aroundMethod(store, method, around)
  }
  // These are no calls that end.
  if (hasFeed(store)) wrapped['watch'] = store.watch.bind(store)
  if (hasDamage(store)) wrapped['onDamaged'] = store.onDamaged.bind(store)
  return wrapped as unknown as S
}

function aroundMethod(store: Store, method: StoreMethod, around: Around) {
  const own: (...args: unknown[]) => unknown = Reflect.get(store, method)
  const { options: at, subject } = METHODS[method] as Row<StoreMethod> & {
    subject: (...args: unknown[]) => string | null
  }
  return (...args: unknown[]) => {
    const options = args[at] as CallOptions | undefined
    const call = { method, subject: subject(...args), signal: options?.signal }
    // Neither async nor awaited, since each promise counts here; what throws at once is a failure like any other.
    const proceed = (signal?: AbortSignal): Promise<never> => {
      if (signal !== undefined) args[at] = options === undefined ? { signal } : { ...options, signal }
      try {
        return Promise.resolve(Reflect.apply(own, store, args) as never)
      } catch (error) {
        return Promise.reject(error)
      }
    }
    return around(call, proceed)
  }
}
