import fc from 'fast-check'
import { deadlineOf } from '../../../src/core/lifecycle.ts'
import type { SessionRecord } from '../../../src/core/record.ts'
import type { Rotation, Store } from '../../../src/core/store.ts'
import { seeded, show } from '../../../src/testing/index.ts'

/**
 * A random call of a store, as data. It is made ready once, by what the model holds, and then done to each store: so all
 * of them are asked the same.
 */
export interface Command {
  readonly prepare: (world: World) => Promise<Step>
  readonly [fc.toStringMethod]: () => string
}

/** One call, the same for each store. Its answer has what the contract leaves open levelled. */
export type Step = (subject: Subject) => Promise<unknown>

/** A store, and what its callers remember of it. */
export interface Subject {
  readonly store: Store
  /** The epochs of sign-ins under way, by user. Each store numbers its own. */
  readonly begun: Map<string, number>
}

/** What a run of commands knows of itself. */
export interface World {
  readonly model: Store
  /** Each command has a time of its own, so that nothing is ordered by chance. */
  now: number
  readonly unique: (bytes: number) => string
  /** The last rotation of each session, to be repeated. */
  readonly rotations: Map<string, Rotation>
}

export const MILLISECONDS_EACH = 10

export function newWorld(model: Store): World {
  return { model, now: Date.UTC(2026, 0, 1), unique: seeded('commands').bytes, rotations: new Map() }
}

export function subjectOf(store: Store): Subject {
  return { store, begun: new Map() }
}

/** Commands of one kind, which show in a counterexample what they were given. */
export function commandOf<Given>(
  name: string,
  given: fc.Arbitrary<Given>,
  prepare: (given: Given, world: World) => Step | Promise<Step>,
): fc.Arbitrary<Command> {
  return given.map((value) => ({
    prepare: async (world) => await prepare(value, world),
    [fc.toStringMethod]: () => `${name}(${show(value)})`,
  }))
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
