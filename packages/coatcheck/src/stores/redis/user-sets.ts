import type { Engine } from './clients.ts'
import type { Keys } from './keys.ts'
import type { Scripts } from './running.ts'
import { decodeOptional, encodeOptional } from './text.ts'

/** So long a user epoch is kept after it was raised: longer than any sign-in is under way. */
const EPOCH_KEPT = 30 * 24 * 60 * 60_000

/** What the admission of a session is to hold, and what it enters. */
export interface Admission {
  readonly ifUserEpoch: number | undefined
  /** Null enters nothing, for a session that is in the set already. */
  readonly id: string | null
  /** Until when the set is needed for it, in epoch milliseconds. */
  readonly over: number
  /** How often a limit had admitted when the set was looked at; for a creation under a limit. */
  readonly ifAdmissions: string | undefined
}

/** A session in a user's set. */
export interface Entry {
  readonly id: string
  /** Entered so long ago that its record, if it is not there, will not come any more. */
  readonly isOld: boolean
}

/** A user's set: which sessions are open, or were, and the user epoch. Each method is one command. */
export class UserSets {
  readonly #engine: Engine
  readonly #scripts: Scripts
  readonly #keys: Keys

  constructor(engine: Engine, scripts: Scripts, keys: Keys) {
    this.#engine = engine
    this.#scripts = scripts
    this.#keys = keys
  }

  async admit(
    userId: string,
    { ifUserEpoch, id, over, ifAdmissions }: Admission,
  ): Promise<'user-changed' | 'moved' | { readonly everyone: string; readonly size: number }> {
    const [outcome, everyone, size] = await this.#scripts.run('admit', this.#of(userId), [
      ifUserEpoch === undefined ? '' : String(ifUserEpoch),
      encodeOptional(id),
      String(over),
      ifAdmissions ?? '',
    ])
    if (outcome === 'user-changed' || outcome === 'moved') return outcome
    return { everyone: String(everyone), size: Number(size) }
  }

  async epoch(userId: string): Promise<number> {
    const [epoch] = await this.#scripts.run('epoch', this.#of(userId), [])
    return Number(epoch)
  }

  /** Newest first. */
  async look(userId: string): Promise<{ readonly entries: readonly Entry[]; readonly admissions: string }> {
    const [admissions, ...flat] = await this.#scripts.run('sessions', [this.#keys.user(userId)], [])
    const entries = flat.flatMap((id, i) =>
      i % 2 === 0 ? [{ id: decodeOptional(String(id)) ?? '', isOld: flat[i + 1] === '1' }] : [],
    )
    return { admissions: String(admissions), entries }
  }

  /** Raises the user epoch; answers it, and which sessions were open. */
  async raise(userId: string, at: number): Promise<{ readonly epoch: string; readonly ids: readonly string[] }> {
    const [epoch, ...ids] = await this.#scripts.run('raise', this.#of(userId), [String(at + EPOCH_KEPT)])
    return { epoch: String(epoch), ids: ids.map((id) => decodeOptional(String(id)) ?? '') }
  }

  async remove(userId: string, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return
    const key = this.#keys.user(userId)
    await this.#engine.send(key, 'ZREM', key, ...ids.map(encodeOptional))
  }

  /** Those that are old, unless they were entered anew. */
  async forget(userId: string, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#scripts.run('forget', [this.#keys.user(userId)], ids.map(encodeOptional))
  }

  async raiseTo(userId: string, atLeast: number, at: number): Promise<void> {
    await this.#scripts.run('raiseTo', this.#of(userId), [String(atLeast), String(at + EPOCH_KEPT)])
  }

  /** Everyone's epoch; while it is being raised, as it is or as it was. */
  async everyone(): Promise<number> {
    const [key = ''] = this.#keys.everyoneEverywhere
    return Number(await this.#engine.send(key, 'GET', key))
  }

  /** Everyone's epoch in the bucket of this user. */
  async raiseEveryone(userId: string, epoch: string): Promise<void> {
    await this.#scripts.run('raiseEveryone', [this.#keys.everyone(this.#keys.user(userId))], [epoch])
  }

  /**
   * Raises everyone's epoch above whatever it was. The first bucket says what it is then, so that two at once get two, and a
   * clock that is behind changes nothing.
   */
  async raiseEveryoneAnew(at: number): Promise<void> {
    const [first = ''] = this.#keys.everyoneEverywhere
    const [epoch] = await this.#scripts.run('nextEveryone', [first], [String(at)])
    await this.raiseEveryoneEverywhere(String(epoch))
  }

  async raiseEveryoneEverywhere(epoch: string): Promise<void> {
    await Promise.all(this.#keys.everyoneEverywhere.map((key) => this.#scripts.run('raiseEveryone', [key], [epoch])))
  }

  #of(userId: string): readonly [string, string] {
    const key = this.#keys.user(userId)
    return [key, this.#keys.everyone(key)]
  }
}
