import type { SessionRecord } from '../record/record.ts'
import type { CallOptions, Change, EpochRetention, Page, Store, UserEpoch } from './store.ts'

/** `adopted`: it is there now as it was given. `there`: the id was taken. `outdated`: `ifEpochOfAll` did not hold. */
export type AdoptOutcome = 'adopted' | 'there' | 'outdated'

export interface AdoptConditions {
  /** `epochOfAll` as it was before the records were read: refused as `outdated` where it has been raised since. */
  readonly ifEpochOfAll?: number | undefined
}

/** A user with the two numbers, and from when on they may be removed, where the store knows. */
export interface EpochsOfUser extends UserEpoch, EpochRetention {
  readonly userId: string
}

export interface ScanPage {
  readonly cursor?: string | null | undefined
  /** About how many; a page may hold fewer, more, or none before the end. Default 500. */
  readonly limit?: number | undefined
}

/**
 * What moving all sessions from one store to another needs beside the contract of a store; a capability that a store may
 * lack. What `core/store` says of all methods holds for these.
 */
export interface StoreTransfer {
  /**
   * All records, live, expired and ended, page by page, as they are. Misses none that is there from the first page to the
   * last; may answer one twice. A cursor may be used later and by another process: where the store cannot go on from it,
   * it begins anew.
   */
  scan(page?: ScanPage, options?: CallOptions): Promise<Page<SessionRecord>>

  /** The users of whom a number is above `epochOfAll`, page by page as `scan`; may name others, too. */
  epochs(page?: ScanPage, options?: CallOptions): Promise<Page<EpochsOfUser>>

  /** What both numbers of every user are at least; raised by `endAll`, before it ends anybody. 0 or more. */
  epochOfAll(options?: CallOptions): Promise<number>

  /** The highest `seq` that the change log has given out, that of entries that were removed included; 0: none. */
  lastChange(options?: CallOptions): Promise<number>

  /**
   * Takes records in as they are: ended ones, generations, versions and times unchanged; only the namespace becomes the
   * store's own. Each is one step for itself and is answered in the order given. **Never overwrites**: `there` where the
   * id exists, or its user's sessions are being ended at this moment. An adopted record counts like one that was created,
   * in lists, limits and endings; it raises no epoch, and no bound on anonymous sessions refuses it.
   */
  adopt(
    records: readonly SessionRecord[],
    conditions?: AdoptConditions,
    options?: CallOptions,
  ): Promise<readonly AdoptOutcome[]>

  /**
   * Raises the two numbers of a user (null: of every user) to at least these. Lowers none. Those of a user are kept until
   * `forgetAt` at least, also where they were that high before; default 30 days from now, where they are raised.
   */
  raiseEpoch(userId: string | null, atLeast: UserEpoch & EpochRetention, options?: CallOptions): Promise<void>

  /**
   * Takes entries in with the numbers that they have, as far as those are above `lastChange`, which becomes at least
   * `last`. So new entries are numbered above both. An ending of a session or token counts as noted: `note` does not write it
   * again. Answers `lastChange`.
   */
  adoptChanges(
    log: { readonly entries: readonly Change[]; readonly last: number },
    options?: CallOptions,
  ): Promise<number>
}

export function hasTransfer(store: Store): store is Store & StoreTransfer {
  return 'adopt' in store && typeof store.adopt === 'function'
}
