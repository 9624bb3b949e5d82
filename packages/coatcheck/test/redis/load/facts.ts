/** What a process of `load-child.ts` is given. */
export interface Input {
  readonly place: Place
  /** Of the tickets and roles, shared by all processes. */
  readonly folder: string
  /** Which of the processes it is. */
  readonly number: number
  readonly milliseconds: number
}

/** Where the sessions live. */
export type Place =
  | { readonly engine: 'sqlite'; readonly file: string }
  | { readonly engine: 'redis' | 'redis-cluster'; readonly ports: readonly number[]; readonly namespace: string }

/**
 * What one process saw and was told; times are epoch milliseconds, `start` before a call and `ack` after its answer. What
 * was not acknowledged is not here.
 */
export interface Facts {
  /** `begunAt`: when `begin` had answered. */
  readonly signedIn: readonly { readonly id: string; readonly user: string; readonly begunAt: number }[]
  /** The last time at which a request began that found the session alive, by its id, and by id and generation of the token. */
  readonly alive: Readonly<Record<string, number>>
  readonly generations: Readonly<Record<string, number>>
  /** What each key that nobody else writes was last set to, by session. */
  readonly wrote: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** How often the key `n` was counted up. */
  readonly counted: Readonly<Record<string, number>>
  readonly reauthenticated: readonly { readonly id: string; readonly generation: number; readonly ack: number }[]
  readonly ended: readonly { readonly id: string; readonly ack: number }[]
  readonly usersEnded: readonly { readonly user: string; readonly start: number; readonly ack: number }[]
  readonly roles: readonly RoleChange[]
  /** Errors that no application would expect. */
  readonly faults: readonly string[]
  readonly calls: Readonly<Record<string, number>>
}

export interface RoleChange {
  readonly user: string
  readonly role: string
  readonly start: number
  readonly ack: number
}

/** A session as the store has it when all processes are done. */
export interface Left {
  readonly id: string
  readonly user: string
  readonly isLive: boolean
  readonly data: Readonly<Record<string, unknown>>
  /** Whether the list of its user has it. */
  readonly isListed: boolean
}

export const FIRST_ROLE = 'first'
export const USERS: readonly string[] = Array.from({ length: 8 }, (_, i) => `user ${i}`)

/** The facts of a process as they grow. */
export type Growing = {
  -readonly [Name in keyof Facts]: Facts[Name] extends readonly (infer One)[]
    ? One[]
    : Facts[Name] extends Readonly<Record<string, infer One>>
      ? Record<string, One extends number ? number : Record<string, number>>
      : never
}

/** Of a process that has seen nothing yet. */
export const noFacts = (): Growing => ({
  signedIn: [],
  alive: {},
  generations: {},
  wrote: {},
  counted: {},
  reauthenticated: [],
  ended: [],
  usersEnded: [],
  roles: [],
  faults: [],
  calls: {},
})
