import type { Case } from '../cases.ts'
import { callCases } from './calls.ts'
import { changeCases } from './changes.ts'
import { createCases } from './create.ts'
import { endCases } from './end.ts'
import { feedCases } from './feed.ts'
import type { StoreContext } from './kit.ts'
import { limitCases } from './limit.ts'
import { listCases } from './list.ts'
import { lostUpdateCases } from './lost-updates.ts'
import { markCases } from './marks.ts'
import { modelCases } from './model.ts'
import { opaqueCases } from './opaque.ts'
import { raceCases } from './races.ts'
import { readCases } from './read.ts'
import { reopeningCases } from './reopening.ts'
import { rotateCases } from './rotate.ts'
import { sharedCases } from './shared.ts'
import { sweepCases } from './sweep.ts'
import { touchCases } from './touch.ts'
import { transferCases } from './transfer.ts'
import { updateCases } from './update.ts'
import { userCases } from './users.ts'
import { wholeRecordCases } from './whole-record.ts'

export type { StoreContext } from './kit.ts'

/** The contract of `core/store`, sentence by sentence. The part of a name before the colon is the group. */
export const storeContract: readonly Case<StoreContext>[] = [
  ...createCases,
  ...limitCases,
  ...readCases,
  ...updateCases,
  ...rotateCases,
  ...touchCases,
  ...endCases,
  ...userCases,
  ...listCases,
  ...changeCases,
  ...feedCases,
  ...sweepCases,
  ...wholeRecordCases,
  ...opaqueCases,
  ...callCases,
  ...raceCases,
  ...lostUpdateCases,
  ...markCases,
  ...sharedCases,
  ...reopeningCases,
  ...transferCases,
  ...modelCases,
]
