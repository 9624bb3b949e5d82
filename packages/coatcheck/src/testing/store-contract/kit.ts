import type { Ending, SessionRecord } from '../../core/record/record.ts'
import type { Change, CreateConditions, EndRequest, Rotation, Store } from '../../core/store/store.ts'
import { expectEqual, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import { type Seeded, seeded } from '../randomness.ts'

/** What a case of the store contract works on. */
export interface StoreContext {
  /** Empty, or with a namespace of its own. */
  readonly store: Store
  /** Opens a second instance over the same records, while the first is at work. Left out where none can be had. */
  readonly open?: (() => Promise<Store>) | undefined
  /**
   * Closes `store` and opens its place again, as another process would later. Has to be there where the store says that it
   * is `durable`; else leave it out.
   */
  readonly reopen?: (() => Promise<Store>) | undefined
  /** Opens an instance over another namespace, in the same place. Left out where a store has but one. */
  readonly openNamespace?: ((namespace: string) => Promise<Store>) | undefined
  /**
   * Epoch milliseconds at which the times of the case begin. The default is fixed; a store whose engine removes records
   * by its own clock needs the present time.
   */
  readonly start?: number | undefined
  /**
   * Whether the log may have an ending once more than the contract says, because the engine has no step over a record and the
   * log; default false. Random commands are then not compared by the log.
   */
  readonly logsAgain?: boolean | undefined
  /** Called when the case is over, passed or failed. */
  readonly close?: (() => Promise<void>) | undefined
}

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** Not a whole second, so that a store that keeps seconds is found out. */
export const START = Date.UTC(2026, 0, 1, 12, 0, 0, 357)

/** The context with what nearly every case needs. */
export interface Kit {
  readonly store: Store
  readonly start: number
  readonly random: Seeded
  /** A record with an id and a hash of its own, begun at `start`: idle after 30 minutes, over after 12 hours. */
  readonly record: (fields?: Partial<SessionRecord>) => SessionRecord
  /** Puts such a record into the store. */
  readonly add: (fields?: Partial<SessionRecord>, conditions?: CreateConditions) => Promise<SessionRecord>
  /** The record as the store has it; fails where it has none. */
  readonly stored: (id: string) => Promise<SessionRecord>
  readonly request: (fields?: Partial<EndRequest>) => EndRequest
  /** The next rotation of a record, with a predecessor, a minute after `start`. */
  readonly rotation: (record: SessionRecord, fields?: Partial<Rotation>) => Rotation
  /** All that the user's list holds, page by page. */
  readonly listed: (userId: string, limit?: number) => Promise<readonly SessionRecord[]>
  readonly log: (since?: number) => Promise<readonly Change[]>
}

export function storeCase(name: string, promise: number | null, run: (kit: Kit) => Promise<void>): Case<StoreContext> {
  return { name, promise, run: (context) => run(kitOf(context.store, context.start)) }
}

/** Two kits on one store need two seeds, else they make the same ids. */
export function kitOf(store: Store, start: number = START, seed = 'store contract'): Kit {
  const random = seeded(seed)

  const record: Kit['record'] = (fields) => ({
    id: random.bytes(16),
    namespace: store.namespace,
    kind: 'opaque',
    userId: null,
    generation: 0,
    minGeneration: 0,
    secretHash: random.bytes(32),
    predecessor: null,
    data: new Map(),
    schema: 1,
    createdAt: start,
    authenticatedAt: null,
    renewedAt: start,
    lastSeenAt: start,
    idleFor: 30 * MINUTE,
    persistent: false,
    expiresAt: start + 12 * HOUR,
    assurance: null,
    client: { address: null, userAgent: null, label: null },
    binding: null,
    version: 0,
    ended: null,
    ...fields,
  })

  return {
    store,
    start,
    random,
    record,
    async add(fields, conditions) {
      const added = record(fields)
      const { outcome } = await store.create(added, conditions)
      expectEqual(outcome, 'created', 'The record was not created.')
      return added
    },
    async stored(id) {
      const found = await store.read(id)
      expectTrue(found !== null, `The store has lost ${id}.`)
      return found
    },
    request: (fields) => ({
      at: start + MINUTE,
      reason: 'revoked',
      note: null,
      keepUntil: start + 7 * DAY,
      ...fields,
    }),
    rotation: ({ secretHash, generation }, fields) => ({
      at: start + MINUTE,
      from: secretHash,
      to: random.bytes(32),
      generation: generation + 1,
      predecessor: { nonce: random.bytes(16), keyId: 'k1' },
      ...fields,
    }),
    listed: (userId, limit) => allPages(store, userId, limit),
    log: (since = 0) => store.changes(since),
  }
}

/** A list that goes on for ever would otherwise be a case that never ends. */
const MOST_PAGES = 1_000

async function allPages(store: Store, userId: string, limit?: number): Promise<readonly SessionRecord[]> {
  const items: SessionRecord[] = []
  let cursor: string | null = null
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await store.listUser(userId, { cursor, limit })
    expectTrue(limit === undefined || page.items.length <= limit, `A page holds more than ${limit}.`)
    items.push(...page.items)
    cursor = page.cursor
    if (cursor === null) return items
  }
  throw new Error(`The list did not end after ${MOST_PAGES} pages.`)
}

/** What the contract leaves of a record that has ended. */
export function ended(record: SessionRecord, ending: Ending): SessionRecord {
  const client = { address: null, userAgent: null, label: null }
  return { ...record, data: new Map(), predecessor: null, client, binding: null, ended: ending }
}

export function ids(records: readonly { readonly id: string }[]): readonly string[] {
  return records.map(({ id }) => id)
}

/** For comparing what has no order. */
export function sorted(texts: readonly string[]): readonly string[] {
  return texts.toSorted()
}

/** `count` calls at once; answers what they answered. */
export function together<T>(count: number, call: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => call(index)))
}

/** Lets others take `turns` steps first. */
export async function later<T>(turns: number, run: () => Promise<T>): Promise<T> {
  for (let turn = 0; turn < turns; turn++) await null
  return run()
}

/** The entries of the log without their numbers and counts. */
export function unnumbered(entries: readonly Change[]): readonly Omit<Change, 'seq' | 'count'>[] {
  return entries.map(({ kind, scope, subject, at, reason, keepUntil }) => ({
    kind,
    scope,
    subject,
    at,
    reason,
    keepUntil,
  }))
}

/** The user's `epoch`. */
export async function epochOf(store: Store, userId: string): Promise<number> {
  return (await store.userEpoch(userId)).epoch
}

export function texts(entries: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(entries))
}
