/**
 * The user epochs. One counter numbers all raises, so an epoch that was forgotten can be answered by a later number:
 * epochs never fall. Forgetting is what bounds the memory, and costs at worst that a sign-in which is under way at that
 * moment has to be repeated; so it happens rarely and for a tenth of the users at once.
 */
export class Epochs {
  readonly #most: number
  /** In the order of the raises, so the first is the lowest, but for what was raised to a number from elsewhere. */
  readonly #byUser = new Map<string, number>()
  #last = 0
  /** The epoch of every user who is not in the map. */
  #floor = 0

  constructor(most: number) {
    this.#most = most
  }

  of(userId: string): number {
    return this.#byUser.get(userId) ?? this.#floor
  }

  raise(userId: string): void {
    this.#last += 1
    this.#byUser.delete(userId)
    this.#byUser.set(userId, this.#last)
    if (this.#byUser.size > this.#most) this.#forgetSome()
  }

  raiseAll(): void {
    this.#last += 1
    this.#floor = this.#last
    this.#byUser.clear()
  }

  /** What every epoch is at least. */
  get floor(): number {
    return this.#floor
  }

  /** Those above the floor. */
  get ofUsers(): readonly { readonly userId: string; readonly epoch: number }[] {
    return [...this.#byUser].map(([userId, epoch]) => ({ userId, epoch }))
  }

  raiseTo(userId: string, atLeast: number): void {
    if (this.of(userId) >= atLeast) return
    this.#last = Math.max(this.#last, atLeast)
    this.#byUser.delete(userId)
    this.#byUser.set(userId, atLeast)
    if (this.#byUser.size > this.#most) this.#forgetSome()
  }

  raiseAllTo(atLeast: number): void {
    if (this.#floor >= atLeast) return
    this.#last = Math.max(this.#last, atLeast)
    this.#floor = atLeast
    for (const [userId, epoch] of this.#byUser) if (epoch <= atLeast) this.#byUser.delete(userId)
  }

  #forgetSome(): void {
    let left = Math.ceil(this.#most / 10)
    for (const [userId, epoch] of this.#byUser) {
      if (left-- === 0) return
      this.#byUser.delete(userId)
      this.#floor = Math.max(this.#floor, epoch)
    }
  }
}
