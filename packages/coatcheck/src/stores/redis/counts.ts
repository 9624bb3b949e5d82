import { runtime } from '#runtime'
import type { SessionRecord } from '../../core/record/record.ts'
import type { StoreStats } from '../../core/store/capabilities.ts'
import type { Engine, Reply } from './clients.ts'
import type { Keys } from './keys.ts'

/** Anonymous, signed in, ended. */
export type State = 'a' | 's' | 'e'

const STATES: readonly State[] = ['a', 's', 'e']
/** Milliseconds until what was counted in this process is brought to a Cluster. */
const LATER = 1_000

export function stateOf({ userId, ended }: Pick<SessionRecord, 'userId' | 'ended'>): State {
  if (ended !== null) return 'e'
  return userId === null ? 'a' : 's'
}

/**
 * How many records there are. On one machine the scripts count each record in the step that changes it. In a Cluster the
 * counts lie elsewhere than most records, and nothing that ends a session is to wait for them: there each process adds up
 * what it has done, and brings it a second later.
 */
export class Counts {
  /** What the scripts count in. */
  readonly keys: readonly string[]
  readonly #engine: Engine
  readonly #key: string
  readonly #pending = new Map<State, number>()
  #isDue = false
  #isClosed = false

  constructor(engine: Engine, { counts }: Keys) {
    this.#engine = engine
    this.#key = counts
    this.keys = engine.isCluster ? [] : [counts]
  }

  /** A script has done it already, where it has the key. */
  add(state: State, by: number): void {
    if (this.keys.length > 0 || this.#isClosed) return
    this.#pending.set(state, (this.#pending.get(state) ?? 0) + by)
    if (this.#isDue) return
    this.#isDue = true
    runtime.after(LATER, () => void this.flush())
  }

  ended({ userId }: SessionRecord): void {
    this.add(stateOf({ userId, ended: null }), -1)
    this.add('e', 1)
  }

  /** What cannot be brought now is brought with the next. */
  async flush(): Promise<void> {
    this.#isDue = false
    const changes = [...this.#pending]
    this.#pending.clear()
    await Promise.all(
      changes.map(([state, by]) =>
        this.#engine.send(this.#key, 'HINCRBY', this.#key, state, String(by)).catch(() => this.add(state, by)),
      ),
    )
  }

  async close(): Promise<void> {
    const flushing = this.flush()
    this.#isClosed = true
    await flushing
  }

  async stats(): ReturnType<StoreStats['stats']> {
    await this.flush()
    const counts = (await this.#engine.send(this.#key, 'HMGET', this.#key, ...STATES)) as readonly Reply[]
    // Below nothing there is only what was lost, such as counts of before Redis was emptied by hand.
    const [anonymous = 0, signedIn = 0, ended = 0] = counts.map((count) => Math.max(0, Number(count ?? 0)))
    return { anonymous, signedIn, ended }
  }
}
