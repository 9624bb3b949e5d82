/**
 * Stands around a store: sees each call, and decides whether and how it is made. For metrics, tracing, encryption, time
 * limits and faults in tests.
 *
 * ```ts
 * const measured = intercept(store, async ({ method }, proceed) => {
 *   const began = performance.now()
 *   try {
 *     return await proceed()
 *   } finally {
 *     histogram.record(performance.now() - began, { method })
 *   }
 * })
 * ```
 * @module
 */
export { type Around, intercept, type StoreCall, type StoreMethod } from '../core/store/intercept.ts'
