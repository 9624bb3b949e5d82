import { runtime } from '#runtime'
import type { Ending, SessionRecord } from '../../core/record/record.ts'
import { hasStats } from '../../core/store/capabilities.ts'
import type { CallOptions, Change, EndRequest, Page, Store } from '../../core/store/store.ts'
import { type EpochsOfUser, hasTransfer } from '../../core/store/transfer.ts'
import { OptionError } from '../../errors.ts'
import { SCAN_SIZE } from '../paging.ts'
import { CHANGE_KEPT, noteIn } from '../rules.ts'
import type { Transferring } from './bringing.ts'
import { bringLog, PAGE } from './log.ts'

export interface CopyProgress {
  /** First everything is copied, then it is looked at again whether all is there. */
  readonly phase: 'copying' | 'checking'
  /** How many records were looked at in this phase, of about `total`; 0 where nobody knows how many there are. */
  readonly done: number
  readonly total: number
  /** While copying: the place to go on from, as `cursor` of a later call. Null before the first page and while checking. */
  readonly cursor: string | null
}

export interface CopyOptions {
  /** Ends the copy early with an error. What was copied stays. */
  readonly signal?: AbortSignal | undefined
  /** Called after each batch. */
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined
  /** Where an earlier copy stopped; default null, the beginning. It is all checked in the end, wherever it began. */
  readonly cursor?: string | null | undefined
  /** How many records are copied at once; default 500, at least 1. */
  readonly batch?: number | undefined
}

export interface CopyResult {
  /** Records, ended ones included, that this call has brought. */
  readonly copied: number
  /** Records that were there already: by an earlier copy, or because somebody needed them. */
  readonly there: number
  /** Users whose epoch was brought. */
  readonly users: number
  /**
   * Records that were changed, ended or begun in `from` after they were copied, so that `to` did not know: 0 unless a
   * process works with `from` alone. Endings among them are made up for; changes are not.
   */
  readonly behind: number
}

/** A session that is begun in `from` meanwhile is met by the next pass; who begins them all the time is told by `behind`. */
const MOST_PASSES = 4

/**
 * Copies all sessions from one store to another while processes with `movingStore` serve them: records, user epochs, the
 * change log, and what was noted in it. Nothing that is in `to` already is touched, so it may be broken off and called again. Then all is
 * compared; that pass is repeated where something was missing. @throws OptionError, and what the stores throw
 */
export async function copyStore(from: Store, to: Store, options: CopyOptions = {}): Promise<CopyResult> {
  if (!hasTransfer(from)) throw new OptionError('from', 'a store that sessions can be moved from.')
  if (!hasTransfer(to)) throw new OptionError('to', 'a store that sessions can be moved to.')
  const { signal, onProgress = () => undefined, cursor = null, batch = SCAN_SIZE } = options
  if (!Number.isSafeInteger(batch) || batch < 1) throw new OptionError('batch', 'a whole number of records, 1 or more.')
  const call = { signal }
  const total = await totalOf(from, call)
  const pass = async (phase: CopyProgress['phase'], start: string | null) =>
    await onePass(from, to, { phase, start, batch, total, onProgress, call })

  await bringLog(from, to, call)
  const users = await copyEpochs(from, to, call)
  const first = await pass('copying', cursor)
  let { copied } = first
  let check = await pass('checking', null)
  // What a copy that went on from a cursor finds behind it was left by the one before.
  let late = cursor === null ? check.copied : 0
  copied += check.copied
  for (let passes = 2; check.copied > 0 && passes < MOST_PASSES; passes++) {
    check = await pass('checking', null)
    copied += check.copied
    late += check.copied
  }
  // Endings since then have raised them in both; what was raised before the first pass was read is level now.
  await copyEpochs(from, to, call)
  await copyNotes(from, to, call)
  return { copied, there: first.there, users, behind: check.behind + late }
}

async function totalOf(store: Store, call: CallOptions): Promise<number> {
  if (!hasStats(store)) return 0
  const { anonymous, signedIn, ended } = await store.stats(call)
  return anonymous + signedIn + ended
}

/** Raises in `to` every epoch that is lower there; answers how many users' those of users were. */
async function copyEpochs(from: Transferring, to: Transferring, call: CallOptions): Promise<number> {
  const ofAll = await from.epochOfAll(call)
  await to.raiseEpoch(null, { epoch: ofAll, endEpoch: ofAll }, call)
  let users = 0
  let cursor: string | null = null
  do {
    const page: Page<EpochsOfUser> = await from.epochs({ cursor }, call)
    await Promise.all(page.items.map(({ userId, ...epochs }) => to.raiseEpoch(userId, epochs, call)))
    users += page.items.length
    cursor = page.cursor
  } while (cursor !== null)
  return users
}

/**
 * Makes up for what was noted in `from` since its log was brought: an ending of what has no record is nowhere else. `to` writes
 * none again that it has.
 */
async function copyNotes(from: Transferring, to: Transferring, call: CallOptions): Promise<void> {
  let entries: readonly Change[] = []
  do {
    entries = await from.changes(entries.at(-1)?.seq ?? 0, { limit: PAGE }, call)
    const notes = entries.map(noteIn).filter((note) => note !== null)
    const hasRecord = await Promise.all(
      notes.map(async ({ scope, subject }) => scope === 'session' && (await to.read(subject, call)) !== null),
    )
    await to.note(
      notes.filter((_, i) => hasRecord[i] === false),
      call,
    )
  } while (entries.length > 0)
}

interface Pass {
  readonly phase: CopyProgress['phase']
  readonly start: string | null
  readonly batch: number
  readonly total: number
  readonly onProgress: (progress: CopyProgress) => void
  readonly call: CallOptions
}

async function onePass(
  from: Transferring,
  to: Transferring,
  { phase, start, batch, total, onProgress, call }: Pass,
): Promise<{ readonly copied: number; readonly there: number; readonly behind: number }> {
  const counts = { copied: 0, there: 0, behind: 0 }
  let cursor = start
  for (;;) {
    const ifEpochOfAll = await to.epochOfAll(call)
    const page: Page<SessionRecord> = await from.scan({ cursor, limit: batch }, call)
    const outcomes = page.items.length === 0 ? [] : await to.adopt(page.items, { ifEpochOfAll }, call)
    // Somebody has ended all sessions meanwhile: what was read may have ended since.
    if (outcomes.includes('outdated')) continue
    const there = page.items.filter((_, i) => outcomes[i] === 'there')
    counts.copied += page.items.length - there.length
    counts.there += there.length
    if (phase === 'checking') counts.behind += await countBehind(to, there, call)
    cursor = page.cursor
    const done = counts.copied + counts.there
    onProgress({ phase, done, total, cursor: phase === 'copying' ? cursor : null })
    if (cursor === null) return counts
  }
}

/** Of records as they are in `from` those that `to` is behind; what has ended there ends here, too. */
async function countBehind(to: Transferring, records: readonly SessionRecord[], call: CallOptions): Promise<number> {
  const behind = await Promise.all(
    records.map(async (record) => {
      const present = await to.read(record.id, call)
      if (present === null || present.ended !== null || !isBehind(present, record)) return false
      if (record.ended !== null) await to.end(record.id, madeUpFor(record.ended), call)
      return true
    }),
  )
  return behind.filter(Boolean).length
}

/** The ending as a request, whose entry is told from now on for as long as an entry is by default. */
function madeUpFor(ending: Ending): EndRequest {
  return { ...ending, logUntil: Math.max(ending.keepUntil, runtime.now() + CHANGE_KEPT) }
}

/**
 * Whether an open record knows less than the one that it was copied from. That one may be over by itself, because it is
 * not told of activity any more, or replaced by an authentication that the copy knows of.
 */
function isBehind(present: SessionRecord, source: SessionRecord): boolean {
  if (source.ended !== null) return !['idle', 'absolute', 'replaced'].includes(source.ended.reason)
  return (
    source.version > present.version || source.generation > present.generation || source.lastSeenAt > present.lastSeenAt
  )
}
