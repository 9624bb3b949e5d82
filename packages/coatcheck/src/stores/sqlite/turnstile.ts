import { runtime } from '#runtime'
import { fraction } from '../../core/base/jitter.ts'
import type { CallOptions } from '../../core/store/store.ts'
import { StoreTimeoutError, StoreUnavailableError } from '../../errors.ts'
import type { Cancel } from '../../runtime/index.ts'
import { refuseAborted } from '../rules.ts'

const SHORTEST_PAUSE = 1
const LONGEST_PAUSE = 25
/** So many calls get through in one go; then the rest of the process has its turn. */
const BURST = 32

interface Waiting {
  readonly operation: string
  /** Answers true when the call is settled, false where it has to wait on. */
  readonly attempt: () => boolean
  readonly fail: (error: Error) => void
}

/**
 * Lets calls through to a database that another process may have locked. A call is tried at once; while the lock is
 * held elsewhere it waits its turn, and the first in the row knocks again and again, a little later each time. So the
 * process never stands still, and a thousand waiting calls cost one attempt at a time. A call that has not got through
 * within the limit, or whose caller gives up, did nothing.
 */
export class Turnstile {
  readonly #limit: number
  readonly #isBusy: (error: unknown) => boolean
  readonly #row = new Set<Waiting>()
  #pause = SHORTEST_PAUSE
  #cancelKnock: Cancel | null = null

  constructor(limit: number, isBusy: (error: unknown) => boolean) {
    this.#limit = limit
    this.#isBusy = isBusy
  }

  async enter<T>(operation: string, options: CallOptions | undefined, call: () => T): Promise<T> {
    refuseAborted(operation, options)
    if (this.#row.size === 0) {
      try {
        return call()
      } catch (error) {
        if (!this.#isBusy(error)) throw error
      }
    }
    return await this.#wait(operation, options?.signal, call)
  }

  /** Turns everybody away who still waits. */
  close(): void {
    this.#cancelKnock?.()
    for (const { operation, fail } of this.#row) {
      fail(new StoreUnavailableError(operation, `store.${operation}: the store was closed before its turn came.`))
    }
  }

  #wait<T>(operation: string, signal: AbortSignal | undefined, call: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const leave = () => {
        this.#row.delete(waiting)
        cancelLimit()
        signal?.removeEventListener('abort', giveUp)
      }
      const fail = (error: Error) => {
        leave()
        reject(error)
      }
      const waiting: Waiting = {
        operation,
        fail,
        attempt: () => {
          try {
            resolve(call())
          } catch (error) {
            if (this.#isBusy(error)) return false
            reject(error)
          }
          leave()
          return true
        },
      }
      const giveUp = () => fail(timeout(operation, 'its caller gave up while it waited for the lock.'))
      const cancelLimit = runtime.after(
        this.#limit,
        () => fail(timeout(operation, `another connection held the lock for ${this.#limit} ms.`)),
        true,
      )
      signal?.addEventListener('abort', giveUp)
      if (this.#row.size === 0) this.#pause = SHORTEST_PAUSE
      this.#row.add(waiting)
      if (this.#cancelKnock === null) this.#knockLater()
    })
  }

  #knockLater(): void {
    const ms = this.#pause * (0.5 + fraction(runtime) / 2)
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE)
    this.#cancelKnock = runtime.after(ms, () => this.#knock(), true)
  }

  #knock(): void {
    this.#cancelKnock = null
    let through = 0
    for (const waiting of this.#row) {
      if (through === BURST || !waiting.attempt()) break
      this.#pause = SHORTEST_PAUSE
      through += 1
    }
    if (this.#row.size > 0) this.#knockLater()
  }
}

function timeout(operation: string, why: string): StoreTimeoutError {
  return new StoreTimeoutError(operation, 'none', `store.${operation}: ${why} Nothing was changed.`)
}
