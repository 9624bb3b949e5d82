import { deadlineOf } from '../../core/record/lifecycle.ts'
import type { SessionRecord } from '../../core/record/record.ts'
import type { EndRequest, SweepResult } from '../../core/store/store.ts'
import { StoreTimeoutError } from '../../errors.ts'
import { pause } from '../pausing.ts'
import type { Engine, Send } from './clients.ts'
import { replyCode } from './faults.ts'
import type { Keys } from './keys.ts'
import type { ChangeLog } from './log.ts'
import type { Records } from './records.ts'
import type { Scripts } from './running.ts'
import type { UserSets } from './user-sets.ts'
import { eachOf } from './users.ts'
import { type Ground, groundOf } from './walking.ts'

/** So many keys a machine looks at for one step of a walk. */
const STEP = 1_000
/** At most so many steps a sweep takes, so that it lets others go on. */
const STEPS = 50
/** So many records are ended at once: as each is a script, more would keep the requests of others waiting. */
const AT_ONCE = 20

/** What Redis answers where the value of a key is at fault: one of another type, or one that a script fails at. */
const OF_ONE_KEY: ReadonlySet<string> = new Set(['WRONGTYPE', 'ERR'])

/** So often at most a walk that ends all is gone again. */
const WALKS = 5
/** Milliseconds until the machines are looked at again. */
const PAUSE = 500

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

/** Told how many were ended, before it goes on. */
type Ended = (count: number) => Promise<void>

interface Task {
  readonly now: number
  readonly limit: number
  readonly keepFor: number
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
  readonly #log: ChangeLog
  #place = START

  constructor(engine: Engine, scripts: Scripts, keys: Keys, sets: UserSets, records: Records, log: ChangeLog) {
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
      // A step that was not worked off is taken again.
      if (!(await this.#workOff(ids, { now, limit, keepFor }, swept))) break
      isOver = next === null
      this.#place = next ?? START
    }
    const trimmed = await this.#log.trim(now, limit)
    const { expired, removed } = swept
    // What has expired so long ago that it need not be kept either goes with the next walk.
    const isDue = expired.some(({ ended }) => ended !== null && ended.keepUntil <= now)
    return { expired, removed: removed + trimmed.removed, more: !isOver || trimmed.more || isDue }
  }

  /** Some at once, but never more than the limit lets; false where it left some. */
  async #workOff(ids: readonly string[], task: Task, swept: Swept): Promise<boolean> {
    for (let i = 0; i < ids.length; ) {
      const room = Math.min(AT_ONCE, task.limit - Math.max(swept.expired.length, swept.removed))
      if (room === 0) return false
      const results = await Promise.all(ids.slice(i, i + room).map((id) => this.#sweepOne(id, task)))
      i += room
      const ended = results.filter((result) => typeof result === 'object' && result !== null)
      swept.expired.push(...ended)
      swept.removed += results.filter((result) => result === 'removed').length
      await this.#takeOut(ended)
    }
    return true
  }

  /** The record that it ended, or whether it removed one; null for one whose time has not come. */
  async #sweepOne(id: string, task: Task): Promise<SessionRecord | 'removed' | null> {
    try {
      return await this.#tryOne(id, task)
    } catch (error) {
      // A step is taken again after a failure. What Redis refuses because of one record would end every sweep there.
      if (!OF_ONE_KEY.has(replyCode(error) ?? '')) throw error
      this.#records.tellDamaged(id)
      return null
    }
  }

  async #tryOne(id: string, { now, keepFor }: Task): Promise<SessionRecord | 'removed' | null> {
    const record = await this.#records.read(id)
    if (record === null) return null
    if (record.ended !== null) {
      if (record.ended.keepUntil > now) return null
      return (await this.#records.remove(id, now)) ? 'removed' : null
    }
    const { at, reason } = deadlineOf(record)
    return at > now ? null : await this.#records.expire(id, { at, reason, keepUntil: at + keepFor })
  }

  /** Takes what has ended out of the sets of its users. */
  async #takeOut(ended: readonly SessionRecord[]): Promise<void> {
    const byUser = Map.groupBy(ended, ({ userId }) => userId)
    await Promise.all(
      [...byUser].map(async ([userId, records]) => {
        if (userId !== null)
          await this.#sets.remove(
            userId,
            records.map(({ id }) => id),
          )
      }),
    )
  }

  /**
   * Ends every record that is open; answers how many. A walk that another one of the machines, or a slot that has found a new
   * one, came between may have left some out, so it is gone again. `ended` is told how many, as it goes. @throws StoreTimeoutError where that goes on and on
   */
  async endAll(request: EndRequest, ended: Ended): Promise<number> {
    let count = 0
    for (let walk = 0; walk < WALKS; walk++) {
      const before = await groundOf(this.#engine)
      if (!before.isWhole) {
        // A client learns of a new machine in a moment.
        await pause(PAUSE, true)
        continue
      }
      count += await this.#endOnce(before, request, ended)
      const after = await groundOf(this.#engine)
      if (before.ground !== after.ground) continue
      if (!before.isMoving && !after.isMoving) return count
      // What was on its way may have come to a machine that was walked over before; a second walk finds it there.
      count += await this.#endOnce(after, request, ended)
      if ((await groundOf(this.#engine)).ground === after.ground) return count
    }
    const why = 'the machines of Redis change all the time, so some sessions may be left: repeat it.'
    throw new StoreTimeoutError('endAll', 'unknown', `store.endAll: ${why}`, { scope: 'call' })
  }

  async #endOnce({ machines }: Ground, request: EndRequest, ended: Ended): Promise<number> {
    const sends = machines.map(({ send }) => send)
    let place: Place | null = START
    let count = 0
    while (place !== null) {
      const { ids, next }: Step = await this.#step(sends, place, Number.MAX_SAFE_INTEGER)
      const results = await eachOf(ids, (id) => this.#records.end(id, request, { logs: false, of: null }))
      const some = results.filter(({ outcome }) => outcome === 'ended').length
      await ended(some)
      count += some
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
