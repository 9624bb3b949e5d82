import { type KnownOf, refuseUnknown } from '../core/base/unknown-options.ts'
import type { Duration } from '../core/record/duration.ts'
import { milliseconds } from '../core/record/duration.ts'
import type { StoreFeed, StoreMarks, StoreStats } from '../core/store/capabilities.ts'
import type { CallOptions, Store } from '../core/store/store.ts'
import type { StoreTransfer } from '../core/store/transfer.ts'
import { CoatcheckError, OptionError } from '../errors.ts'
import { feedFrom } from './feeding.ts'
import { LOG_PAGE_SIZE, PAGE_SIZE, pageFrom, placeOf } from './paging.ts'
import { pause } from './pausing.ts'
import { settledMark } from './rules.ts'
import * as batches from './sqlite/batches.ts'
import { Connection, type Durability } from './sqlite/connection.ts'
import type { SqliteDatabase, Synchronous } from './sqlite/database.ts'
import { isBusy, unavailable } from './sqlite/faults.ts'
import * as operations from './sqlite/operations.ts'
import type { Tables } from './sqlite/tables.ts'
import type { Transaction } from './sqlite/transaction.ts'
import * as transfer from './sqlite/transfer.ts'
import { Turnstile } from './sqlite/turnstile.ts'

export type { SqliteDatabase, SqliteStatement } from './sqlite/database.ts'
export { SCHEMA_VERSION } from './sqlite/migrations.ts'

export interface SqliteStoreOptions {
  /** Keeps the sessions of several applications in one file apart; default `default`. */
  readonly namespace?: string | undefined
  /**
   * How long a call may wait while another connection has the file locked, as a duration or in milliseconds; default
   * `'1s'`. Then it ends with `StoreTimeoutError`. 0 does not wait at all. Waiting never stops the process.
   */
  readonly timeout?: Duration | number | undefined
  /**
   * What a loss of power may cost (the death of the process costs nothing in either): with `'normal'`, the default, the
   * changes of the last seconds, but no ending and no change of rights; with `'full'` nothing, and each write waits for
   * the disk. Of no effect on a database that is passed in.
   */
  readonly synchronous?: Synchronous | undefined
  /**
   * How many anonymous sessions there may be; default 1,000,000, at least 1. A further one is refused (`StoreFullError`).
   * Signed-in sessions are not bounded.
   */
  readonly maxAnonymous?: number | undefined
}

const DEFAULTS = { namespace: 'default', timeout: '1s', synchronous: 'normal', maxAnonymous: 1_000_000 } as const

const KNOWN: KnownOf<SqliteStoreOptions> = { namespace: null, timeout: null, synchronous: null, maxAnonymous: null }

/**
 * Sessions in an SQLite file, which several processes of one machine may share. Give the path, or a database of
 * `node:sqlite` that you have opened and will close; its settings are yours, so leave its `timeout` at 0.
 */
export function sqliteStore(
  database: string | SqliteDatabase,
  options: SqliteStoreOptions = {},
): Store & StoreStats & StoreMarks & StoreFeed & StoreTransfer {
  refuseUnknown(options, KNOWN, 'sqliteStore')
  const namespace = options.namespace ?? DEFAULTS.namespace
  const synchronous = options.synchronous ?? DEFAULTS.synchronous
  const maxAnonymous = options.maxAnonymous ?? DEFAULTS.maxAnonymous
  const limit = limitOf(options.timeout ?? DEFAULTS.timeout)
  if (synchronous !== 'normal' && synchronous !== 'full') throw new OptionError('synchronous', "'normal' or 'full'.")
  if (!Number.isSafeInteger(maxAnonymous) || maxAnonymous < 1) {
    throw new OptionError('maxAnonymous', 'a whole number of sessions, 1 or more.')
  }
  const connection = new Connection(database, namespace, synchronous)
  return storeOf(namespace, liesInFile(database), connection, limit, maxAnonymous)
}

/** One that cannot be asked counts as a file. */
function liesInFile(database: string | SqliteDatabase): boolean {
  return typeof database === 'string' ? database !== ':memory:' && database !== '' : database.location?.() !== null
}

/** How often a feed looks into the log, in milliseconds: the file tells nobody that it was written. */
const LOOK_AGAIN = 100

function limitOf(timeout: Duration | number): number {
  if (typeof timeout === 'string') return milliseconds(timeout, 'timeout')
  if (Number.isFinite(timeout) && timeout >= 0) return timeout
  throw new OptionError('timeout', "milliseconds, 0 or more, or a duration such as '1s'.")
}

function storeOf(
  namespace: string,
  isFile: boolean,
  connection: Connection,
  limit: number,
  maxAnonymous: number,
): Store & StoreStats & StoreMarks & StoreFeed & StoreTransfer {
  // Apart, because what locks writers out lets readers through.
  const readers = new Turnstile(limit, isBusy)
  const writers = new Turnstile(limit, isBusy)

  const reading = <T>(operation: string, options: CallOptions | undefined, work: (tables: Tables) => T) =>
    translated(
      operation,
      readers.enter(operation, options, () => connection.read(operation, work)),
    )

  const writing = <T>(
    operation: string,
    options: CallOptions | undefined,
    durability: Durability,
    work: (transaction: Transaction) => T,
  ) =>
    translated(
      operation,
      writers.enter(operation, options, () => connection.write(operation, durability, work)),
    )

  const batchWriting =
    (operation: string, options: CallOptions | undefined): batches.Write =>
    (step) =>
      writing(operation, options, 'durable', step)

  const store: ReturnType<typeof storeOf> = {
    name: 'sqlite',
    namespace,
    guarantees: { durable: isFile, shared: isFile, bounded: true },

    create: (record, conditions = {}, options) =>
      writing('create', options, 'usual', (transaction) =>
        operations.create(transaction, record, conditions, maxAnonymous),
      ),

    // The hot path: no closure, no row to wait in, as long as the file is open and nobody locks readers out.
    async read(id, options) {
      if (options?.signal === undefined) {
        try {
          const tables = connection.open
          if (tables !== null) return tables.read(id)
        } catch {
          // Whatever it is, the usual way meets it again and knows what to do.
        }
      }
      return await reading('read', options, (others) => others.read(id))
    },

    update: (id, change, conditions = {}, options) =>
      writing('update', options, 'usual', (transaction) => operations.update(transaction, id, change, conditions)),

    rotate: (id, rotation, options) =>
      // What kills a token must survive a loss of power, as an ending does.
      writing('rotate', options, rotation.predecessor === null ? 'durable' : 'usual', (transaction) =>
        operations.rotate(transaction, id, rotation),
      ),

    // Looks before it asks for the lock: of many processes that see a visitor at once, one has something to write.
    async touch(id, at, touch, options) {
      const state = await reading('touch', options, (tables) => operations.touchState(tables.read(id), at, touch))
      if (typeof state === 'string') return state
      return await writing('touch', options, 'usual', (transaction) => operations.touch(transaction, id, at, touch))
    },

    end: (id, request, options) =>
      writing('end', options, 'durable', (transaction) => operations.end(transaction, id, request)),

    endUser: (userId, request, options) => batches.endUser(batchWriting('endUser', options), userId, request),
    updateUser: (userId, change, options) => batches.updateUser(batchWriting('updateUser', options), userId, change),
    endAll: (request, options) => batches.endAll(batchWriting('endAll', options), request),

    userEpoch: (userId, options) => reading('userEpoch', options, (tables) => tables.epoch(userId)),

    listUser: (userId, { cursor, limit: size = PAGE_SIZE } = {}, options) =>
      reading('listUser', options, (tables) => pageFrom(tables.list(userId, placeOf(cursor), size + 1), size)),

    changes: (since, { limit: size = LOG_PAGE_SIZE } = {}, options) =>
      reading('changes', options, (tables) => tables.changes(since, size)),

    note: (entries, options) =>
      writing('note', options, 'durable', (transaction) => operations.note(transaction, entries)),

    async sweep(now, batch, options) {
      const isDue = await reading('sweep', options, (tables) => tables.anyDue(now))
      if (!isDue) return { expired: [], removed: 0, more: false }
      return await writing('sweep', options, 'usual', (transaction) => operations.sweep(transaction, now, batch))
    },

    stats: (options) =>
      reading('stats', options, (tables) => {
        const { anonymous, signedIn, ended } = tables.ledger()
        return { anonymous, signedIn, ended }
      }),

    mark: (name, at, options) => reading('mark', options, (tables) => tables.mark(name, at)),

    // Looks before it asks for the lock, as most of many processes then need no more.
    async setMark(name, change, options) {
      const settled = await reading('setMark', options, (tables) => settledMark(tables.mark(name, change.at), change))
      return settled ?? (await writing('setMark', options, 'usual', (one) => operations.setMark(one, name, change)))
    },

    watch: (listener) => feedFrom(store, { wait: () => pause(LOOK_AGAIN, false) }, listener),

    scan: (page, options) => reading('scan', options, (tables) => transfer.scan(tables, page)),
    epochs: (page, options) => reading('epochs', options, (tables) => transfer.epochs(tables, page)),
    epochOfAll: (options) => reading('epochOfAll', options, (tables) => tables.ledger().epochOfAll),
    lastChange: (options) => reading('lastChange', options, (tables) => tables.ledger().lastChange),
    adopt: (records, conditions = {}, options) =>
      writing('adopt', options, 'usual', (transaction) => transfer.adopt(transaction, records, conditions)),
    raiseEpoch: (userId, atLeast, options) =>
      writing('raiseEpoch', options, 'durable', (transaction) => transfer.raiseEpoch(transaction, userId, atLeast)),
    adoptChanges: (log, options) =>
      writing('adoptChanges', options, 'durable', (transaction) => transfer.adoptChanges(transaction, log)),

    async close() {
      readers.close()
      writers.close()
      connection.close()
    },
  }
  return store
}

async function translated<T>(operation: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw error instanceof CoatcheckError ? error : unavailable(operation, error)
  }
}
