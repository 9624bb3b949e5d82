import { runtime } from '#runtime'
import { isLive } from '../../core/record/lifecycle.ts'
import type { SessionRecord } from '../../core/record/record.ts'
import type { EndRequest, UserEndRequest, UserUpdate } from '../../core/store/store.ts'
import { StoreTimeoutError } from '../../errors.ts'
import {
  type ChangeEntry,
  endedEntry,
  endedRecordEntry,
  endingOf,
  forgetEpochAt,
  updated,
  updatedUserEntry,
} from '../rules.ts'
import type { Numbered } from './tables.ts'
import type { Transaction } from './transaction.ts'

/**
 * The store's calls on many records. The first transaction raises the epoch and does the first batch, which is all that a
 * usual user has; each further batch is a transaction of its own, and others have room between two. What begins after the
 * first is left alone: it goes up to the row that was the last one then. The entry of the log that stands for all of them
 * is written with the first batch of an ending, and always with the last: a reader of the log who looks between two batches
 * finds records that are still as they were.
 */

/** Records of one transaction: they take a few milliseconds, and the room between batches is about as long. */
const BATCH = 250
const ROOM = 5

/** Runs one step in a write transaction of its own. A step that has to wait for the lock is run again from its start. */
export type Write = <T>(step: (transaction: Transaction) => T) => Promise<T>

export async function endUser(
  write: Write,
  userId: string,
  request: UserEndRequest,
): Promise<readonly SessionRecord[]> {
  const { except, at } = request
  const first = await write((transaction) => {
    const epoch = transaction.raiseEpoch(userId, at, forgetEpochAt(request), except === undefined)
    const entry = except === undefined ? endedEntry('user', userId, epoch, request) : null
    if (entry !== null) transaction.log(entry)
    const upTo = transaction.tables.lastSeq()
    return { upTo, entry, batch: endSomeOf(transaction, userId, request, upTo) }
  })
  const batches = [first.batch]
  while (batches.at(-1)?.length === BATCH) {
    const step = (transaction: Transaction) => {
      const batch = endSomeOf(transaction, userId, request, first.upTo)
      if (first.entry !== null && batch.length < BATCH) transaction.log(first.entry)
      return batch
    }
    batches.push(await further(write, step))
  }
  return batches.flat()
}

function endSomeOf(
  transaction: Transaction,
  userId: string,
  request: UserEndRequest,
  upTo: number,
): readonly SessionRecord[] {
  const { except } = request
  return transaction.tables.openOfUser(userId, except, 0, upTo, BATCH).map(({ record }) => {
    if (except !== undefined) transaction.log(endedRecordEntry(record, request))
    return transaction.end(record, endingOf(request))
  })
}

export async function updateUser(write: Write, userId: string, change: UserUpdate): Promise<readonly string[]> {
  const first = await write((transaction) => {
    const epoch = transaction.raiseEpoch(userId, change.at, forgetEpochAt(change), false)
    const entry = updatedUserEntry(userId, epoch, change)
    const upTo = transaction.tables.lastSeq()
    return { upTo, entry, batch: updateSomeOf(transaction, userId, change, entry, 0, upTo) }
  })
  const batches = [first.batch]
  for (let batch = first.batch; batch.length === BATCH; ) {
    const after = batch.at(-1)?.seq ?? 0
    batch = await further(write, (transaction) =>
      updateSomeOf(transaction, userId, change, first.entry, after, first.upTo),
    )
    batches.push(batch)
  }
  return batches.flat().flatMap(({ record }) => (isLive(record, change.at) ? record.id : []))
}

/** Changes those of a batch that are live, and logs it with the last batch; answers the whole batch, as it was. */
function updateSomeOf(
  transaction: Transaction,
  userId: string,
  { at, set, unset }: UserUpdate,
  entry: ChangeEntry,
  after: number,
  upTo: number,
): readonly Numbered[] {
  const { tables } = transaction
  const batch = tables.openOfUser(userId, undefined, after, upTo, BATCH)
  for (const { record } of batch) if (isLive(record, at)) tables.save(updated(record, { set, unset }))
  if (batch.length < BATCH) transaction.log(entry)
  return batch
}

export async function endAll(write: Write, request: EndRequest): Promise<number> {
  const first = await write((transaction) => {
    const epochOfAll = transaction.raiseEpochOfAll(request.at)
    const entry = endedEntry('all', null, epochOfAll, request)
    transaction.log(entry)
    const upTo = transaction.tables.lastSeq()
    return { upTo, epochOfAll, entry, count: endSome(transaction, request, upTo) }
  })
  let ended = first.count
  for (let count = first.count; count === BATCH; ended += count) {
    count = await further(write, (transaction) => {
      const some = endSome(transaction, request, first.upTo)
      if (some < BATCH) transaction.log(first.entry)
      return some
    })
  }
  // The users' own epochs are below that of all now, so they say nothing any more.
  for (let count = BATCH; count === BATCH; ) {
    count = await further(write, ({ tables }) => tables.removeEpochs(first.epochOfAll, BATCH))
  }
  return ended
}

function endSome(transaction: Transaction, request: EndRequest, upTo: number): number {
  const ended = transaction.tables.finishSome(endingOf(request), upTo, BATCH)
  for (const anonymous of ended) transaction.countEnded(anonymous)
  return ended.length
}

/** A batch after the first: what was done before stands, so a call that gives up here has done a part. */
async function further<T>(write: Write, step: (transaction: Transaction) => T): Promise<T> {
  await new Promise<void>((resolve) => runtime.after(ROOM, resolve, true))
  try {
    return await write(step)
  } catch (error) {
    if (!(error instanceof StoreTimeoutError)) throw error
    throw new StoreTimeoutError(
      error.operation,
      'unknown',
      `store.${error.operation}: a part was done before the lock could not be had again. Repeat the call.`,
      { cause: error },
    )
  }
}
