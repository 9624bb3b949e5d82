import { CsrfError } from '../errors.ts'
import type { Context, SessionState } from './context.ts'
import type { TokenFault } from './csrf.ts'
import { tell, whence } from './csrf-telling.ts'
import { matchCsrfToken, type Subject, sessionSubject, visitorSubject, writeCsrfToken } from './csrf-token.ts'
import { refuseInOutage } from './outage.ts'
import { PRE_SESSION_BYTES, preSessionOf } from './pre-session.ts'
import { withheldFrom, withhold } from './withholding.ts'

export type CsrfVerdict =
  | { readonly allowed: true; readonly reason: null }
  | { readonly allowed: false; readonly reason: TokenFault }

const ALLOWED: CsrfVerdict = Object.freeze({ allowed: true, reason: null })

/** The token for a form. A visitor without a session gets the cookie that it is bound to. */
export async function makeCsrfToken(ctx: Context, state: SessionState): Promise<string> {
  const { newest } = await ctx.ring()
  if (state.record !== null) return await writeCsrfToken(sessionSubject(state.record), newest, ctx.runtime)
  return await writeCsrfToken(visitorSubject(preSessionOf(state) ?? beginPreSession(ctx, state)), newest, ctx.runtime)
}

function beginPreSession(ctx: Context, state: SessionState): string {
  const token = ctx.runtime.random(PRE_SESSION_BYTES)
  const withheld = withheldFrom(ctx, state)
  if (withheld === null) state.preCookie = { token, expiresAt: null }
  else withhold(ctx, withheld, `The token of a form cannot be checked: ${withheld.why}`)
  return token
}

/** Whom a token may be bound to. An anonymous session may have begun after its visitor's form was made. */
function subjectsOf(state: SessionState): readonly Subject[] {
  const { record } = state
  const value = record === null || record.userId === null ? preSessionOf(state) : null
  return [...(record === null ? [] : [sessionSubject(record)]), ...(value === null ? [] : [visitorSubject(value)])]
}

/** Judges the token from a form's body. Where it does not count, the session can no longer be changed in this request. */
export async function checkCsrfToken(ctx: Context, state: SessionState, token: unknown): Promise<CsrfVerdict> {
  const reason = await judgeToken(ctx, state, token)
  if (reason === null) return ALLOWED
  tell(ctx, state, reason)
  return ctx.settings.csrf.reportOnly ? ALLOWED : { allowed: false, reason }
}

export async function judgeToken(ctx: Context, state: SessionState, token: unknown): Promise<TokenFault | null> {
  refuseInOutage(state, 'session.checkCsrf')
  const reason = await tokenFault(ctx, state, token)
  const isClosed = reason !== null && !ctx.settings.csrf.reportOnly
  state.closed = isClosed ? { reason, toReading: state.closed?.toReading ?? false, isTold: true } : null
  return reason
}

async function tokenFault(ctx: Context, state: SessionState, token: unknown): Promise<TokenFault | null> {
  if (typeof token !== 'string' || token === '') return 'missing-token'
  const match = await matchCsrfToken(token, subjectsOf(state), await ctx.ring(), ctx.runtime)
  switch (match) {
    case 'exact':
      return null
    case 'older':
      return 'stale-token'
    case 'other':
      // From a page of our own it is an old form; else somebody may have put their own token into theirs.
      return whence(ctx, state) === 'allowed' ? 'stale-token' : 'foreign-token'
    case 'none':
      return 'invalid-token'
  }
}

/** Insists that the token of this request was not refused, and not forgotten where one is due. @throws CsrfError */
export function requireOpen(ctx: Context, state: SessionState, to: 'reading' | 'changing'): void {
  const { closed } = state
  if (closed === null || (to === 'reading' && !closed.toReading)) return
  if (!closed.isTold) tell(ctx, state, closed.reason)
  state.closed = ctx.settings.csrf.reportOnly ? null : { ...closed, isTold: true }
  if (state.closed !== null) throw new CsrfError(closed.reason)
}
