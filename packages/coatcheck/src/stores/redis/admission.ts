import { isLive } from '../../core/record/lifecycle.ts'
import type { SessionRecord } from '../../core/record/record.ts'
import type { CreateConditions, CreateResult, SessionLimit } from '../../core/store/store.ts'
import { StoreUnavailableError } from '../../errors.ts'
import { pause } from '../pausing.ts'
import { limitEnding, overLimit, refuseAborted } from '../rules.ts'
import type { Records } from './records.ts'
import type { Turns } from './turns.ts'
import type { UserSets } from './user-sets.ts'
import { eachOf, keepOpen, openOf } from './users.ts'

/** A session that was entered and is not there is one that is being created: so many looks, each a bit later. */
const LOOKS = 12
const LONGEST_LOOK = 100

/** Whenever a set has grown by so many. */
const SIZE_TO_LOOK_AT = 64

/** What has to go so that a limit holds, and what must not have changed until then. */
interface Surplus {
  readonly admissions: string
  readonly records: readonly SessionRecord[]
}

/**
 * Creates a session of a user: entered in the user's set first, then its record. So an ending of the user either meets it
 * in the set, and ends or bars its record, or has raised the user epoch before, and it is not admitted.
 *
 * Under a limit, one that is admitted lets the others look again. So those of one process take turns: each then meets those
 * of other processes at most.
 */
export async function createForUser(
  sets: UserSets,
  records: Records,
  record: SessionRecord,
  userId: string,
  conditions: CreateConditions,
  turns: Turns,
  signal: AbortSignal | undefined,
): Promise<CreateResult> {
  const create = (isLate: () => boolean) => createInTurn(sets, records, record, userId, conditions, isLate)
  const result = conditions.limit === undefined ? await create(() => true) : await turns.take(userId, signal, create)
  if (result !== null) return result
  refuseAborted('create', { signal })
  const why = 'so many sign-ins of the user at once that this one found no turn: try again.'
  throw new StoreUnavailableError('create', `store.create: ${why}`, { scope: 'call' })
}

/** Null where others were admitted each time it looked, until it was late. */
async function createInTurn(
  sets: UserSets,
  records: Records,
  record: SessionRecord,
  userId: string,
  { ifUserEpoch, limit }: CreateConditions,
  isLate: () => boolean,
): Promise<CreateResult | null> {
  do {
    const surplus = limit === undefined ? null : await surplusFor(sets, records, record, userId, limit)
    if (surplus !== null && 'outcome' in surplus) return surplus
    const admitted = await sets.admit(userId, {
      ifUserEpoch,
      id: record.id,
      over: record.expiresAt,
      ifAdmissions: surplus?.admissions,
    })
    if (admitted === 'moved') continue
    if (admitted === 'user-changed') return await repeated(records, record, { outcome: 'user-changed' })
    const ended = limit === undefined ? [] : await endSurplus(records, record, surplus?.records ?? [], limit)
    const result = await place(sets, records, record, userId, admitted.everyone, ended)
    // Sessions that have ended stay in the set until somebody looks at it.
    if (admitted.size % SIZE_TO_LOOK_AT === 0) await openOf(sets, records, userId)
    return result
  } while (!isLate())
  return null
}

async function place(
  sets: UserSets,
  records: Records,
  record: SessionRecord,
  userId: string,
  everyone: string,
  ended: readonly SessionRecord[],
): Promise<CreateResult> {
  const placing = await records.create(record, everyone)
  switch (placing.outcome) {
    case 'created':
      return { outcome: 'created', ended }
    case 'taken': {
      const present = await records.read(record.id)
      if (present?.userId !== userId) await sets.remove(userId, [record.id])
      return { outcome: 'taken' }
    }
    case 'behind':
      // `endAll` has not come to the user's own bucket, or never did: brought there, so that the next sign-in counts.
      await sets.raiseEveryone(userId, placing.everyone)
      return { outcome: 'user-changed' }
    case 'barred':
      return { outcome: 'user-changed' }
  }
}

/** For a call that may be the second of its kind: what it found, or else `otherwise`. */
async function repeated(records: Records, record: SessionRecord, otherwise: CreateResult): Promise<CreateResult> {
  const present = await records.read(record.id)
  if (present === null) return otherwise
  const isThis = present.secretHash === record.secretHash && isLive(present, record.createdAt)
  return isThis ? { outcome: 'created', ended: [] } : { outcome: 'taken' }
}

async function surplusFor(
  sets: UserSets,
  records: Records,
  record: SessionRecord,
  userId: string,
  limit: SessionLimit,
): Promise<Surplus | CreateResult> {
  const { entries, admissions } = await sets.look(userId)
  if (entries.some(({ id }) => id === record.id) || limit.strategy === 'refuse') {
    const present = await records.read(record.id)
    if (present !== null) return await repeated(records, record, { outcome: 'taken' })
  }
  // What was entered by the same call before is not waited for: this one creates it.
  const others = entries.filter(({ id }) => id !== record.id)
  const present = await eachOf(others, ({ id, isOld }) => (isOld ? records.read(id) : awaitRecord(records, id)))
  const open = await keepOpen(sets, userId, others, present)
  const over = overLimit(open, record.createdAt, limit)
  if (over.length > 0 && limit.strategy === 'refuse') return { outcome: 'limit' }
  return {
    admissions,
    records: [...over, ...present.filter((one) => one !== null).filter((one) => madeRoom(one, record))],
  }
}

/** Whether the same call, made before, has ended it: in a Cluster the log may not have got that, which ending it again makes up for. */
function madeRoom({ ended }: SessionRecord, newcomer: SessionRecord): boolean {
  return ended !== null && ended.reason === 'limit' && ended.at === newcomer.createdAt
}

/** One that does not come is given up and barred, so that it cannot come later either. */
async function awaitRecord(records: Records, id: string): Promise<SessionRecord | null> {
  for (let look = 0; look < LOOKS; look++) {
    const found = await records.find(id)
    if (found === 'barred') return null
    if (found !== 'nothing') return found
    await pause(Math.min(LONGEST_LOOK, 2 ** look), true)
  }
  return await records.bar(id)
}

async function endSurplus(
  records: Records,
  newcomer: SessionRecord,
  surplus: readonly SessionRecord[],
  limit: SessionLimit,
): Promise<readonly SessionRecord[]> {
  const request = limitEnding(newcomer, limit)
  const results = await Promise.all(
    surplus.map(({ id }) => records.end(id, request, { logs: true, of: newcomer.userId })),
  )
  return results.flatMap((result) => (result.outcome === 'ended' ? [result.record] : []))
}
