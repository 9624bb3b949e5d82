import { runtime } from '#runtime'
import { ageOf, type ClockReading, readClocks } from '../../core/record/freshness.ts'
import type { FeedListener } from '../../core/store/capabilities.ts'
import { pause } from '../pausing.ts'
import type { RedisClient } from './clients.ts'
import { replyCode } from './faults.ts'
import { hearKeyEvents, type KeyEvents } from './key-events.ts'
import type { Keys } from './keys.ts'
import { type Machine, machinesOf } from './subscribing.ts'
import { within } from './waiting.ts'

/** Milliseconds between two looks at whether all has been heard. */
const BEAT = 250
/** After so many of them it is tried whether a removal is still heard of. */
const PROBE_EACH = 20
/** Milliseconds until a Redis that does not publish what becomes of keys is asked again. */
const REFUSED_FOR = 60_000

/** Tells of records that are removed. */
export interface Removals {
  /** Up to when all were told, in epoch milliseconds; null where this Redis does not tell of them. */
  readonly aliveAt: number | null
  /** Epoch milliseconds since when none was missed, 0 where nothing is known; null as for `aliveAt`. */
  readonly since: number | null
  /** Milliseconds since the last complete look began, Infinity where nothing is known; null as for `aliveAt`. */
  readonly age: () => number | null
  readonly stop: () => void
}

/**
 * Follows them by keyspace events, on one connection to each machine. Those cost nothing for a change, and each listener
 * one message for a removal; client tracking would send each listener a message for each change
 * (docs/decisions/012-feed-of-redis.md).
 */
export function followRemovals(
  client: RedisClient,
  keys: Keys,
  listener: FeedListener,
  refusedFor = REFUSED_FOR,
): Removals {
  let opened: ReadonlyMap<string, KeyEvents> = new Map()
  let isStopped = false
  let isWhole = false
  /** When the last complete look began; null where nothing is known yet. */
  let looked: ClockReading | null = null
  let since = 0
  /** Whether removals were ever heard of, so that somebody may count on it. */
  let wasHeard = false
  /** Whether this Redis tells of removals, as far as is known. */
  let isTold = true
  let beats = 0

  const ear = {
    heard(key: string) {
      const id = isStopped ? null : keys.recordId(key)
      if (id !== null) listener.gone?.(id)
    },
    lost() {
      isWhole = false
    },
  }

  function closeAll(): void {
    for (const { close } of opened.values()) close()
    opened = new Map()
  }

  async function openAll(machines: readonly Machine[]): Promise<void> {
    closeAll()
    isWhole = true
    const opening = machines.map(async (machine) => [machine.address, await hearKeyEvents(machine, keys, ear)] as const)
    const results = await Promise.allSettled(opening)
    opened = new Map(results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    // What was removed while nobody heard is not known. Where nothing was heard before, nor is now, nobody counts on it.
    const arePublished = [...opened.values()].every((one) => one.arePublished)
    // At each opening: a connection may have failed again before the first look after it.
    if (!isStopped && (isTold ? wasHeard : arePublished)) listener.missed()
    looked = null
    since = 0
  }

  /** Milliseconds until the next one. */
  async function beat(): Promise<number> {
    const machines = await within(machinesOf(client))
    const isSame = machines.length === opened.size && machines.every(({ address }) => opened.has(address))
    const isProbing = ++beats % PROBE_EACH === 0
    if (!(isWhole && isSame) || (isProbing && !(await areAllHeard()))) await openAll(machines)
    const all = [...opened.values()]
    if (all.some(({ arePublished }) => !arePublished)) return refused()
    const began = readClocks(runtime)
    await Promise.all(all.map(({ caughtUp }) => caughtUp()))
    const intact = await Promise.all(all.map(({ isIntact }) => isIntact()))
    if (intact.includes(false)) isWhole = false
    if (isWhole) {
      isTold = true
      wasHeard = true
      looked = began
      if (since === 0) since = began.wall
    }
    return BEAT
  }

  async function areAllHeard(): Promise<boolean> {
    const answers = await Promise.all([...opened.values()].map(({ areHeard }) => areHeard()))
    return answers.every(Boolean)
  }

  function refused(): number {
    isTold = false
    looked = null
    since = 0
    closeAll()
    return refusedFor
  }

  async function follow(): Promise<void> {
    while (!isStopped) {
      const next = await beat().catch((error: unknown) => {
        if (replyCode(error) === 'NOPERM') return refused()
        // Its age grows, which says it.
        isWhole = false
        return BEAT
      })
      if (!isStopped) await pause(next, false)
    }
    closeAll()
  }

  void follow()
  return {
    get aliveAt() {
      return isTold ? (looked?.wall ?? 0) : null
    },
    get since() {
      return isTold ? since : null
    },
    age: () => (isTold ? ageOf(looked, readClocks(runtime)) : null),
    stop() {
      isStopped = true
      closeAll()
    },
  }
}
