import { ContentionError, CookieWithheldError, SessionEndedError } from '../errors.ts'
import { type Context, dropSession, endedMeanwhile, type SessionState } from './context.ts'
import { clientOf, createSession } from './creating.ts'
import { isUnsafe } from './csrf.ts'
import { requireOpen } from './csrf-check.ts'
import { applied, checkLimits, type DataDifference, decodeData, diffData, encodeValue, growthBy } from './data.ts'
import { fraction } from './jitter.ts'
import { isLive } from './lifecycle.ts'
import { refuseNewer } from './migrating.ts'
import { refuseInOutage } from './outage.ts'
import { hasRunOut, readUnderPolicy } from './present-timeouts.ts'
import { type SessionRecord, withFields } from './record.ts'
import { validate } from './validating.ts'
import { TOO_LATE, withheldFrom, withhold } from './withholding.ts'

const ATTEMPTS = 64
const LONGEST_PAUSE = 20
/** Bytes by which a change may make a session larger without being held to the data that it was measured with. */
const UNMEASURED = 1_024

export interface BeginOptions {
  /**
   * Begins one also where another site's page made the request and browsers hold our cookies back from it; its cookie
   * replaces that of an anonymous session which the visitor may have. Default false.
   */
  readonly crossSite?: boolean | undefined
}

/** The application's object, made when it is first asked for. */
export function dataOf(ctx: Context, state: SessionState): Record<string, unknown> {
  if (state.data !== null) return state.data
  if (state.unreadable !== null) throw state.unreadable
  const texts = state.record?.data ?? state.base
  const initial = ctx.settings.initial?.() ?? null
  if (initial !== null) {
    const filled = Object.entries(initial).filter(([key, value]) => value !== undefined && !texts.has(key))
    state.initial = new Map(filled.map(([key, value]) => [key, encodeValue(value, key, ctx.settings.limits)]))
  }
  state.base = texts
  state.data = decodeData(texts, initial)
  return state.data
}

/**
 * Writes what the request changed in its data; null where that is nothing, at once. On an answer with status 500 or above
 * the changes are dropped. Where the session ended meanwhile nothing is written and `ended` says so.
 * @throws DataError, and what the store throws
 */
export function saveData(ctx: Context, state: SessionState, status: number): Promise<void> | null {
  if (state.data === null || status >= 500) return null
  const difference = diffData(state.base, state.data, state.initial, ctx.settings.limits)
  return difference === null ? null : writeData(ctx, state, state.data, difference)
}

async function writeData(
  ctx: Context,
  state: SessionState,
  data: Readonly<Record<string, unknown>>,
  difference: DataDifference,
): Promise<void> {
  requireOpen(ctx, state, 'changing')
  refuseInOutage(state, 'session.data')
  if (state.record !== null) refuseNewer(ctx, state.record)
  await validate(ctx, data)
  if (state.record === null) await createAnonymous(ctx, state, difference)
  else await writeDifference(ctx, state, difference)
}

async function createAnonymous(ctx: Context, state: SessionState, { set }: DataDifference): Promise<void> {
  const withheld = state.answered ? TOO_LATE : withheldFrom(ctx, state)
  if (withheld !== null) {
    withhold(ctx, withheld, `A session could not begin: ${withheld.why}`)
    if (withheld.reason === 'cross-site' && isUnsafe(state.request)) throw new CookieWithheldError()
    return
  }
  await beginAnonymous(ctx, state, set)
}

/**
 * Begins an anonymous session with what the request has written so far, though that be nothing; where one is there, it goes on.
 * @throws CookieWithheldError where a new cookie could replace one that the visitor has, unless `crossSite` says so; DataError, and what the store throws
 */
export async function beginSession(
  ctx: Context,
  state: SessionState,
  { crossSite = false }: BeginOptions,
): Promise<void> {
  if (state.record !== null) return
  const withheld = state.answered ? TOO_LATE : withheldFrom(ctx, state)
  if (withheld !== null && !(crossSite && withheld.reason === 'cross-site')) {
    withhold(ctx, withheld, `A session could not begin: ${withheld.why}`)
    if (withheld.reason === 'cross-site') throw new CookieWithheldError()
    return
  }
  const data = dataOf(ctx, state)
  const difference = diffData(state.base, data, state.initial, ctx.settings.limits)
  await validate(ctx, data)
  await beginAnonymous(ctx, state, difference?.set ?? new Map())
}

async function beginAnonymous(ctx: Context, state: SessionState, set: ReadonlyMap<string, string>): Promise<void> {
  const { idle, absolute, persistent } = ctx.settings.policy.anonymous
  const client = clientOf(state)
  await createSession(ctx, state, {
    userId: null,
    data: set,
    assurance: null,
    client,
    idle,
    absolute,
    persistent,
  })
  state.base = set
  if (state.record !== null) ctx.events.emit({ type: 'created', sessionId: state.record.id, userId: null })
}

/**
 * Writes the keys that differ, whatever parallel requests do to others: where they have written since the record was read, it
 * is read again, once. A change that makes the session larger is written
 * only onto the data that it was measured with, so that parallel ones cannot pass the limit together.
 */
async function writeDifference(ctx: Context, state: SessionState, difference: DataDifference): Promise<void> {
  let measured = state.record
  const late = measured !== null && hasRunOut(ctx, measured)
  if (late !== false && (await late)) return await loseSession(ctx, state, false)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 1) await pause(ctx, attempt)
    const { record, holding } = state
    if (record === null || holding === null || measured === null) return
    const result = await ctx.store.update(
      record.id,
      { ...difference, at: ctx.runtime.now() },
      {
        ifGeneration: holding.generation,
        // At first onto what was read, so that a newer version that has migrated it since is seen before anything is written.
        ifVersion:
          versionToHold(measured, difference) ?? (attempt === 0 ? (state.written ?? measured.version) : undefined),
      },
    )
    if (result.outcome === 'updated') {
      state.base = applied(state.base, difference)
      state.written = result.version
      return
    }
    if (result.outcome !== 'stale') return await loseSession(ctx, state, result.outcome === 'replaced')
    measured = await ctx.store.read(record.id, { strict: true })
    if (measured === null) return await loseSession(ctx, state, false)
    refuseNewer(ctx, measured)
    checkLimits(applied(measured.data, difference), ctx.settings.limits, measured.data)
  }
  throw new ContentionError([...difference.set.keys()].join(', '), ATTEMPTS)
}

/** The version onto which a change may be written; undefined where it is too small to pass the limit by much. */
function versionToHold(measured: SessionRecord, difference: DataDifference): number | undefined {
  return growthBy(measured.data, difference) > UNMEASURED ? measured.version : undefined
}

/** The session ended, or was authenticated anew, while this request was under way: find out why and say so. */
async function loseSession(ctx: Context, state: SessionState, replaced: boolean): Promise<void> {
  const { record } = state
  if (record === null) return
  const ended = replaced
    ? ({ reason: 'replaced', at: null, note: null } as const)
    : endedMeanwhile(await readUnderPolicy(ctx, record.id), ctx.runtime.now())
  ctx.events.emit({ type: 'write-refused', sessionId: record.id, userId: record.userId, reason: ended.reason })
  dropSession(state, ended)
}

/**
 * Changes one key by a function of its present value, atomically across requests and processes: of parallel changes none
 * is lost. Within a process the changes of one key queue up; between processes they compare and retry.
 * @throws SessionEndedError, DataError, ContentionError, and what the store or `change` throws
 */
export async function updateKey(
  ctx: Context,
  state: SessionState,
  key: string,
  change: (value: unknown) => unknown,
): Promise<unknown> {
  const { record } = state
  if (record === null) {
    if (state.ended !== null) throw new SessionEndedError(state.ended.reason)
    const data = dataOf(ctx, state)
    data[key] = await change(data[key])
    return data[key]
  }
  if (state.unreadable !== null) throw state.unreadable
  return await ctx.serial.run(`${record.id}\n${key}`, () => compareAndSet(ctx, state, key, change))
}

async function compareAndSet(
  ctx: Context,
  state: SessionState,
  key: string,
  change: (value: unknown) => unknown,
): Promise<unknown> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 1) await pause(ctx, attempt)
    const { record, holding } = state
    if (record === null || holding === null) throw new SessionEndedError(state.ended?.reason ?? 'unknown')
    const fresh = await readUnderPolicy(ctx, record.id)
    const replaced = fresh !== null && fresh.minGeneration > holding.generation
    if (fresh === null || replaced || !isLive(fresh, ctx.runtime.now())) {
      await loseSession(ctx, state, replaced)
      continue
    }
    refuseNewer(ctx, fresh)
    const text = fresh.data.get(key) ?? null
    const value = await change(text === null ? initialValue(ctx, key) : JSON.parse(text))
    const next = value === undefined ? null : encodeValue(value, key, ctx.settings.limits)
    const difference = { set: new Map(next === null ? [] : [[key, next]]), unset: next === null ? [key] : [] }
    const data = applied(fresh.data, difference)
    checkLimits(data, ctx.settings.limits, fresh.data)
    await validate(ctx, { ...initialData(ctx), ...decodeData(data, null) })
    const result = await ctx.store.update(
      record.id,
      { ...difference, at: ctx.runtime.now() },
      {
        ifGeneration: holding.generation,
        ifVersion: versionToHold(fresh, difference),
        ifValue: { key, text },
      },
    )
    if (result.outcome === 'updated') {
      takeOver(state, key, next, value)
      return value
    }
    if (result.outcome !== 'stale') await loseSession(ctx, state, result.outcome === 'replaced')
  }
  throw new ContentionError(key, ATTEMPTS)
}

function initialData(ctx: Context): object {
  return ctx.settings.initial?.() ?? {}
}

function initialValue(ctx: Context, key: string): unknown {
  const initial = initialData(ctx)
  return Object.hasOwn(initial, key) ? Reflect.get(initial, key) : undefined
}

/** What was written becomes the base of this request's later comparison, and what the application sees. */
function takeOver(state: SessionState, key: string, text: string | null, value: unknown): void {
  const { record } = state
  if (record === null) return
  const change = text === null ? { unset: [key] } : { set: new Map([[key, text]]) }
  if (state.data === null) {
    state.record = withFields(record, { data: applied(record.data, change) })
    return
  }
  state.base = applied(state.base, change)
  if (text === null) delete state.data[key]
  else state.data[key] = value
}

async function pause(ctx: Context, attempt: number): Promise<void> {
  const most = Math.min(LONGEST_PAUSE, attempt)
  await new Promise<void>((resolve) => {
    ctx.runtime.after(most * fraction(ctx.runtime), resolve, true)
  })
}
