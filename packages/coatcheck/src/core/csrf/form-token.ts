import { refuseInOutage } from '../events/outage.ts'
import type { TokenFault } from '../events/reasons.ts'
import { type Exchange, put } from '../http/exchange.ts'
import type { CsrfContext, GuardedSession } from './context.ts'
import { closedGate } from './gate.ts'
import { PRE_SESSION_BYTES, preSessionOf } from './pre-session.ts'
import { tell, whence } from './report.ts'
import { matchCsrfToken, type Subject, sessionSubject, visitorSubject, writeCsrfToken } from './token.ts'
import { withheldFrom, withhold } from './withholding.ts'

export type CsrfVerdict =
  | { readonly allowed: true; readonly reason: null }
  | { readonly allowed: false; readonly reason: TokenFault }

const ALLOWED: CsrfVerdict = Object.freeze({ allowed: true, reason: null })

/** The token for a form. A visitor without a session gets the cookie that it is bound to. */
export async function makeCsrfToken(ctx: CsrfContext, state: GuardedSession): Promise<string> {
  const { newest } = await ctx.ring()
  const { held, exchange } = state
  if (held !== null) return await writeCsrfToken(sessionSubject(held.record), newest, ctx.runtime)
  const value = preSessionOf(exchange) ?? beginPreSession(ctx, exchange)
  return await writeCsrfToken(visitorSubject(value), newest, ctx.runtime)
}

function beginPreSession(ctx: CsrfContext, exchange: Exchange): string {
  const text = ctx.runtime.random(PRE_SESSION_BYTES)
  const withheld = withheldFrom(ctx, exchange)
  if (withheld === null) put(exchange, 'pre-session', { text, expiresAt: null })
  else withhold(ctx, withheld, `The token of a form cannot be checked: ${withheld.why}`)
  return text
}

/** Whom a token may be bound to. An anonymous session may have begun after its visitor's form was made. */
function subjectsOf(state: GuardedSession): readonly Subject[] {
  const record = state.held?.record ?? null
  const value = record === null || record.userId === null ? preSessionOf(state.exchange) : null
  return [...(record === null ? [] : [sessionSubject(record)]), ...(value === null ? [] : [visitorSubject(value)])]
}

/** Judges the token from a form's body. Where it does not count, the session can no longer be changed in this request. */
export async function checkCsrfToken(ctx: CsrfContext, state: GuardedSession, token: unknown): Promise<CsrfVerdict> {
  const reason = await judgeToken(ctx, state, token)
  if (reason === null) return ALLOWED
  tell(ctx, state.exchange, reason)
  return ctx.settings.csrf.reportOnly ? ALLOWED : { allowed: false, reason }
}

export async function judgeToken(ctx: CsrfContext, state: GuardedSession, token: unknown): Promise<TokenFault | null> {
  refuseInOutage(state, 'session.checkCsrf')
  const reason = await tokenFault(ctx, state, token)
  const isClosed = reason !== null && !ctx.settings.csrf.reportOnly
  const toReading = state.gate?.toReading ?? false
  state.gate = isClosed ? closedGate(ctx, state.exchange, { reason, toReading, isTold: true }) : null
  return reason
}

async function tokenFault(ctx: CsrfContext, state: GuardedSession, token: unknown): Promise<TokenFault | null> {
  if (typeof token !== 'string' || token === '') return 'missing-token'
  const match = await matchCsrfToken(token, subjectsOf(state), await ctx.ring(), ctx.runtime)
  switch (match) {
    case 'exact':
      return null
    case 'older':
      return 'stale-token'
    case 'other':
      // From a page of our own it is an old form; else somebody may have put their own token into theirs.
      return whence(ctx, state.exchange) === 'allowed' ? 'stale-token' : 'foreign-token'
    case 'none':
      return 'invalid-token'
  }
}
