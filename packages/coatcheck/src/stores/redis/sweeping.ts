import { deadlineOf } from '../../core/lifecycle.ts'
import type { SessionRecord } from '../../core/record.ts'
import type { EndRequest, SweepResult } from '../../core/store.ts'
import type { Engine, Send } from './clients.ts'
import type { Keys } from './keys.ts'
import type { RevocationLog } from './log.ts'
import type { Records } from './records.ts'
import type { Scripts } from './running.ts'
import type { UserSets } from './user-sets.ts'
import { eachOf } from './users.ts'

/** So many keys a machine looks at for one step of a walk. */
const STEP = 1_000
/** At most so many steps a sweep takes, so that it lets others go on. */
const STEPS = 50

/** Where a walk through all keys of all machines is. */
interface Place {
  readonly machine: number
  readonly cursor: string
}

const START: Place = { machine: 0, cursor: '0' }

/** What one step of a walk found. */
interface Step {
  readonly ids: readonly string[]
  /** Null at the end of the last machine. */
  readonly next: Place | null
}

/** What a sweep has done so far. */
interface Swept {
  readonly expired: SessionRecord[]
  removed: number
}

/**
 * Walks through the keys instead of an index by deadline, which would cost each session a hundred bytes and each touch a
 * change of it: what has expired counts no more anyway, and the engine removes it by itself in the end. What is over is
 * told by the engine's own expiry, so of the others nothing is read.
 */
export class Sweeper {
  readonly #engine: Engine
  readonly #scripts: Scripts
  readonly #keys: Keys
  readonly #sets: UserSets
  readonly #records: Records
  readonly #log: RevocationLog
  #place = START

  constructor(engine: Engine, scripts: Scripts, keys: Keys, sets: UserSets, records: Records, log: RevocationLog) {
    this.#engine = engine
    this.#scripts = scripts
    this.#keys = keys
    this.#sets = sets
    this.#records = records
    this.#log = log
  }

  /** One part of a walk, which goes on where the last one stopped; `more` until it has come to the end. */
  async sweep(now: number, { limit, keepFor }: { limit: number; keepFor: number }): Promise<SweepResult> {
    const machines = await this.#engine.masters()
    const swept: Swept = { expired: [], removed: 0 }
    let isOver = false
    for (let steps = 0; steps < STEPS && !isOver; steps++) {
      const { ids, next } = await this.#step(machines, this.#place, now)
      const records = await eachOf(ids, (id) => this.#records.read(id))
      for (const record of records) if (record !== null) await this.#sweepOne(record, now, limit, keepFor, swept)
      // A step that was not worked off is taken again.
      if (swept.expired.length === limit || swept.removed === limit) break
      isOver = next === null
      this.#place = next ?? START
    }
    const trimmed = await this.#log.trim(now, limit)
    const { expired, removed } = swept
    return { expired, removed: removed + trimmed, more: !isOver || trimmed === limit }
  }

  async #sweepOne(record: SessionRecord, now: number, limit: number, keepFor: number, swept: Swept): Promise<void> {
    if (record.ended !== null) {
      if (swept.removed === limit || record.ended.keepUntil > now) return
      if (await this.#records.remove(record.id, now)) swept.removed++
      return
    }
    const { at, reason } = deadlineOf(record)
    if (at > now || swept.expired.length === limit) return
    const ended = await this.#records.expire(record.id, { at, reason, keepUntil: at + keepFor })
    if (ended === null) return
    swept.expired.push(ended)
    if (ended.userId !== null) await this.#sets.remove(ended.userId, [ended.id])
  }

  /** Ends every record that is open; answers how many. */
  async endAll(request: EndRequest): Promise<number> {
    const machines = await this.#engine.masters()
    let place: Place | null = START
    let count = 0
    while (place !== null) {
      const { ids, next }: Step = await this.#step(machines, place, Number.MAX_SAFE_INTEGER)
      const results = await eachOf(ids, (id) => this.#records.end(id, request, { logs: false, bars: false }))
      count += results.filter(({ outcome }) => outcome === 'ended').length
      place = next
    }
    return count
  }

  async #step(machines: readonly Send[], { machine, cursor }: Place, until: number): Promise<Step> {
    const send = machines[machine]
    // Machines may go while a walk is under way.
    if (send === undefined) return { ids: [], next: null }
    const { records, subjectOf } = this.#keys
    const args = [cursor, records, String(STEP), String(until)]
    const [after, ...keys] = await this.#scripts.runOn(send, 'due', args)
    const ids = keys.map((key) => subjectOf(String(key)))
    if (after !== '0') return { ids, next: { machine, cursor: String(after) } }
    return { ids, next: machine + 1 < machines.length ? { machine: machine + 1, cursor: '0' } : null }
  }
}
