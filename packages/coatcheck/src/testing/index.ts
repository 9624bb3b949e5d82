/**
 * What tests of sessions need, ours and yours: the contract suite that every store has to pass, and doubles. Needs no
 * test runner. A store of your own passes the suite by ten lines:
 *
 * ```ts
 * import { test } from 'node:test'
 * import { runCase, storeContract } from 'coatcheck/testing'
 * import { myStore } from './my-store.js'
 *
 * const makeContext = () => {
 *   const store = myStore({ namespace: crypto.randomUUID() })
 *   return { store, close: () => store.close() }
 * }
 * for (const one of storeContract) {
 *   test(one.name, async () => {
 *     await runCase(one, makeContext)
 *   })
 * }
 * ```
 *
 * @module
 */
export * from './adapter-contract/index.ts'
export * from './assert.ts'
export * from './barrier-store.ts'
export * from './broken-stores/index.ts'
export * from './cases.ts'
export * from './clock.ts'
export { show } from './compare.ts'
export * from './cookie-jar.ts'
export * from './counting-store.ts'
export * from './fault-store.ts'
export * from './intercept.ts'
export * from './model-store.ts'
export * from './nasty.ts'
export * from './promises/index.ts'
export * from './randomness.ts'
export * from './store-contract/index.ts'
