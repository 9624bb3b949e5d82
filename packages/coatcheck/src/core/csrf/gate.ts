import { CsrfError } from '../../errors.ts'
import type { TokenFault } from '../events/reasons.ts'
import type { CsrfContext, Gate } from './context.ts'
import { type Arrived, tell } from './report.ts'

/** Why a session is closed, and to what, until a token of the request was found to count. */
export interface Closing {
  readonly reason: TokenFault | 'opaque-origin'
  readonly toReading: boolean
  /** Whether the reason was told already. */
  readonly isTold: boolean
}

/** Lets nobody pass whose token was refused, or forgotten where one is due; tells it once. */
export function closedGate(ctx: CsrfContext, arrived: Arrived, { reason, toReading, isTold }: Closing): Gate {
  let told = isTold
  return {
    toReading,
    check(to) {
      if (to === 'reading' && !toReading) return
      if (!told) tell(ctx, arrived, reason)
      told = true
      if (!ctx.settings.csrf.reportOnly) throw new CsrfError(reason)
    },
  }
}
