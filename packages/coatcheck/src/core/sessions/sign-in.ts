import { NotSignedInError, OptionError, SessionLimitError, UserChangedError } from '../../errors.ts'
import { type KnownOf, refuseUnknown } from '../base/unknown-options.ts'
import { forgetPreSession } from '../csrf/pre-session.ts'
import { lacksOurCookies, withhold } from '../csrf/withholding.ts'
import { put } from '../http/exchange.ts'
import { SESSION_SLOTS } from '../http/slots.ts'
import type { Held } from '../kind.ts'
import { applied, checkLimits, decodeData, encodeValue } from '../record/data.ts'
import type { Assurance } from '../record/record.ts'
import { LONGEST_ATTEMPT, retentionOf } from '../record/retention.ts'
import type { Context } from './context.ts'
import { type Beginning, clientOf, createSession } from './create.ts'
import { dataOf } from './data-view.ts'
import { emitEnded, endHeld } from './end.ts'
import { deleteCookiesOf } from './issue.ts'
import { refuseNewer } from './migrate.ts'
import { replaceToken } from './replace.ts'
import { dropSession, forgetData, recordOf, type SessionState } from './state.ts'
import { validate } from './validate.ts'

/**
 * A sign-in that has begun: made before the password is checked, so that an ending or a change of the user's sessions
 * meanwhile makes it void.
 */
export interface Attempt {
  readonly userId: string
  readonly epoch: number
  /** Epoch milliseconds. After 30 days the attempt is void. */
  readonly beganAt: number
}

export interface SignInOptions<Data extends object> {
  /** Values of data for the signed-in session. */
  readonly data?: Partial<Data> | undefined
  /** Keys that are taken over from the anonymous session. Default: none, so that nothing planted there arrives. */
  readonly keep?: readonly (keyof Data & string)[] | undefined
  /** How the user was authenticated. Default: level 1, no methods. */
  readonly assurance?: Assurance | undefined
  /** Let the session outlive the browser; needs `policy.rememberMe`. Default false. */
  readonly remember?: boolean | undefined
}

const LONGEST_USER_ID = 512
const UNKNOWN_ASSURANCE: Assurance = { level: 1, methods: [] }

/** @throws OptionError where the user id is no string of 1 to 512 characters */
export function checkUserId(userId: string | undefined): string {
  if (typeof userId !== 'string' || userId === '' || userId.length > LONGEST_USER_ID) {
    throw new OptionError('userId', `a string of 1 to ${LONGEST_USER_ID} characters.`)
  }
  return userId
}

export async function beginAttempt(ctx: Context, userId: string): Promise<Attempt> {
  const beganAt = ctx.runtime.now()
  const epoch = await ctx.kinds.main.epoch(checkUserId(userId))
  return Object.freeze({ userId, epoch, beganAt })
}

/** @throws OptionError for what `begin` has not answered, such as its promise */
function checkAttempt(attempt: Attempt): void {
  const { userId, epoch, beganAt }: Partial<Attempt> = attempt ?? {}
  if (typeof userId === 'string' && typeof epoch === 'number' && typeof beganAt === 'number') return
  throw new OptionError(
    'attempt',
    'write `const attempt = await sessions.begin(userId)`, before the password is checked.',
  )
}

/** Whether the attempt is so old that the user's number, with which it is compared, may have been removed. */
function isVoid(ctx: Context, { beganAt }: Attempt): boolean {
  return !(ctx.runtime.now() - beganAt < LONGEST_ATTEMPT)
}

type Lifetime = Pick<Beginning, 'idle' | 'absolute' | 'persistent'>

function lifetime(ctx: Context, remember: boolean): Lifetime {
  const { policy } = ctx.settings
  if (!remember) return { idle: policy.idle, absolute: policy.absolute, persistent: false }
  if (policy.rememberMe === null) {
    throw new OptionError(
      'remember',
      'set `policy.rememberMe` first: it is a deviation from NIST SP 800-63B-4 that needs its own timeouts.',
    )
  }
  return { ...policy.rememberMe, persistent: true }
}

function checkAssurance(assurance: Assurance): Assurance {
  if (!Number.isInteger(assurance.level) || assurance.level < 1 || assurance.level > 3) {
    throw new OptionError('assurance.level', '1, 2 or 3 (NIST SP 800-63B-4).')
  }
  return { level: assurance.level, methods: [...assurance.methods] }
}

const KNOWN: KnownOf<SignInOptions<object>> = { data: null, keep: null, assurance: null, remember: null }

/** The texts with which the new record begins: the named keys of an anonymous session, then the given values. */
async function beginningData(
  ctx: Context,
  state: SessionState,
  options: SignInOptions<Record<string, unknown>>,
): Promise<ReadonlyMap<string, string>> {
  const { limits } = ctx.settings
  const texts = new Map<string, string>()
  const put = (key: string, value: unknown) => {
    if (value !== undefined) texts.set(key, encodeValue(value, key, limits))
  }
  const anonymous = state.held === null || state.held.record.userId === null
  if (anonymous && options.keep !== undefined) {
    const before = dataOf(ctx, state)
    for (const key of options.keep) put(key, Object.hasOwn(before, key) ? before[key] : undefined)
  }
  for (const [key, value] of Object.entries(options.data ?? {})) put(key, value)
  await checkTexts(ctx, texts)
  return texts
}

/** @throws DataError where the texts pass a limit or do not fit the schema */
async function checkTexts(
  ctx: Context,
  texts: ReadonlyMap<string, string>,
  before?: ReadonlyMap<string, string>,
): Promise<void> {
  checkLimits(texts, ctx.settings.limits, before)
  if (ctx.settings.schema !== null) await validate(ctx, decodeData(texts, ctx.settings.initial?.() ?? null))
}

/**
 * Makes the request's session one of the user. Another session than theirs (anonymous, or of another user) ends as
 * `replaced` and a new record with a new id begins; their own is authenticated anew in place.
 */
export async function signIn(
  ctx: Context,
  state: SessionState,
  attempt: Attempt,
  options: SignInOptions<Record<string, unknown>>,
): Promise<void> {
  refuseUnknown(options, KNOWN, 'signIn')
  checkAttempt(attempt)
  if (options.keep !== undefined && !Array.isArray(options.keep)) {
    throw new OptionError('keep', "a list of keys, such as `['cart']`.")
  }
  if (isVoid(ctx, attempt)) throw new UserChangedError()
  if (recordOf(state)?.userId === attempt.userId) return await reauthenticate(ctx, state, attempt, options)
  const previous = state.held
  if (previous !== null && (writes(options.data) || (options.keep ?? []).length > 0)) refuseNewer(ctx, previous.record)
  const assurance = checkAssurance(options.assurance ?? UNKNOWN_ASSURANCE)
  const beginning = {
    userId: attempt.userId,
    data: await beginningData(ctx, state, options),
    assurance,
    client: clientOf(state),
    ...lifetime(ctx, options.remember ?? false),
  }
  warnWhereWithheld(ctx, state)
  const { sessionsPerUser, policy } = ctx.settings
  const limit = sessionsPerUser && {
    max: sessionsPerUser.max,
    strategy: sessionsPerUser.atLimit,
    keepUntil: ctx.runtime.now() + policy.keepEnded,
    logUntil: ctx.runtime.now() + retentionOf(policy).log,
  }
  const result = await createSession(ctx, state, beginning, { ifUserEpoch: attempt.epoch, limit: limit ?? undefined })
  if (result.outcome === 'user-changed') throw new UserChangedError()
  if (result.outcome === 'limit') throw new SessionLimitError(sessionsPerUser?.max ?? 0)
  for (const record of result.ended) emitEnded(ctx, record)
  forgetData(state)
  state.ended = null
  put(state.exchange, 'anonymous', null)
  if (!lacksOurCookies(ctx, state.exchange)) deleteCookiesOf(ctx, state, 'anonymous')
  if (previous !== null) await endPrevious(ctx, state, previous)
  const record = recordOf(state)
  if (record === null) return
  forgetPreSession(state.exchange)
  const { id, userId } = record
  ctx.events.emit({ type: 'signed-in', sessionId: id, userId, replaced: previous?.record.id ?? null })
}

function writes(data: object | undefined): boolean {
  return Object.keys(data ?? {}).length > 0
}

/** A sign-in after which the session before it went on would be none: it is undone, and can be tried again. */
async function endPrevious(ctx: Context, state: SessionState, previous: Held): Promise<void> {
  const begun = state.held
  try {
    await endHeld(ctx, previous, 'replaced')
  } catch (error) {
    dropSession(state, { reason: 'unknown', at: null, note: null })
    for (const slot of SESSION_SLOTS) put(state.exchange, slot, null)
    if (begun !== null) await endUnheld(ctx, begun)
    throw error
  }
}

/** Nobody ever held the token of this one: where it cannot be ended, it times out unused. */
async function endUnheld(ctx: Context, begun: Held): Promise<void> {
  try {
    await endHeld(ctx, begun, 'replaced')
  } catch {
    ctx.events.emit({ type: 'store-failed', operation: 'end', code: null })
  }
}

function warnWhereWithheld(ctx: Context, state: SessionState): void {
  const { withheld } = state.exchange.cookies
  if (withheld === null) return
  withhold(ctx, withheld, `A sign-in cannot last: ${withheld.why}`)
}

/**
 * Authenticates the signed-in user again: a new random secret, older tokens dead at once, both timeouts from now
 * (NIST SP 800-63B-4 5.2). The assurance becomes that of this authentication.
 */
export async function reauthenticate(
  ctx: Context,
  state: SessionState,
  attempt: Attempt,
  options: SignInOptions<Record<string, unknown>>,
): Promise<void> {
  refuseUnknown(options, KNOWN, 'reauthenticate')
  checkAttempt(attempt)
  const record = recordOf(state)
  if (record === null || record.userId === null || record.userId !== attempt.userId) throw new NotSignedInError()
  if (isVoid(ctx, attempt)) throw new UserChangedError()
  const assurance = checkAssurance(options.assurance ?? UNKNOWN_ASSURANCE)
  // Who was remembered under an earlier policy is not any more, and can sign in all the same.
  const time = lifetime(ctx, options.remember ?? (record.persistent && ctx.settings.policy.rememberMe !== null))
  const given = Object.entries(options.data ?? {})
  if (given.length > 0 && state.view.unreadable !== null) throw state.view.unreadable
  if (given.length > 0) refuseNewer(ctx, record)
  const set = new Map<string, string>()
  for (const [key, value] of given) if (value !== undefined) set.set(key, encodeValue(value, key, ctx.settings.limits))
  const unset = given.filter(([, value]) => value === undefined).map(([key]) => key)
  if (given.length > 0) await checkTexts(ctx, applied(record.data, { set, unset }), record.data)
  const { idle: idleFor, absolute, persistent } = time
  const expiresAt = ctx.runtime.now() + absolute
  const after = await replaceToken(ctx, state, {
    authentication: { assurance, idleFor, expiresAt, persistent, set, unset },
    ifUserEpoch: attempt.epoch,
  })
  const { view } = state
  if (view.object !== null) {
    view.base = applied(view.base, { set, unset })
    for (const [key, value] of given) view.object[key] = value
  }
  const { id, userId, generation } = after
  ctx.events.emit({ type: 'reauthenticated', sessionId: id, userId, generation, level: assurance.level })
}
