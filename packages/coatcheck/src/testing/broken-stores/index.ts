import type { BrokenStore } from './bench.ts'
import { brokenCalls } from './calls.ts'
import { brokenChanges } from './changes.ts'
import { brokenCreates, brokenReads } from './create.ts'
import { brokenEndings } from './end.ts'
import { brokenEndAlls } from './end-all.ts'
import { brokenEndUsers } from './end-user.ts'
import { brokenFeeds } from './feed.ts'
import { brokenMemories } from './forgetting.ts'
import { brokenLimits } from './limit.ts'
import { brokenLists, brokenLogs } from './lists.ts'
import { brokenWholeWrites } from './lost-updates.ts'
import { brokenMarks } from './marks.ts'
import { brokenRotations } from './rotate.ts'
import { brokenSharing } from './shared.ts'
import { brokenSweeps } from './sweeps.ts'
import { brokenTouches } from './touch.ts'
import { brokenTransfers } from './transfer.ts'
import { brokenUpdates } from './update.ts'
import { brokenUpdateUsers } from './update-user.ts'
import { brokenValues } from './values.ts'

export type { BrokenStore } from './bench.ts'

/**
 * Deliberately broken stores, for a suite to be held against: each keeps the contract but for one sentence, and names
 * the cases that have to notice.
 *
 * ```ts
 * const results = await runCases(storeContract, () => one.context({ store: modelStore() }))
 * ```
 */
export const brokenStores: readonly BrokenStore[] = [
  ...brokenCreates,
  ...brokenReads,
  ...brokenLimits,
  ...brokenUpdates,
  ...brokenRotations,
  ...brokenTouches,
  ...brokenEndings,
  ...brokenEndUsers,
  ...brokenUpdateUsers,
  ...brokenEndAlls,
  ...brokenLists,
  ...brokenLogs,
  ...brokenChanges,
  ...brokenFeeds,
  ...brokenSweeps,
  ...brokenValues,
  ...brokenCalls,
  ...brokenMarks,
  ...brokenSharing,
  ...brokenMemories,
  ...brokenWholeWrites,
  ...brokenTransfers,
]
