import { StoreUnavailableError } from '../../errors.ts'
import { inTransaction, openDatabase, type SqliteDatabase, type Synchronous } from './database.ts'
import { isFatal, OccupiedError } from './faults.ts'
import { migrate } from './migrations.ts'
import { addNamespace, namespaceNumber, Tables } from './tables.ts'
import { Transaction } from './transaction.ts'

/** `durable`: must outlive a loss of power, whatever the store's `synchronous`. */
export type Durability = 'durable' | 'usual'

/**
 * The database, opened at the first call and again after the connection was found to be at fault. What was passed in is
 * neither configured nor closed. All methods are synchronous and throw what SQLite throws, a lock held elsewhere too.
 */
export class Connection {
  readonly #source: string | SqliteDatabase
  readonly #namespace: string
  readonly #synchronous: Synchronous
  #database: SqliteDatabase | null = null
  #tables: Tables | null = null
  #isClosed = false

  constructor(source: string | SqliteDatabase, namespace: string, synchronous: Synchronous) {
    this.#source = source
    this.#namespace = namespace
    this.#synchronous = synchronous
  }

  /** The tables while they are open; what they do must not be left to throw without `read` or `write` around it. */
  get open(): Tables | null {
    return this.#isOccupied ? null : this.#tables
  }

  read<T>(operation: string, work: (tables: Tables) => T): T {
    return this.#guarded(() => {
      const tables = this.#ready(operation)
      if (this.#isOccupied) throw new OccupiedError('A transaction of the application is open on this connection.')
      return work(tables)
    })
  }

  /** Runs `work` in one write transaction. */
  write<T>(operation: string, durability: Durability, work: (transaction: Transaction) => T): T {
    return this.#guarded(() => {
      const tables = this.#ready(operation)
      return this.#synced(durability, (database) =>
        inTransaction(database, () => {
          const transaction = new Transaction(tables)
          const result = work(transaction)
          transaction.flush()
          return result
        }),
      )
    })
  }

  close(): void {
    this.#isClosed = true
    this.#discard()
  }

  #ready(operation: string): Tables {
    if (this.#tables !== null) return this.#tables
    if (this.#isClosed) throw new StoreUnavailableError(operation, `store.${operation}: the store is closed.`)
    this.#database ??= typeof this.#source === 'string' ? openDatabase(this.#source, this.#synchronous) : this.#source
    migrate(this.#database, operation)
    this.#tables = new Tables(this.#database, this.#namespace, this.#numberOfNamespace(this.#database))
    return this.#tables
  }

  #numberOfNamespace(database: SqliteDatabase): number {
    const number = namespaceNumber(database, this.#namespace)
    if (number !== null) return number
    inTransaction(database, () => addNamespace(database, this.#namespace))
    return this.#numberOfNamespace(database)
  }

  /** In write-ahead mode a transaction that is synced takes all before it to the disk. */
  #synced<T>(durability: Durability, work: (database: SqliteDatabase) => T): T {
    const database = this.#database as SqliteDatabase
    if (durability === 'usual' || this.#synchronous === 'full' || !this.#isOurs) return work(database)
    database.exec('PRAGMA synchronous = FULL')
    try {
      return work(database)
    } finally {
      database.exec('PRAGMA synchronous = NORMAL')
    }
  }

  #guarded<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      if (isFatal(error)) this.#discard()
      throw error
    }
  }

  /** In a transaction of the application a read would see what was there when that began: an ending since would not count. */
  get #isOccupied(): boolean {
    return !this.#isOurs && this.#database?.isTransaction === true
  }

  get #isOurs(): boolean {
    return typeof this.#source === 'string'
  }

  #discard(): void {
    const database = this.#database
    this.#database = null
    this.#tables = null
    if (this.#isOurs) database?.close()
  }
}
