/** So many failures in a row mean that the store is out. */
const FAILURES = 5
/** As many calls as may be under way at once: nobody waits behind more than that. */
const UNDER_WAY = 10_000

/** What came of a call. `given-up`: its caller did not want to know any longer, which says nothing about the store. */
export type CallOutcome = 'answered' | 'failed' | 'timed-out' | 'given-up'

/** A call that was let through. */
export interface Ticket {
  readonly number: number
  readonly isProbe: boolean
}

/** What the end of a call changed. */
export type Turn = 'opened' | 'reopened' | 'closed' | null

/**
 * Whether calls of one kind may be made at all. Closed, all are; open, one at a time tries whether the store is there again,
 * and only when `allowProbe` was called since the last one began. It opens when a call timed out and nothing has been
 * answered since that call began, or when five in a row have failed; and closes with any answer. Has no clock.
 */
export class Breaker {
  #isOpen = false
  #mayProbe = false
  #failures = 0
  #underWay = 0
  #issued = 0
  /** The number of the last ticket that had been issued when the last answer came. */
  #answeredAt = 0

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Lets a call through, or answers why it is not even tried. */
  enter(): Ticket | 'open' | 'crowded' {
    if (this.#underWay >= UNDER_WAY) return 'crowded'
    if (this.#isOpen && !this.#mayProbe) return 'open'
    const isProbe = this.#isOpen
    this.#mayProbe = false
    this.#underWay++
    this.#issued++
    return { number: this.#issued, isProbe }
  }

  leave({ number, isProbe }: Ticket, outcome: CallOutcome): Turn {
    this.#underWay--
    if (outcome === 'answered') return this.#answered()
    if (outcome === 'given-up') {
      // Nobody knows whether the store is there, so the next one may try.
      if (isProbe && this.#isOpen) this.#mayProbe = true
      return null
    }
    this.#failures++
    if (this.#isOpen) return isProbe ? 'reopened' : null
    const isSilent = outcome === 'timed-out' && this.#answeredAt < number
    if (!isSilent && this.#failures < FAILURES) return null
    this.#isOpen = true
    return 'opened'
  }

  /** From now on the next call tries. */
  allowProbe(): void {
    if (this.#isOpen) this.#mayProbe = true
  }

  #answered(): Turn {
    this.#failures = 0
    this.#answeredAt = this.#issued
    if (!this.#isOpen) return null
    this.#isOpen = false
    return 'closed'
  }
}
