/** What sessions of express-session have, and what to write instead. */
const METHODS: Readonly<Record<string, string>> = {
  destroy: 'write `await session.signOut()`.',
  regenerate:
    'write `await session.signIn(attempt)`, which makes a new session; `await session.rotate()` makes a new token.',
  reload: 'leave it out: `session.update(key, change)` reads the present value.',
  touch: 'leave it out: activity is recorded by itself.',
  resetMaxAge: 'leave it out: activity is recorded by itself.',
}
const COOKIE =
  'session.cookie is not there: how long sessions last is `policy`, and `signIn(attempt, { remember: true })` lets one outlive the browser.'

/**
 * Makes habits of other libraries throw, in sloppy mode too: a write to a property that the prototype does not have would be
 * lost with the request, where sessions of other libraries keep it, and a callback would never be called. Costs nothing
 * until a property is asked for that is nowhere.
 */
export function refuseStrayWrites(prototype: object): void {
  const refusing = new Proxy(Object.prototype, {
    get(target, key, receiver) {
      if (key === 'cookie') throw new TypeError(COOKIE)
      const instead = typeof key === 'string' && Object.hasOwn(METHODS, key) ? METHODS[key] : undefined
      if (instead === undefined) return Reflect.get(target, key, receiver)
      return function refuse(): never {
        throw new TypeError(`session.${String(key)} is not there: ${instead}`)
      }
    },
    set(_target, key) {
      throw new TypeError(`session.${String(key)} would not be kept: write to session.data.${String(key)}.`)
    },
  })
  Object.setPrototypeOf(prototype, refusing)
  // Each `await` of a session asks for it; so it is found before the proxy is.
  Object.defineProperty(prototype, 'then', { value: undefined })
}

/** Refuses a callback at once, since nobody would call it and the request would never be answered. */
export function refuseCallback(method: string, given: readonly unknown[]): void {
  if (typeof given[0] !== 'function') return
  throw new TypeError(`session.${method} takes no callback: write \`await session.${method}()\`.`)
}
