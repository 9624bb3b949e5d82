import { OptionError } from '../../errors.ts'
import { type KnownOf, refuseUnknown } from '../base/unknown-options.ts'
import type { Duration } from '../record/duration.ts'

/** How recent and how strong an authentication has to be. At least one of the two is given. */
export interface Freshness {
  /** At most this long ago. Absent: any age. */
  readonly maxAge?: Duration | undefined
  /** At least this assurance level, 1 to 3. Absent: any. */
  readonly level?: number | undefined
}

const KNOWN: KnownOf<Freshness> = { maxAge: null, level: null }

/** Refuses what asks for nothing: a misspelt name would let every session through. @throws OptionError */
export function refuseUnknownFreshness(need: Freshness): void {
  refuseUnknown(need ?? {}, KNOWN, 'fresh')
  if (need?.maxAge === undefined && need?.level === undefined)
    throw new OptionError(
      'fresh',
      'write `maxAge`, `level`, or both. Without them every authentication would be fresh.',
    )
}
