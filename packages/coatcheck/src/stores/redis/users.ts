import { runtime } from '#runtime'
import { isLive } from '../../core/record/lifecycle.ts'
import type { SessionRecord } from '../../core/record/record.ts'
import type { Page, RotateResult, Rotation, UserEndRequest, UserUpdate } from '../../core/store/store.ts'
import { newestFirst, PAGE_SIZE, pageOf } from '../paging.ts'
import { endedEntry, rotationState, updatedUserEntry } from '../rules.ts'
import { type ChangeLog, endLogged } from './log.ts'
import { BARRED_FOR } from './record-value.ts'
import type { Records } from './records.ts'
import type { Entry, UserSets } from './user-sets.ts'

/** So many records are asked for at once. */
const AT_ONCE = 200

/** `work` for each, some at a time, with what it answers in their order. */
export async function eachOf<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = []
  for (let i = 0; i < items.length; i += AT_ONCE) {
    done.push(...(await Promise.all(items.slice(i, i + AT_ONCE).map(work))))
  }
  return done
}

/** Ends what is open: the epoch first, so that no sign-in under way counts, then the records, the log with them. */
export async function endUser(
  sets: UserSets,
  records: Records,
  log: ChangeLog,
  userId: string,
  request: UserEndRequest,
): Promise<readonly SessionRecord[]> {
  const { except, at, forgetAt } = request
  const { epoch, ids } = await sets.raise(userId, { at, forgetAt, ends: except === undefined })
  const others = ids.filter((id) => id !== except)
  if (except !== undefined) await records.stamp(except, { userId, epoch })
  const logs = except !== undefined
  const end = async (some: readonly string[]) =>
    (await eachOf(some, (id) => records.end(id, request, { logs, of: userId }))).flatMap((result) =>
      result.outcome === 'ended' ? [result.record] : [],
    )
  const found = logs
    ? await end(others)
    : await endLogged(log, endedEntry('user', userId, epoch, request), async (ended) => {
        const all: SessionRecord[] = []
        for (let i = 0; i < others.length; i += AT_ONCE) {
          const some = await end(others.slice(i, i + AT_ONCE))
          all.push(...some)
          await ended(some.length)
        }
        return all
      })
  await sets.remove(userId, others)
  return found
}

export async function updateUser(
  sets: UserSets,
  records: Records,
  log: ChangeLog,
  userId: string,
  change: UserUpdate,
): Promise<readonly string[]> {
  const { at, forgetAt, set, unset } = change
  const { epoch, ids } = await sets.raise(userId, { at, forgetAt, ends: false })
  const results = await eachOf(ids, (id) => records.update(id, { at, set, unset }, {}, { userId, epoch }))
  await log.append(updatedUserEntry(userId, epoch, change))
  return ids.filter((_, i) => results[i]?.outcome === 'updated')
}

/** An authentication in place: the user epoch is looked at where it is, then on the record, which every change stamps. */
export async function rotateForUser(
  sets: UserSets,
  records: Records,
  id: string,
  rotation: Rotation,
): Promise<RotateResult> {
  const record = await records.read(id)
  if (record === null || record.userId === null) return await records.rotate(id, rotation)
  const admitted = await sets.admit(record.userId, {
    ifUserEpoch: rotation.ifUserEpoch,
    id: null,
    over: rotation.authentication?.expiresAt ?? record.expiresAt,
    ifAdmissions: undefined,
  })
  if (admitted !== 'user-changed') return await records.rotate(id, rotation)
  if (!isLive(record, rotation.at)) return { outcome: 'gone', record }
  const state = rotationState(record, rotation)
  if (state === 'due') return { outcome: 'user-changed', record }
  // It changes nothing any more, and makes up for the log's entry.
  return await records.rotate(id, rotation)
}

/** Newest first. */
export async function listUser(
  sets: UserSets,
  records: Records,
  userId: string,
  { cursor, limit = PAGE_SIZE }: { readonly cursor?: string | null | undefined; readonly limit?: number | undefined },
): Promise<Page<SessionRecord>> {
  const open = await openOf(sets, records, userId)
  const sorted = open.toSorted(newestFirst).map((record) => ({ record }))
  return pageOf(sorted, cursor, limit)
}

/** The user's records that are not ended. */
export async function openOf(sets: UserSets, records: Records, userId: string): Promise<readonly SessionRecord[]> {
  const { entries } = await sets.look(userId)
  return await keepOpen(sets, userId, entries, await eachOf(entries, ({ id }) => records.read(id)))
}

/**
 * Those of the records that are open. What is not there leaves the set, unless it may still come, and so does what has ended,
 * but for a while: in a Cluster who ends the user's sessions again has to find those that the log has not got.
 */
export async function keepOpen(
  sets: UserSets,
  userId: string,
  entries: readonly Entry[],
  found: readonly (SessionRecord | null)[],
): Promise<readonly SessionRecord[]> {
  const isOpen = (record: SessionRecord) => record.ended === null && record.userId === userId
  const isOver = (record: SessionRecord | null) =>
    record !== null && !isOpen(record) && (record.ended?.at ?? 0) <= runtime.now() - BARRED_FOR
  const isGone = ({ isOld }: Entry, i: number) => isOld && found[i] === null
  const ids = (of: readonly { readonly id: string }[]) => of.map(({ id }) => id)
  await sets.forget(userId, ids(entries.filter(isGone)))
  await sets.remove(userId, ids(found.filter(isOver) as SessionRecord[]))
  return found.filter((record) => record !== null).filter(isOpen)
}
