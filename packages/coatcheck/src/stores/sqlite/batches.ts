import { runtime } from '#runtime'
import { isLive } from '../../core/lifecycle.ts'
import type { SessionRecord } from '../../core/record.ts'
import type { DataChange, EndRequest } from '../../core/store.ts'
import { StoreTimeoutError } from '../../errors.ts'
import { endingOf, updated } from '../rules.ts'
import type { Numbered } from './tables.ts'
import type { Transaction } from './transaction.ts'

/**
 * The store's calls on many records. The first transaction raises the epoch, writes the log and does the first batch,
 * which is all that a usual user has; each further batch is a transaction of its own, and others have room between two.
 * What begins after the first is left alone: it goes up to the row that was the last one then.
 */

/** So many records take a few milliseconds, and the room between batches is about as long. */
const BATCH = 250
const ROOM = 5

/** Runs one step in a write transaction of its own. A step that has to wait for the lock is run again from its start. */
export type Write = <T>(step: (transaction: Transaction) => T) => Promise<T>

type UserEnding = EndRequest & { readonly except?: string | undefined }

export async function endUser(write: Write, userId: string, request: UserEnding): Promise<readonly SessionRecord[]> {
  const first = await write((transaction) => {
    transaction.raiseEpoch(userId)
    if (request.except === undefined) transaction.log('user', userId, request)
    const upTo = transaction.tables.lastSeq()
    return { upTo, batch: endSomeOf(transaction, userId, request, upTo) }
  })
  const batches = [first.batch]
  while (batches.at(-1)?.length === BATCH) {
    batches.push(await further(write, (transaction) => endSomeOf(transaction, userId, request, first.upTo)))
  }
  return batches.flat()
}

function endSomeOf(
  transaction: Transaction,
  userId: string,
  request: UserEnding,
  upTo: number,
): readonly SessionRecord[] {
  const { except } = request
  return transaction.tables.openOfUser(userId, except, 0, upTo, BATCH).map(({ record }) => {
    if (except !== undefined) transaction.log('session', record.id, request)
    return transaction.end(record, endingOf(request))
  })
}

type UserChange = DataChange & { readonly at: number }

export async function updateUser(write: Write, userId: string, change: UserChange): Promise<readonly string[]> {
  const first = await write((transaction) => {
    transaction.raiseEpoch(userId)
    const upTo = transaction.tables.lastSeq()
    return { upTo, batch: updateSomeOf(transaction, userId, change, 0, upTo) }
  })
  const batches = [first.batch]
  for (let batch = first.batch; batch.length === BATCH; ) {
    const after = batch.at(-1)?.seq ?? 0
    batch = await further(write, (transaction) => updateSomeOf(transaction, userId, change, after, first.upTo))
    batches.push(batch)
  }
  return batches.flat().flatMap(({ record }) => (isLive(record, change.at) ? record.id : []))
}

/** Changes those of a batch that are live; answers the whole batch, as it was. */
function updateSomeOf(
  { tables }: Transaction,
  userId: string,
  { at, set, unset }: UserChange,
  after: number,
  upTo: number,
): readonly Numbered[] {
  const batch = tables.openOfUser(userId, undefined, after, upTo, BATCH)
  for (const { record } of batch) if (isLive(record, at)) tables.save(updated(record, { set, unset }))
  return batch
}

export async function endAll(write: Write, request: EndRequest): Promise<number> {
  const first = await write((transaction) => {
    transaction.raiseEpochOfAll()
    transaction.log('all', null, request)
    const upTo = transaction.tables.lastSeq()
    const { epochOfAll } = transaction.ledger
    return { upTo, epochOfAll, count: endSome(transaction, request, upTo) }
  })
  let ended = first.count
  for (let count = first.count; count === BATCH; ended += count) {
    count = await further(write, (transaction) => endSome(transaction, request, first.upTo))
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
