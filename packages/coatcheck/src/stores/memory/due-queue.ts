/** Something that is due at a time. `slot` is the queue's own: where the thing stands in it, -1 while outside. */
export interface Due {
  dueAt: number
  slot: number
}

/**
 * A binary heap, the earliest first, that knows where each member stands: adding, moving and taking out cost the
 * logarithm of its size, and looking at the first costs nothing. So a sweep walks over what is due, never over all.
 */
export class DueQueue<T extends Due> {
  readonly #heap: T[] = []

  get first(): T | undefined {
    return this.#heap[0]
  }

  /** The first, where its time has come. */
  due(now: number): T | null {
    const { first } = this
    return first !== undefined && first.dueAt <= now ? first : null
  }

  add(member: T): void {
    member.slot = this.#heap.length
    this.#heap.push(member)
    this.#rise(member)
  }

  remove(member: T): void {
    const last = this.#heap.pop()
    if (last !== undefined && last !== member) {
      this.#place(last, member.slot)
      this.#settle(last)
    }
    member.slot = -1
  }

  move(member: T, dueAt: number): void {
    member.dueAt = dueAt
    this.#settle(member)
  }

  #settle(member: T): void {
    this.#rise(member)
    this.#sink(member)
  }

  #place(member: T, slot: number): void {
    this.#heap[slot] = member
    member.slot = slot
  }

  #rise(member: T): void {
    while (member.slot > 0) {
      const { slot } = member
      const parent = this.#heap[(slot - 1) >> 1]
      if (parent === undefined || parent.dueAt <= member.dueAt) return
      this.#place(member, parent.slot)
      this.#place(parent, slot)
    }
  }

  #sink(member: T): void {
    for (;;) {
      const { slot } = member
      const left = this.#heap[2 * slot + 1]
      const right = this.#heap[2 * slot + 2]
      const child = left === undefined || right === undefined || left.dueAt <= right.dueAt ? left : right
      if (child === undefined || member.dueAt <= child.dueAt) return
      this.#place(member, child.slot)
      this.#place(child, slot)
    }
  }
}
