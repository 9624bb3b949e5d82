import { runtime } from '#runtime'

/** What waits of one name; there while anything does. */
interface Queue {
  /** Resolves when the last one has left. */
  last: Promise<void>
  /** How many had their turn and were answered. */
  served: number
}

/** In which a call that nobody limits has to find its turn, in milliseconds. */
const LONGEST_UNLIMITED = 10_000

/**
 * Lets this process do one thing after the other of each name. `longest`: milliseconds in which a call with a signal has to
 * find its turn; less than the library waits for the call. Leaves nothing behind.
 */
export class Turns {
  readonly #longest: number
  readonly #queues = new Map<string, Queue>()

  constructor(longest = 500) {
    this.#longest = longest
  }

  /**
   * Answers what `work` does, or null where there was no turn in time although others had theirs: where nobody is served
   * it waits on, for then it is the engine that is slow. A turn ends early when the caller gives up, by `signal`.
   */
  async take<T>(
    name: string,
    signal: AbortSignal | undefined,
    work: (isLate: () => boolean) => Promise<T>,
  ): Promise<T | null> {
    const queue = this.#queues.get(name) ?? { last: Promise.resolve(), served: 0 }
    this.#queues.set(name, queue)
    const { last: before, served } = queue
    const { promise: left, resolve } = Promise.withResolvers<void>()
    queue.last = left
    const leave = () => {
      resolve()
      if (queue.last === left && this.#queues.get(name) === queue) this.#queues.delete(name)
    }
    let isLate = false
    const { promise: tooLate, resolve: giveUp } = Promise.withResolvers<'too-late'>()
    const cancel = runtime.after(signal === undefined ? LONGEST_UNLIMITED : this.#longest, () => {
      isLate = true
      if (queue.served > served) giveUp('too-late')
    })
    if ((await Promise.race([before, tooLate])) === 'too-late') {
      void before.then(leave)
      return null
    }
    signal?.addEventListener('abort', leave, { once: true })
    try {
      if (signal?.aborted === true) return null
      const result = await work(() => isLate || signal?.aborted === true)
      queue.served++
      return result
    } finally {
      cancel()
      signal?.removeEventListener('abort', leave)
      leave()
    }
  }

  /** Of how many names somebody waits or is served. */
  get names(): number {
    return this.#queues.size
  }
}
