import { ReadOnlyError } from '../../errors.ts'
import type { SessionState } from './state.ts'

/** Refuses what needs a cookie, or writes, where the session was opened to be read alone. @throws ReadOnlyError */
export function refuseReadOnly({ readOnly }: Pick<SessionState, 'readOnly'>): void {
  if (readOnly) refuse()
}

function refuse(): never {
  throw new ReadOnlyError()
}

/**
 * The same data, at any depth, in which nothing can be changed: a change would be lost without a word, since nobody saves it.
 * It is a view of a copy, because a view of what is frozen (initial values may be) cannot answer views.
 */
export function readOnlyView<Value extends object>(value: Value): Value {
  const views = new WeakMap<object, object>()
  const handler: ProxyHandler<object> = {
    get(target, key, receiver) {
      const inner: unknown = Reflect.get(target, key, receiver)
      return typeof inner === 'object' && inner !== null ? viewOf(inner) : inner
    },
    set: refuse,
    deleteProperty: refuse,
    defineProperty: refuse,
    setPrototypeOf: refuse,
    preventExtensions: refuse,
  }
  const viewOf = (target: object): object => {
    const known = views.get(target)
    if (known !== undefined) return known
    const view = new Proxy(target, handler)
    views.set(target, view)
    return view
  }
  return viewOf(copyOf(value)) as Value
}

function copyOf(value: object): object {
  const copied = (inner: unknown) => (typeof inner === 'object' && inner !== null ? copyOf(inner) : inner)
  if (Array.isArray(value)) return value.map(copied)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copied(inner)]))
}
