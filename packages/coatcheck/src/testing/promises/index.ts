import type { Case } from '../cases.ts'
import { answerCases } from './answers.ts'
import { authenticatingCases } from './authenticating.ts'
import { endingCases } from './ending.ts'
import { hostileCases } from './hostile.ts'
import { keyCases } from './keys.ts'
import type { PromiseContext } from './kit.ts'
import { leakCases } from './leaks.ts'
import { outageCases } from './outages.ts'
import { readingCases } from './reading.ts'
import { reasonCases } from './reasons.ts'
import { sweepingCases } from './sweeping.ts'
import { timeoutCases } from './timeouts.ts'
import { updatingCases } from './updating.ts'

/**
 * The promises of Coatcheck as cases, for every store: run them with `runCases` on a fresh store for each case. Together
 * with `storeContract` they are what a store has to pass.
 */
export const promiseCases: readonly Case<PromiseContext>[] = [
  ...leakCases,
  ...readingCases,
  ...authenticatingCases,
  ...endingCases,
  ...updatingCases,
  ...timeoutCases,
  ...outageCases,
  ...hostileCases,
  ...keyCases,
  ...reasonCases,
  ...answerCases,
  ...sweepingCases,
]

export type { PromiseContext }
