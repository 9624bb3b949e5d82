/**
 * Makes a write to a property that the prototype does not have throw, in sloppy mode too: `session.cart = …` would be lost
 * with the request, where sessions of other libraries keep it. Costs nothing until a property is asked for that is nowhere.
 */
export function refuseStrayWrites(prototype: object): void {
  const refusing = new Proxy(Object.prototype, {
    set(_target, key) {
      throw new TypeError(`session.${String(key)} would not be kept: write to session.data.${String(key)}.`)
    },
  })
  Object.setPrototypeOf(prototype, refusing)
  // Each `await` of a session asks for it; so it is found before the proxy is.
  Object.defineProperty(prototype, 'then', { value: undefined })
}
