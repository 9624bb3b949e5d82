import { deadlineOf } from '../../core/record/lifecycle.ts'
import type { SessionRecord } from '../../core/record/record.ts'
import type { Rotation, Store } from '../../core/store/store.ts'
import { show } from '../compare.ts'
import { type Seeded, seeded } from '../randomness.ts'
import type { Generator } from './generators.ts'

/**
 * A random call of a store, as data. It is made ready once, by what the model holds, and then done to each store: so all
 * of them are asked the same.
 */
export interface Command {
  readonly prepare: (world: World) => Promise<Step>
  /** The call and what it is given, for the message of a failure. */
  readonly shown: string
}

/** One call, the same for each store. Its answer has what the contract leaves open levelled. */
export type Step = (subject: Subject) => Promise<unknown>

/** A store, and what its callers remember of it. */
export interface Subject {
  readonly store: Store
  /** The epochs of sign-ins under way, by user. */
  readonly begun: Map<string, number>
}

/** What a run of commands knows of itself. */
export interface World {
  readonly model: Store
  /** Whether what is in the log is compared. */
  readonly withLog: boolean
  /** Each command has a time of its own, so that nothing is ordered by chance. */
  now: number
  readonly unique: (bytes: number) => string
  /** The ids that were used. One whose record was removed is not used again. */
  readonly used: Set<string>
  /** The last rotation of each session, to be repeated. */
  readonly rotations: Map<string, Rotation>
}

export const MILLISECONDS_EACH = 10

export function newWorld(model: Store, start: number, withLog = true): World {
  return { model, withLog, now: start, unique: seeded('commands').bytes, used: new Set(), rotations: new Map() }
}

export function subjectOf(store: Store): Subject {
  return { store, begun: new Map() }
}

/** Commands of one kind, which tell what they were given. */
export function commandOf<Given>(
  name: string,
  given: Generator<Given>,
  prepare: (given: Given, world: World) => Step | Promise<Step>,
): Generator<Command> {
  return (random: Seeded) => {
    const value = given(random)
    return { prepare: async (world) => await prepare(value, world), shown: `${name}(${show(value)})` }
  }
}

/** Which epoch a call names: none, the one of the last `begin`, the present one, or one that never was. */
export type Epoch = 'none' | 'begun' | 'present' | 'never'

/** Epochs are each store's own, so the same choice is another number in each. */
export async function epochFor({ store, begun }: Subject, userId: string | null, choice: Epoch) {
  if (userId === null || choice === 'none') return undefined
  if (choice === 'begun') return begun.get(userId)
  const present = (await store.userEpoch(userId)).epoch
  return choice === 'present' ? present : present + 1_000_000
}

/** When a call is made: now, a little ago, or to the millisecond when the record is over, or may go. */
export type Time = 'now' | 'before' | 'last moment' | 'deadline'

export function timeFor(now: number, record: SessionRecord | null, choice: Time): number {
  if (choice === 'before') return now - 3
  if (choice === 'now' || record === null) return now
  const at = record.ended?.keepUntil ?? deadlineOf(record).at
  return choice === 'deadline' ? at : at - 1
}
