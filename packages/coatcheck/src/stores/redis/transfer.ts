import type { SessionRecord } from '../../core/record/record.ts'
import type { AdoptConditions, AdoptOutcome, EpochsOfUser } from '../../core/store/transfer.ts'
import type { Records } from './records.ts'
import type { UserSets } from './user-sets.ts'
import { eachOf } from './users.ts'

/** As a creation: entered in the user's set first, so that no ending of the user can miss the record. */
export async function adopt(
  sets: UserSets,
  records: Records,
  adopted: readonly SessionRecord[],
  { ifEpochOfAll }: AdoptConditions,
): Promise<readonly AdoptOutcome[]> {
  return await eachOf(adopted, async (record) => {
    const { id, userId, expiresAt } = record
    // What was entered is never taken out here: another process may have adopted it meanwhile.
    if (userId !== null && record.ended === null) {
      await sets.admit(userId, { ifUserEpoch: undefined, id, over: expiresAt, ifAdmissions: undefined })
    }
    return await records.adopt(record, ifEpochOfAll)
  })
}

export async function epochs(sets: UserSets, userIds: readonly string[]): Promise<readonly EpochsOfUser[]> {
  const everyone = await sets.everyone()
  const found = await eachOf(userIds, async (userId) => {
    const [numbers, forgetAt] = await Promise.all([sets.epoch(userId), sets.keptUntil(userId)])
    return { userId, ...numbers, forgetAt }
  })
  return found.filter(({ epoch, endEpoch }) => Math.max(epoch, endEpoch) > everyone)
}
