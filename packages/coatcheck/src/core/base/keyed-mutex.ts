import { ContentionError } from '../../errors.ts'
import type { Runtime } from '../../runtime/index.ts'

/**
 * A mutex for each key: runs tasks of one key one after the other, in the order of arrival, and tasks of different keys at
 * once. Where requests may not wait for one another, each runs at once, and the store's compare-and-set alone decides.
 */
export interface Serial {
  /** @throws ContentionError where its turn does not come in time: the one before waits for this one, or for ever. */
  readonly run: <T>(key: string, task: () => Promise<T>) => Promise<T>
}

/** `patience`: how many milliseconds a task waits for its turn. */
export function makeSerial(runtime: Pick<Runtime, 'after' | 'mayShareAcrossRequests'>, patience: number): Serial {
  const tails = new Map<string, Promise<unknown>>()

  async function inTurn<T>(key: string, before: Promise<unknown>, task: () => Promise<T>): Promise<T> {
    const turn = Promise.withResolvers<void>()
    const cancel = runtime.after(
      patience,
      () => turn.reject(new ContentionError(key.slice(key.indexOf('\n') + 1), 0)),
      true,
    )
    const next = () => turn.resolve()
    before.then(next, next)
    try {
      await turn.promise
    } finally {
      cancel()
    }
    return await task()
  }

  return {
    run(key, task) {
      if (!runtime.mayShareAcrossRequests()) return task()
      const before = tails.get(key)
      const result = before === undefined ? task() : inTurn(key, before, task)
      tails.set(key, result)
      const forget = () => {
        if (tails.get(key) === result) tails.delete(key)
      }
      result.then(forget, forget)
      return result
    },
  }
}
