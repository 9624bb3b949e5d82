/** Damaged records that a process remembers, so that each is told once. */
const MOST = 1_000

/** Tells of records that cannot be read. */
export class Damage {
  readonly #listeners = new Set<(sessionId: string) => void>()
  readonly #told = new Set<string>()

  follow(listener: (sessionId: string) => void): () => void {
    const own = (sessionId: string) => listener(sessionId)
    this.#listeners.add(own)
    return () => {
      this.#listeners.delete(own)
    }
  }

  found(sessionId: string): void {
    if (this.#told.has(sessionId)) return
    if (this.#told.size >= MOST) this.#told.clear()
    this.#told.add(sessionId)
    for (const listener of this.#listeners) listener(sessionId)
  }
}
