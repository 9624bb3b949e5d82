import type { Metrics } from '../measuring/measures.ts'

/** What the first process asks of a worker. */
export type ToWorker =
  /** `isReplaced`: the others go on. */
  | { readonly ask: 'stop'; readonly isReplaced: boolean }
  | { readonly ask: 'lines'; readonly number: number }
  | { readonly ask: 'metrics'; readonly number: number }

/** What a worker says. */
export type ToFirst =
  /** `drain`: as its own settings have it, in milliseconds. */
  | { readonly said: 'ready'; readonly drain: number }
  /** What a person needs to know of the server. */
  | { readonly said: 'lines'; readonly number: number; readonly lines: readonly string[] }
  | { readonly said: 'metrics'; readonly number: number; readonly metrics: Metrics }
