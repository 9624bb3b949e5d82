import { type SessionRecord, withFields } from '../../core/record/record.ts'
import type { CallOptions, ReadOptions, Store, UserEpoch } from '../../core/store/store.ts'
import type { StoreTransfer } from '../../core/store/transfer.ts'
import { StoreUnavailableError } from '../../errors.ts'

export type Transferring = Store & StoreTransfer

/** Each further one is needed only where somebody ends all sessions at this moment. */
const ATTEMPTS = 16

/**
 * Brings to `to` what is only in `from`. An open record in `from` is never changed but by its ending, so whoever brings
 * it brings the same; and what is in `to` stays as it is, so a late one changes nothing.
 */
export class Bringing {
  readonly #from: Transferring
  readonly #to: Transferring

  constructor(from: Transferring, to: Transferring) {
    this.#from = from
    this.#to = to
  }

  async read(id: string, options?: ReadOptions): Promise<SessionRecord | null> {
    const record = (await this.#to.read(id, options)) ?? (await this.#from.read(id, options))
    return record && this.#own(record)
  }

  /** Whether there was anything to bring. */
  async bring(id: string, options?: CallOptions): Promise<boolean> {
    return await this.#adopting(options, async () => {
      const record = await this.#from.read(id, options)
      return { records: record === null ? [] : [record], done: record !== null }
    })
  }

  /** All that the user has in `from` and that has not ended. */
  async bringUser(userId: string, options?: CallOptions): Promise<void> {
    let cursor: string | null = null
    do {
      cursor = await this.#adopting(options, async () => {
        const page = await this.#from.listUser(userId, { cursor }, options)
        return { records: page.items, done: page.cursor }
      })
    } while (cursor !== null)
  }

  /** Brings records that have ended in `from`; answers those that `to` did not have. */
  async adoptEnded(records: readonly SessionRecord[], options?: CallOptions): Promise<readonly SessionRecord[]> {
    if (records.length === 0) return []
    const outcomes = await this.#to.adopt(records, {}, options)
    return records.filter((_, i) => outcomes[i] === 'adopted').map((record) => this.#own(record))
  }

  /** The record as `to` would have it. */
  #own(record: SessionRecord): SessionRecord {
    const { namespace } = this.#to
    return record.namespace === namespace ? record : withFields(record, { namespace })
  }

  /** The user's numbers in `to`, after they were raised to those in `from`. */
  async level(userId: string, options?: CallOptions): Promise<UserEpoch> {
    const [before, now] = await Promise.all([
      this.#from.userEpoch(userId, options),
      this.#to.userEpoch(userId, options),
    ])
    if (before.epoch <= now.epoch && before.endEpoch <= now.endEpoch) return now
    await this.#to.raiseEpoch(userId, before, options)
    return await this.#to.userEpoch(userId, options)
  }

  /**
   * `read` has to read in `from` each time it is called: what it answers is adopted only where nobody has ended all
   * sessions since just before.
   */
  async #adopting<T>(
    options: CallOptions | undefined,
    read: () => Promise<{ readonly records: readonly SessionRecord[]; readonly done: T }>,
  ): Promise<T> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const ifEpochOfAll = await this.#to.epochOfAll(options)
      const { records, done } = await read()
      if (records.length === 0) return done
      const outcomes = await this.#to.adopt(records, { ifEpochOfAll }, options)
      if (!outcomes.includes('outdated')) return done
    }
    throw new StoreUnavailableError('adopt', 'store.adopt: all sessions are being ended again and again: try again.')
  }
}
