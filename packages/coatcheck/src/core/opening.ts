import type { Context, Ended, SessionState } from './context.ts'
import { dropSession } from './context.ts'
import { isOverlong, readCookie } from './cookies.ts'
import { recordEnding } from './ending.ts'
import type { RefusalReason } from './events.ts'
import { deadlineOf, isRenewalDue, isTouchDue } from './lifecycle.ts'
import { migrateRecord } from './migrating.ts'
import { isOutage, reportStoreFailure, type WhenStoreIsOut } from './outage.ts'
import { readUnderPolicy, underPolicy } from './present-timeouts.ts'
import type { SessionRecord } from './record.ts'
import { deliverSuccessor, renew } from './rotating.ts'
import { checkTag, parseToken, type Token } from './token.ts'
import { bearerToken, isNavigation } from './transport.ts'
import { judge, type Verdict } from './verdict.ts'

/** A token that counts, with what is needed to go on from it. */
interface Opened {
  readonly token: Token
  readonly hash: string
  readonly verdict: Extract<Verdict, { status: 'active' }>
}

interface Refused {
  readonly reason: RefusalReason
  readonly record: SessionRecord | null
}

/** Which sessions a carrier may carry. */
type CookieKind = 'signed-in' | 'anonymous' | 'any'

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
  const bearer = ctx.settings.bearer ? bearerToken(state.request) : null
  const resuming = bearer === null ? resumeByCookie(ctx, state, strict) : resumeByBearer(ctx, state, bearer, strict)
  if (resuming === null || whenStoreIsOut !== 'anonymous') return resuming
  return resuming.catch((error: unknown) => goOnWithoutStore(state, error))
}

/** The visitor is nobody for this request, by the application's wish. What their token is worth stays open. */
function goOnWithoutStore(state: SessionState, error: unknown): void {
  if (!isOutage(error)) throw error
  state.record = null
  state.holding = null
  state.ended = null
  state.outage = error
}

/** A token in the open says whose it is once; a cookie beside it that says it again, or otherwise, is somebody's doing. */
async function resumeByBearer(ctx: Context, state: SessionState, token: string, strict: boolean): Promise<void> {
  state.bearer = true
  const header = state.request.headers.get('cookie')
  const { name, anonymousName } = state.cookies
  const hasCookie = readCookie(header, name).length > 0 || readCookie(header, anonymousName).length > 0
  if (hasCookie) await refuse(ctx, state, { reason: 'ambiguous', record: null })
  else await adopt(ctx, state, [token], 'any', strict)
}

function resumeByCookie(ctx: Context, state: SessionState, strict: boolean): Promise<unknown> | null {
  const header = state.request.headers.get('cookie')
  if (header === null || state.cookies.withheld !== null) return null
  const { name, anonymousName } = state.cookies
  if (isOverlong(header) && (header.includes(name) || header.includes(anonymousName))) {
    return refuse(ctx, state, { reason: 'malformed', record: null })
  }
  const signedIn = readCookie(header, name)
  const anonymous = readCookie(header, anonymousName)
  if (signedIn.length === 0) return anonymous.length === 0 ? null : adopt(ctx, state, anonymous, 'anonymous', strict)
  if (anonymous.length === 0) return adopt(ctx, state, signedIn, 'signed-in', strict)
  return adoptEither(ctx, state, signedIn, anonymous, strict)
}

async function adoptEither(
  ctx: Context,
  state: SessionState,
  signedIn: readonly string[],
  anonymous: readonly string[],
  strict: boolean,
): Promise<void> {
  if (await adopt(ctx, state, signedIn, 'signed-in', strict)) return
  // An anonymous session that goes on does not hide why the signed-in one ended.
  const { ended } = state
  await adopt(ctx, state, anonymous, 'anonymous', strict)
  state.ended = ended ?? state.ended
}

async function adopt(
  ctx: Context,
  state: SessionState,
  texts: readonly string[],
  cookie: CookieKind,
  strict: boolean,
): Promise<boolean> {
  const found = await choose(ctx, texts, cookie, strict)
  if ('reason' in found) {
    await refuse(ctx, state, found)
    return false
  }
  const { token, hash, verdict } = found
  const { record, by } = verdict
  const generation = by === 'secret' ? record.generation : record.generation - 1
  state.record = record
  state.holding = { secret: token.secret, hash, generation }
  const due = dueAt(ctx, record, by, state.passive)
  return due === null || (await carryOn(ctx, state, record, by, due))
}

/** One value is the rule, and several are somebody's doing. */
function choose(
  ctx: Context,
  texts: readonly string[],
  cookie: CookieKind,
  strict: boolean,
): Promise<Opened | Refused> {
  const [first = ''] = texts
  return texts.length === 1 ? examine(ctx, first, cookie, strict) : chooseOne(ctx, texts, cookie, strict)
}

/** Of several values of one name the one that counts; none where two different sessions do (cookie tossing). */
async function chooseOne(
  ctx: Context,
  texts: readonly string[],
  cookie: CookieKind,
  strict: boolean,
): Promise<Opened | Refused> {
  let chosen: Opened | Refused = { reason: 'malformed', record: null }
  for (const text of texts) {
    const found = await examine(ctx, text, cookie, strict)
    if ('reason' in found) {
      if ('reason' in chosen && chosen.record === null) chosen = found
    } else if ('reason' in chosen) {
      chosen = found
    } else if (chosen.token.id !== found.token.id) {
      return { reason: 'ambiguous', record: null }
    } else if (found.verdict.by === 'secret') {
      chosen = found
    }
  }
  return chosen
}

async function examine(ctx: Context, text: string, cookie: CookieKind, strict: boolean): Promise<Opened | Refused> {
  const token = parseToken(text)
  if (token === null) return { reason: 'malformed', record: null }
  const { runtime, settings } = ctx
  let ring = ctx.ring()
  if (ring instanceof Promise) ring = await ring
  let hash = runtime.sha256(token.secret)
  if (hash instanceof Promise) hash = await hash
  // A key may have been taken away since its tag was verified.
  if (!ctx.verified.has(hash, token) || ring.find(token.keyId) === undefined) {
    let tag = checkTag(token, ring, runtime)
    if (tag instanceof Promise) tag = await tag
    if (tag !== 'ours') return { reason: tag, record: null }
  }
  const stored = await ctx.store.read(token.id, strict ? { strict } : undefined)
  const record = stored === null ? null : underPolicy(stored, settings.policy)
  const presented = { hash, generation: token.generation }
  const verdict = judge(record, presented, runtime.now(), settings.policy.grace, runtime.equal)
  if (verdict.status !== 'active') return refusal(verdict)
  ctx.verified.add(hash, token)
  ctx.keyUse(ring, token.keyId)
  const mismatch = cookie !== 'any' && (verdict.record.userId === null) !== (cookie === 'anonymous')
  return mismatch ? { reason: 'unknown', record: null } : { token, hash, verdict }
}

function refusal(verdict: Exclude<Verdict, { status: 'active' }>): Refused {
  if (verdict.status === 'ended') return { reason: verdict.reason, record: verdict.record }
  if (verdict.status === 'superseded') return { reason: 'superseded', record: verdict.record }
  return { reason: 'unknown', record: null }
}

const OF_ANOTHER_APPLICATION =
  "a session's cookie was signed with a key that is not listed here. Cookies know no ports: where another application runs on " +
  'another port of this host, give each names of its own (`cookie: { name, anonymousName }`). Else the keys were changed.'

/** Reports the refusal and says to the application why; a superseded token may end its session, by policy. */
async function refuse(ctx: Context, state: SessionState, refused: Refused): Promise<void> {
  const { reason, record } = refused
  ctx.events.emit({ type: 'refused', reason, sessionId: record?.id ?? null, userId: record?.userId ?? null })
  if (reason === 'unknown-key' && state.cookies.channel === 'loopback') ctx.warnOnce(OF_ANOTHER_APPLICATION)
  if (reason === 'superseded' && record !== null && endsByReuse(ctx, record)) {
    await recordEnding(ctx, record.id, 'reused', null)
    dropSession(state, { reason: 'reused', at: ctx.runtime.now(), note: null })
    return
  }
  dropSession(state, endedOf(refused))
}

/** Within the grace after a new token, requests with the one before it are the client's own, sent before it knew. */
function endsByReuse({ settings: { policy }, runtime }: Context, record: SessionRecord): boolean {
  return policy.reuse === 'end' && runtime.now() - record.renewedAt >= policy.grace
}

function endedOf({ reason, record }: Refused): Ended {
  switch (reason) {
    case 'malformed':
      return { reason, at: null, note: null }
    case 'forged':
    case 'unknown-key':
    case 'unknown':
    case 'ambiguous':
      return { reason: 'unknown', at: null, note: null }
    case 'superseded':
      return { reason: 'replaced', at: null, note: null }
    default: {
      const at = record === null ? null : (record.ended?.at ?? deadlineOf(record).at)
      return { reason, at, note: record?.ended?.note ?? null }
    }
  }
}

/** What a live session needs at its opening. */
interface Due {
  readonly now: number
  readonly seen: boolean
  readonly touch: boolean
  readonly renewal: boolean
  readonly migration: boolean
}

/** Null where nothing is due, as at nearly every request. */
function dueAt(ctx: Context, record: SessionRecord, by: 'secret' | 'predecessor', passive: boolean): Due | null {
  const { policy, schemaVersion } = ctx.settings
  const now = ctx.runtime.now()
  const migration = record.schema < schemaVersion
  if (passive) return migration ? { now, seen: false, touch: false, renewal: false, migration } : null
  const seen = by === 'secret' && record.predecessor !== null && record.predecessor.seenAt === null
  const touch = isTouchDue(record, now, policy.touch)
  const renewal = by === 'predecessor' ? record.predecessor?.nonce != null : isRenewalDue(record, now, policy.renewal)
  return seen || touch || renewal || migration ? { now, seen, touch, renewal, migration } : null
}

/** Records activity, renews the token and brings data up to date, as due. False where the session ended meanwhile. */
async function carryOn(
  ctx: Context,
  state: SessionState,
  record: SessionRecord,
  by: 'secret' | 'predecessor',
  due: Due,
): Promise<boolean> {
  if ((due.seen || due.touch) && !(await recordActivity(ctx, state, record, due.now, due.seen))) return false
  if (due.renewal && !state.bearer && isNavigation(state.request)) {
    const step = by === 'predecessor' ? deliverSuccessor : renew
    if (!(await tolerant(ctx, () => step(ctx, state)))) return await reopen(ctx, state)
  }
  if (due.migration) await migrateRecord(ctx, state)
  return state.record !== null
}

/** False where the session ended between its reading and this. */
async function recordActivity(
  ctx: Context,
  state: SessionState,
  record: SessionRecord,
  now: number,
  seen: boolean,
): Promise<boolean> {
  const key = seen ? `${record.id}.${record.generation}` : record.id
  if (!ctx.touches.admit(key, now)) return true
  const touch = { interval: ctx.settings.policy.touch, seen: seen ? record.generation : undefined }
  const alive = await tolerant(ctx, async () => (await ctx.store.touch(record.id, now, touch)) !== 'gone')
  return alive || (await reopen(ctx, state))
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

/** Reads the session again after it changed under us, and refuses it where it no longer counts. */
async function reopen(ctx: Context, state: SessionState): Promise<boolean> {
  const { record, holding } = state
  if (record === null || holding === null) return false
  const { runtime, settings } = ctx
  const fresh = await readUnderPolicy(ctx, record.id)
  const verdict = judge(fresh, holding, runtime.now(), settings.policy.grace, runtime.equal)
  if (verdict.status === 'active') {
    state.record = verdict.record
    return true
  }
  await refuse(ctx, state, refusal(verdict))
  return false
}
