import type { Awaitable } from '../../runtime/index.ts'
import { isOutage, reportStoreFailure, type WhenStoreIsOut } from '../events/outage.ts'
import { isOverlong } from '../http/cookies.ts'
import { isNavigation } from '../http/transport.ts'
import { type Held, isRefused, type Kind, type Refused } from '../kind.ts'
import { isRenewalDue, isTouchDue } from '../record/lifecycle.ts'
import type { SessionRecord } from '../record/record.ts'
import type { Context } from './context.ts'
import { endHeld } from './end.ts'
import { endedOf } from './ended.ts'
import { issue } from './issue.ts'
import type { Candidate } from './kinds.ts'
import { migrateHeld } from './migrate.ts'
import { dropSession, type SessionState } from './state.ts'

/**
 * Finds the session that a request's cookies name, or its bearer token where that is allowed, and puts it into `state`.
 * Null where there is none of ours, so that such a visitor costs neither a promise nor a store call.
 */
export function resume(
  ctx: Context,
  state: SessionState,
  strict: boolean,
  whenStoreIsOut: WhenStoreIsOut = 'throw',
): Promise<unknown> | null {
  const bearer = ctx.settings.bearer ? ctx.kinds.bearer(state.exchange.request) : null
  const resuming = bearer === null ? resumeByCookie(ctx, state, strict) : resumeByBearer(ctx, state, bearer, strict)
  if (resuming === null || whenStoreIsOut !== 'anonymous') return resuming
  return resuming.catch((error: unknown) => goOnWithoutStore(state, error))
}

/** The visitor is nobody for this request, by the application's wish. What their token is worth stays open. */
function goOnWithoutStore(state: SessionState, error: unknown): void {
  if (!isOutage(error)) throw error
  state.held = null
  state.ended = null
  state.outage = error
}

/** A request with a bearer token must carry no session cookie: both together are refused as `ambiguous`. */
async function resumeByBearer(
  ctx: Context,
  state: SessionState,
  { kind, text }: { readonly kind: Kind; readonly text: string },
  strict: boolean,
): Promise<void> {
  const { exchange } = state
  exchange.sends = 'token'
  const header = exchange.request.headers.get('cookie')
  const hasCookie = header !== null && ctx.kinds.hasCookie(header, exchange.cookies)
  if (hasCookie) await refuse(ctx, state, { reason: 'ambiguous', record: null }, kind)
  else await adopt(ctx, state, { kind, slot: null, texts: [text], access: [] }, strict)
}

function resumeByCookie(ctx: Context, state: SessionState, strict: boolean): Promise<unknown> | null {
  const { request, cookies } = state.exchange
  const header = request.headers.get('cookie')
  if (header === null || cookies.withheld !== null) return null
  if (isOverlong(header)) {
    return namesOurs(header, state) ? refuse(ctx, state, { reason: 'malformed', record: null }, ctx.kinds.main) : null
  }
  const candidates = ctx.kinds.candidates(header, cookies)
  const [first] = candidates
  if (first === undefined) return null
  return candidates.length === 1 ? adopt(ctx, state, first, strict) : adoptFirst(ctx, state, candidates, strict)
}

function namesOurs(header: string, { exchange: { cookies } }: SessionState): boolean {
  return header.includes(cookies.slots['signed-in'].name) || header.includes(cookies.slots.anonymous.name)
}

/** Refusals that say nothing of who made the text: anybody could have planted it. */
const UNPROVEN: readonly string[] = ['malformed', 'forged', 'unknown-key']

/**
 * Opens the first session that counts: of each kind the signed-in one before the anonymous one. A kind that has once issued
 * what came, though it ended since, leaves nothing to the kinds after it: else their cookies would undo an ending.
 */
async function adoptFirst(
  ctx: Context,
  state: SessionState,
  candidates: readonly Candidate[],
  strict: boolean,
): Promise<void> {
  let owner: Kind | null = null
  // An anonymous session that goes on does not hide why the signed-in one ended.
  let { ended } = state
  for (const candidate of candidates) {
    if (owner !== null && candidate.kind !== owner) break
    const refused = await adopt(ctx, state, candidate, strict)
    if (refused === null) break
    ended ??= state.ended
    if (!UNPROVEN.includes(refused)) owner = candidate.kind
  }
  state.ended = ended ?? state.ended
}

type Openable = Omit<Candidate, 'slot'> & { readonly slot: Candidate['slot'] | null }

/** Null where the session goes on, or ended while it was opened with nothing left to try; else why the texts were refused. */
async function adopt(
  ctx: Context,
  state: SessionState,
  candidate: Openable,
  strict: boolean,
): Promise<Refused['reason'] | null> {
  const opened = inItsSlot(candidate, await choose(candidate, strict))
  if (isRefused(opened)) {
    await refuse(ctx, state, opened, candidate.kind)
    return opened.reason
  }
  state.held = opened
  const due = dueAt(ctx, state, opened)
  if (due === null || (await carryOn(ctx, state, opened, due))) return null
  return 'unknown'
}

/** Several cookies of one name mean cookie tossing; see `chooseOne`. */
function choose(candidate: Openable, strict: boolean): Awaitable<Held | Refused> {
  const { kind, slot, texts, access } = candidate
  const [text = ''] = texts
  return texts.length === 1 ? kind.open({ slot, text, access }, strict) : chooseOne(candidate, strict)
}

/** Of several values of one name the one that counts; none where two different sessions do. */
async function chooseOne(candidate: Openable, strict: boolean): Promise<Held | Refused> {
  const { kind, slot, access } = candidate
  let chosen: Held | Refused = { reason: 'malformed', record: null }
  for (const text of candidate.texts) {
    const found = inItsSlot(candidate, await kind.open({ slot, text, access }, strict))
    if (isRefused(found)) {
      if (isRefused(chosen) && chosen.record === null) chosen = found
    } else if (isRefused(chosen)) {
      chosen = found
    } else if (chosen.record.id !== found.record.id) {
      return { reason: 'ambiguous', record: null }
    } else if (found.by === 'current') {
      chosen = found
    }
  }
  return chosen
}

/** A session opens from its own slot alone: an anonymous one in the place of a signed-in one was put there by somebody. */
function inItsSlot({ slot }: Openable, opened: Held | Refused): Held | Refused {
  if (isRefused(opened) || slot === null || (opened.record.userId === null) === (slot === 'anonymous')) return opened
  return { reason: 'unknown', record: null }
}

const OF_ANOTHER_APPLICATION =
  "a session's cookie was signed with a key that is not listed here. Cookies know no ports: where another application runs on " +
  'another port of this host, give each names of its own (`cookie: { name, anonymousName }`). Else the keys were changed.'

/** Reports the refusal and says to the application why; a superseded token may end its session, by policy. */
async function refuse(ctx: Context, state: SessionState, refused: Refused, kind: Kind): Promise<void> {
  const { reason, record } = refused
  ctx.events.emit({ type: 'refused', reason, sessionId: record?.id ?? null, userId: record?.userId ?? null })
  if (reason === 'unknown-key' && state.exchange.cookies.channel === 'loopback') ctx.warnOnce(OF_ANOTHER_APPLICATION)
  if (reason === 'superseded' && record !== null && endsByReuse(ctx, record)) {
    await endHeld(ctx, { kind, record }, 'reused')
    dropSession(state, { reason: 'reused', at: ctx.runtime.now(), note: null })
    return
  }
  dropSession(state, endedOf(refused))
}

/** Within the grace after a new token, requests with the one before it are the client's own, sent before it knew. */
function endsByReuse({ settings: { policy }, runtime }: Context, record: SessionRecord): boolean {
  return policy.reuse === 'end' && runtime.now() - record.renewedAt >= policy.grace
}

/** What a live session needs at its opening. */
interface Due {
  readonly now: number
  readonly touch: boolean
  readonly text: 'due' | 'due-on-navigation' | null
  readonly renewal: boolean
  readonly migration: boolean
}

/** Null where nothing is due, as at nearly every request. */
function dueAt(
  ctx: Context,
  { exchange, passive, readOnly }: SessionState,
  { record, by, isUnseen, due }: Held,
): Due | null {
  const { policy, schemaVersion } = ctx.settings
  const now = ctx.runtime.now()
  const migration = record.schema < schemaVersion
  if (passive) return migration ? { now, touch: false, text: null, renewal: false, migration } : null
  // Where no cookie can be set, who presents a new token may not be the browser that is to get it.
  const touch = (isUnseen && !readOnly) || isTouchDue(record, now, policy.touch)
  const renewal = by === 'current' && isRenewalDue(record, now, policy.renewal)
  if (!touch && !renewal && !migration && due === null) return null
  // Only the answer to a navigation brings a renewed text, see `Held.due`; and none goes to who carries tokens by hand.
  const brings = !readOnly && exchange.sends === 'cookie' && isNavigation(exchange.request)
  const text = due === null ? null : brings ? 'due-on-navigation' : due === 'now' && !readOnly ? 'due' : null
  return { now, touch, text, renewal: brings && renewal, migration }
}

/** Records activity, renews the token and brings data up to date, as due. False where the session ended meanwhile. */
async function carryOn(ctx: Context, state: SessionState, held: Held, due: Due): Promise<boolean> {
  if (due.touch && !(await recordActivity(ctx, state, held, due.now))) return false
  const { text } = due
  if (text !== null) await tolerant(ctx, () => issue(state, held, text))
  if (due.renewal && !(await tolerant(ctx, () => renew(ctx, state, held)))) return await reopen(ctx, state, held)
  if (due.migration) await migrateHeld(ctx, state)
  return state.held !== null
}

/** False where the session ended between its reading and this. */
async function recordActivity(ctx: Context, state: SessionState, opened: Held, now: number): Promise<boolean> {
  const held = opened.isUnseen && state.readOnly ? { ...opened, isUnseen: false } : opened
  const { record, isUnseen, kind } = held
  const key = isUnseen ? `${record.id}.${record.generation}` : record.id
  if (!ctx.touches.admit(key, now)) return true
  const alive = await tolerant(ctx, async () => (await kind.touch(held, now, ctx.settings.policy.touch)) !== 'gone')
  return alive || (await reopen(ctx, state, held))
}

/** The periodic rotation. False where the session changed meanwhile. */
async function renew(ctx: Context, state: SessionState, held: Held): Promise<boolean> {
  const result = await held.kind.renew(held)
  if (result.outcome === 'lost') return false
  await issue(state, result.held, 'rotated')
  if (result.outcome === 'renewed') {
    const { id, userId, generation } = result.held.record
    ctx.events.emit({ type: 'renewed', sessionId: id, userId, generation })
  }
  return true
}

/**
 * Runs a write that the request can do without: a store that fails here costs at worst an early sign-out or a late
 * renewal, so the session that was read goes on and the failure is an event.
 */
async function tolerant(ctx: Context, task: () => Promise<boolean>): Promise<boolean> {
  try {
    return await task()
  } catch (error) {
    if (!isOutage(error)) throw error
    reportStoreFailure(ctx, error.operation, error)
    return true
  }
}

/** Opens the session again after it changed under us, and refuses it where it no longer counts. */
async function reopen(ctx: Context, state: SessionState, held: Held): Promise<boolean> {
  const opened = await held.kind.reopen(held)
  if (!isRefused(opened)) {
    state.held = opened
    return true
  }
  await refuse(ctx, state, opened, held.kind)
  return false
}
