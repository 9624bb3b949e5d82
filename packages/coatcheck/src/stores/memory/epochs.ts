import type { UserEpoch } from '../../core/store/store.ts'
import type { EpochsOfUser } from '../../core/store/transfer.ts'
import { higherEpochs, raisedEpoch } from '../rules.ts'
import { type Due, DueQueue } from './due-queue.ts'

/** A user's numbers; due when they may be forgotten. */
interface Row extends EpochsOfUser, Due {}

const NONE: UserEpoch = { epoch: 0, endEpoch: 0 }

/**
 * Holds the two numbers of each user. One counter is above all raises, so numbers never fall: a row that was forgotten is
 * answered by the floor, and the next raise is above whatever that user had. Rows go when their time has come; when there
 * are more than `most`, a tenth of them goes at once and the floor rises to theirs, which at worst makes sign-ins under
 * way void and ends sessions without a record too early.
 */
export class Epochs {
  readonly #most: number
  /** In the order of the raises, so the first is the lowest, but for what was raised to a number from elsewhere. */
  readonly #byUser = new Map<string, Row>()
  readonly #due = new DueQueue<Row>()
  #last = 0
  /** The numbers of every user who is not in the map. */
  #floor = NONE

  constructor(most: number) {
    this.#most = most
  }

  of(userId: string): UserEpoch {
    const row = this.#byUser.get(userId)
    if (row === undefined) return this.#floor
    const { epoch, endEpoch } = higherEpochs(row, this.#floor)
    return { epoch, endEpoch }
  }

  /** Raises `epoch`, and with `ends` also `endEpoch`; answers the new number. */
  raise(userId: string, at: number, forgetAt: number, ends: boolean): number {
    const { endEpoch } = this.of(userId)
    this.#last = raisedEpoch(this.#last, at)
    this.#put(userId, { epoch: this.#last, endEpoch: ends ? this.#last : endEpoch }, forgetAt)
    return this.#last
  }

  /** Raises both numbers of everybody; answers the new one. */
  raiseAll(at: number): number {
    this.#last = raisedEpoch(this.#last, at)
    this.#floor = { epoch: this.#last, endEpoch: this.#last }
    for (const row of this.#byUser.values()) this.#remove(row)
    return this.#last
  }

  /**
   * What every number is at least, as one for both: it is the higher of the two, which part only where rows were forgotten for
   * want of room. So a move makes nobody's number lower, and at worst ends sessions without a record too early.
   */
  get floor(): number {
    return Math.max(this.#floor.epoch, this.#floor.endEpoch)
  }

  get ofUsers(): readonly EpochsOfUser[] {
    return [...this.#byUser.values()].map(({ userId, dueAt }) => ({ userId, ...this.of(userId), forgetAt: dueAt }))
  }

  raiseTo(userId: string, atLeast: UserEpoch, forgetAt: number): void {
    const raised = higherEpochs(this.of(userId), atLeast)
    this.#last = Math.max(this.#last, raised.epoch, raised.endEpoch)
    this.#put(userId, raised, forgetAt)
  }

  raiseAllTo(atLeast: UserEpoch): void {
    this.#floor = higherEpochs(this.#floor, atLeast)
    this.#last = Math.max(this.#last, this.#floor.epoch, this.#floor.endEpoch)
  }

  isDue(now: number): boolean {
    return this.#due.due(now) !== null
  }

  /** Removes at most `limit` rows whose time has come; answers how many. */
  sweep(now: number, limit: number): number {
    let removed = 0
    for (let first = this.#due.due(now); removed < limit && first !== null; first = this.#due.due(now)) {
      this.#remove(first)
      removed += 1
    }
    return removed
  }

  /** A row goes at the latest of the times that its changes have asked for: what was begun before them may still live. */
  #put(userId: string, { epoch, endEpoch }: UserEpoch, forgetAt: number): void {
    const present = this.#byUser.get(userId)
    const dueAt = Math.max(forgetAt, present?.dueAt ?? 0)
    if (present !== undefined) this.#remove(present)
    const row: Row = { userId, epoch, endEpoch, dueAt, slot: -1 }
    this.#byUser.set(userId, row)
    this.#due.add(row)
    if (this.#byUser.size > this.#most) this.#forgetSome()
  }

  #remove(row: Row): void {
    this.#byUser.delete(row.userId)
    this.#due.remove(row)
  }

  #forgetSome(): void {
    let left = Math.ceil(this.#most / 10)
    for (const row of this.#byUser.values()) {
      if (left-- === 0) return
      this.#remove(row)
      this.#floor = higherEpochs(this.#floor, row)
    }
  }
}
