import { ContentionError, SessionEndedError } from '../../errors.ts'
import { fraction } from '../base/jitter.ts'
import { refuseInOutage } from '../events/outage.ts'
import { type Held, isRefused } from '../kind.ts'
import {
  applied,
  checkLimits,
  type DataDifference,
  decodeData,
  diffData,
  encodeValue,
  growthBy,
} from '../record/data.ts'
import { type SessionRecord, withFields } from '../record/record.ts'
import type { Context } from './context.ts'
import { beginAnonymous } from './create.ts'
import { dataOf } from './data-view.ts'
import { type Ended, endedOf, REPLACED } from './ended.ts'
import { issue } from './issue.ts'
import { refuseNewer } from './migrate.ts'
import { hasRunOut } from './running-out.ts'
import { dropSession, isStillHeld, type SessionState } from './state.ts'
import { validate } from './validate.ts'

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

/**
 * Writes what the request changed in its data; null where that is nothing, at once. On an answer with status 500 or above
 * the changes are dropped. Where the session ended meanwhile nothing is written and `ended` says so.
 * @throws DataError, and what the store throws
 */
export function saveData(ctx: Context, state: SessionState, status: number): Promise<void> | null {
  const { object, base, initial } = state.view
  if (object === null || state.readOnly || status >= 500) return null
  const difference = diffData(base, object, initial, ctx.settings.limits)
  return difference === null ? null : writeData(ctx, state, object, difference)
}

async function writeData(
  ctx: Context,
  state: SessionState,
  data: Readonly<Record<string, unknown>>,
  difference: DataDifference,
): Promise<void> {
  state.gate?.check('changing')
  refuseInOutage(state, 'session.data')
  // What is written was meant for the session that the request holds now, whatever it holds after a wait.
  const { held } = state
  if (held !== null) refuseNewer(ctx, held.record)
  await validate(ctx, data)
  if (held === null) await beginAnonymous(ctx, state, () => difference.set, { crossSite: false, isImplied: true })
  else await writeDifference(ctx, state, held, difference)
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
  if (state.held !== null) return
  const written = async () => {
    const data = dataOf(ctx, state)
    const difference = diffData(state.view.base, data, state.view.initial, ctx.settings.limits)
    await validate(ctx, data)
    return difference?.set ?? new Map<string, string>()
  }
  await beginAnonymous(ctx, state, written, { crossSite, isImplied: false })
}

/**
 * Writes the keys that differ, whatever parallel requests do to others: where they have written since the record was read, it
 * is read again, once. A change that makes the session larger is written only onto the data that it was measured with, so that
 * parallel ones cannot pass the limit together.
 */
async function writeDifference(
  ctx: Context,
  state: SessionState,
  first: Held,
  difference: DataDifference,
): Promise<void> {
  let measured = first.record
  const late = hasRunOut(ctx, first)
  if (late !== false) {
    const refused = await late
    if (refused !== null) return loseSession(ctx, state, first, endedOf(refused))
  }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 1) await pause(ctx, attempt)
    const { held } = state
    if (held === null || !isStillHeld(state, first)) return
    // At first onto what was read, so that a newer version that has migrated it since is seen before anything is written.
    const present = attempt === 0 ? (state.view.written ?? measured.version) : undefined
    const result = await held.kind.update(
      held,
      { ...difference, at: ctx.runtime.now() },
      { ifVersion: versionToHold(measured, difference) ?? present },
    )
    if (result.outcome === 'updated') {
      if (!isStillHeld(state, first)) return
      state.view.base = applied(state.view.base, difference)
      state.view.written = result.version
      return await goOn(state, held, result.held)
    }
    if (result.outcome !== 'stale') return await loseWrite(ctx, state, held, result.outcome)
    const fresh = await held.kind.load(held)
    if (isRefused(fresh)) return loseSession(ctx, state, held, endedOf(fresh))
    measured = fresh.record
    refuseNewer(ctx, measured)
    checkLimits(applied(measured.data, difference), ctx.settings.limits, measured.data)
  }
  throw new ContentionError([...difference.set.keys()].join(', '), ATTEMPTS)
}

/** A change is a new text at the client where the text holds the data, or what was made of it: then another one is held. */
async function goOn(state: SessionState, before: Held, after: Held): Promise<void> {
  if (after !== before) await issue(state, after, 'changed')
}

/** The version onto which a change may be written; undefined where it is too small to pass the limit by much. */
function versionToHold(measured: SessionRecord, difference: DataDifference): number | undefined {
  return growthBy(measured.data, difference) > UNMEASURED ? measured.version : undefined
}

/** The session ended, or was authenticated anew, while this request was under way: finds out why and says so. */
async function loseWrite(ctx: Context, state: SessionState, held: Held, outcome: 'gone' | 'replaced'): Promise<void> {
  if (outcome === 'replaced') return loseSession(ctx, state, held, REPLACED)
  const fresh = await held.kind.load(held)
  loseSession(ctx, state, held, isRefused(fresh) ? endedOf(fresh) : { reason: 'unknown', at: null, note: null })
}

/** Tells of a write that was refused; a request that holds another session by now goes on with that. */
function loseSession(ctx: Context, state: SessionState, held: Held, ended: Ended): void {
  const { record } = held
  const { reason } = ended
  ctx.events.emit({
    type: 'write-refused',
    sessionId: record.id,
    userId: record.userId,
    reason: reason === 'malformed' ? 'unknown' : reason,
  })
  if (isStillHeld(state, held)) dropSession(state, ended)
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
  const { held } = state
  if (held === null) {
    if (state.ended !== null) throw new SessionEndedError(state.ended.reason)
    const data = dataOf(ctx, state)
    data[key] = await change(data[key])
    return data[key]
  }
  if (state.view.unreadable !== null) throw state.view.unreadable
  return await ctx.serial.run(`${held.record.id}\n${key}`, () => compareAndSet(ctx, state, held, key, change))
}

async function compareAndSet(
  ctx: Context,
  state: SessionState,
  first: Held,
  key: string,
  change: (value: unknown) => unknown,
): Promise<unknown> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 1) await pause(ctx, attempt)
    const { held } = state
    if (held === null) throw new SessionEndedError(state.ended?.reason ?? 'unknown')
    if (!isStillHeld(state, first)) throw new SessionEndedError('replaced')
    const loaded = await held.kind.load(held)
    if (isRefused(loaded)) {
      loseSession(ctx, state, held, endedOf(loaded))
      continue
    }
    const fresh = loaded.record
    refuseNewer(ctx, fresh)
    const text = fresh.data.get(key) ?? null
    const value = await change(text === null ? initialValue(ctx, key) : JSON.parse(text))
    const next = value === undefined ? null : encodeValue(value, key, ctx.settings.limits)
    const difference = { set: new Map(next === null ? [] : [[key, next]]), unset: next === null ? [key] : [] }
    const data = applied(fresh.data, difference)
    checkLimits(data, ctx.settings.limits, fresh.data)
    await validate(ctx, { ...initialData(ctx), ...decodeData(data, null) })
    const result = await held.kind.update(
      held,
      { ...difference, at: ctx.runtime.now() },
      { ifVersion: versionToHold(fresh, difference), ifValue: { key, text } },
    )
    if (result.outcome === 'updated') {
      await goOn(state, held, result.held)
      if (isStillHeld(state, first)) takeOver(state, key, next, value)
      return value
    }
    if (result.outcome !== 'stale') await loseWrite(ctx, state, held, result.outcome)
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
  const { held, view } = state
  if (held === null) return
  const change = text === null ? { unset: [key] } : { set: new Map([[key, text]]) }
  if (view.object === null) {
    const data = applied(held.record.data, change)
    state.held = { ...held, record: withFields(held.record, { data }) }
    return
  }
  view.base = applied(view.base, change)
  if (text === null) delete view.object[key]
  else view.object[key] = value
}

async function pause(ctx: Context, attempt: number): Promise<void> {
  const most = Math.min(LONGEST_PAUSE, attempt)
  await new Promise<void>((resolve) => {
    ctx.runtime.after(most * fraction(ctx.runtime), resolve, true)
  })
}
