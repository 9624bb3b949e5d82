import type { Store, StoreMarks } from 'coatcheck'

/** The calls of a store that go to its engine. */
const OPERATIONS: ReadonlySet<string | symbol> = new Set([
  'create',
  'read',
  'update',
  'rotate',
  'touch',
  'end',
  'endUser',
  'updateUser',
  'endAll',
  'userEpoch',
  'listUser',
  'revocations',
  'sweep',
  'mark',
  'setMark',
] satisfies (keyof (Store & StoreMarks))[])

/** Runs one call of the store, and measures it. */
export type MeasureCall = <T>(operation: string, call: () => Promise<T>) => Promise<T>

/** The same store, each of whose calls is measured. */
export function measuredStore<S extends Store>(store: S, measure: MeasureCall): S {
  const wrapped = new Map<string | symbol, unknown>()
  return new Proxy(store, {
    get(target, key) {
      const known = wrapped.get(key)
      if (known !== undefined) return known
      const value: unknown = Reflect.get(target, key)
      if (typeof value !== 'function') return value
      const call = OPERATIONS.has(key)
        ? (...args: unknown[]) => measure(String(key), () => Reflect.apply(value, target, args))
        : value.bind(target)
      wrapped.set(key, call)
      return call
    },
  })
}
