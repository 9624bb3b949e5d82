import { runtime } from '#runtime'
import type { EpochRetention, UserEpoch } from '../../core/store/store.ts'
import { forgetEpochAt } from '../rules.ts'
import type { Engine } from './clients.ts'
import type { Keys } from './keys.ts'
import { KEPT_AFTER } from './record-value.ts'
import type { Scripts } from './running.ts'
import { decodeOptional, encodeOptional } from './text.ts'

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

  async epoch(userId: string): Promise<UserEpoch> {
    const [epoch, endEpoch] = await this.#scripts.run('epoch', this.#of(userId), [])
    return { epoch: Number(epoch), endEpoch: Number(endEpoch) }
  }

  /** Newest first. */
  async look(userId: string): Promise<{ readonly entries: readonly Entry[]; readonly admissions: string }> {
    const [admissions, ...flat] = await this.#scripts.run('sessions', [this.#keys.user(userId)], [])
    const entries = flat.flatMap((id, i) =>
      i % 2 === 0 ? [{ id: decodeOptional(String(id)) ?? '', isOld: flat[i + 1] === '1' }] : [],
    )
    return { admissions: String(admissions), entries }
  }

  /** Raises the user's epoch, and with `ends` the end epoch; answers the number, and which sessions were open. */
  async raise(
    userId: string,
    { at, forgetAt, ends }: { readonly at: number; readonly forgetAt?: number | undefined; readonly ends: boolean },
  ): Promise<{ readonly epoch: number; readonly ids: readonly string[] }> {
    const args = [String(forgetEpochAt({ at, forgetAt })), String(at), ends ? '1' : '']
    const [epoch, ...ids] = await this.#scripts.run('raise', this.#of(userId), args)
    return { epoch: Number(epoch), ids: ids.map((id) => decodeOptional(String(id)) ?? '') }
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

  async raiseTo(userId: string, { epoch, endEpoch, forgetAt }: UserEpoch & EpochRetention): Promise<void> {
    const until = forgetEpochAt({ at: runtime.now(), forgetAt })
    const args = [String(epoch), String(endEpoch), String(until), forgetAt === undefined ? '' : '1']
    await this.#scripts.run('raiseTo', this.#of(userId), args)
  }

  /** From when on nothing of the user's set need be kept; undefined where there is none. */
  async keptUntil(userId: string): Promise<number | undefined> {
    const key = this.#keys.user(userId)
    const removedAt = Number(await this.#engine.send(key, 'PEXPIRETIME', key))
    return removedAt < 0 ? undefined : removedAt - KEPT_AFTER
  }

  /** Everyone's epoch; while it is being raised, as it is or as it was. */
  async everyone(): Promise<number> {
    const [key = ''] = this.#keys.everyoneEverywhere
    return Number(String((await this.#engine.send(key, 'GET', key)) ?? '0').split(':')[0])
  }

  /** Everyone's epoch in the bucket of this user. */
  async raiseEveryone(userId: string, epoch: string): Promise<void> {
    await this.#scripts.run('raiseEveryone', [this.#keys.everyone(this.#keys.user(userId))], [epoch, ''])
  }

  /**
   * Raises everyone's epoch above all that any user has: looks at each bucket first, then the first bucket says the
   * number. Where a user was raised past it meanwhile, that bucket goes above that, and the others follow. Answers the number.
   * Two calls at once may answer the same one: each has raised all buckets to it before it ends a record.
   */
  async raiseEveryoneAnew(at: number): Promise<number> {
    const [first = '', ...others] = this.#keys.everyoneEverywhere
    const highest = await Promise.all(others.map((key) => this.#scripts.run('highest', [key], [])))
    const least = highest.reduce((most, [number]) => Math.max(most, Number(number) + 1), at)
    const [epoch] = await this.#scripts.run('nextEveryone', [first], [String(least)])
    const raised = await Promise.all(
      others.map((key) => this.#scripts.run('raiseEveryone', [key], [String(epoch), '1'])),
    )
    const number = raised.reduce((most, [one]) => Math.max(most, Number(one)), Number(epoch))
    if (number > Number(epoch)) await this.raiseEveryoneEverywhere(number)
    return number
  }

  async raiseEveryoneEverywhere(epoch: number): Promise<void> {
    const keys = this.#keys.everyoneEverywhere
    await Promise.all(keys.map((key) => this.#scripts.run('raiseEveryone', [key], [String(epoch), ''])))
  }

  #of(userId: string): readonly [string, string] {
    const key = this.#keys.user(userId)
    return [key, this.#keys.everyone(key)]
  }
}
