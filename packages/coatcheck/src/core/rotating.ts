import { ContentionError, SessionEndedError, UserChangedError } from '../errors.ts'
import type { Context, SessionState } from './context.ts'
import { dropSession, endedMeanwhile } from './context.ts'
import { hasRunOut, underPolicy } from './present-timeouts.ts'
import type { SessionRecord } from './record.ts'
import { retentionOf } from './retention.ts'
import type { Authentication } from './store.ts'
import { deriveSuccessor, newSecret, writeToken } from './token.ts'
import { judge } from './verdict.ts'

const NONCE_BYTES = 16
const ATTEMPTS = 8

/** Gives the state the token for `secret`, and its answer the cookie. */
export async function hold(ctx: Context, state: SessionState, stored: SessionRecord, secret: string): Promise<void> {
  const { newest } = await ctx.ring()
  const record = underPolicy(stored, ctx.settings.policy)
  const token = await writeToken(record.id, record.generation, secret, newest)
  state.record = record
  state.holding = { secret, hash: record.secretHash, generation: record.generation }
  const outgoing = { token, expiresAt: record.persistent ? record.expiresAt : null }
  if (record.userId === null) state.anonymousCookie = outgoing
  else state.signedInCookie = outgoing
}

/**
 * The periodic rotation: the first of several racers writes the successor's hash, all derive the same successor. The old
 * token counts until the new one has been presented. False where the session changed meanwhile.
 */
export async function renew(ctx: Context, state: SessionState): Promise<boolean> {
  const { record, holding } = state
  if (record === null || holding === null) return false
  const { newest } = await ctx.ring()
  const generation = record.generation + 1
  const nonce = ctx.runtime.random(NONCE_BYTES)
  const secret = await deriveSuccessor(newest, { id: record.id, generation, secret: holding.secret, nonce })
  const result = await ctx.store.rotate(record.id, {
    at: ctx.runtime.now(),
    from: holding.hash,
    to: await ctx.runtime.sha256(secret),
    generation,
    predecessor: { nonce, keyId: newest.id },
  })
  if (result.outcome === 'rotated') {
    await hold(ctx, state, result.record, secret)
    ctx.events.emit({ type: 'renewed', sessionId: record.id, userId: record.userId, generation })
    return true
  }
  if (result.outcome !== 'kept') return false
  state.record = underPolicy(result.record, ctx.settings.policy)
  return await deliverSuccessor(ctx, state)
}

/** Sends the successor again to a client that still presents the predecessor. False where it is not the predecessor. */
export async function deliverSuccessor(ctx: Context, state: SessionState): Promise<boolean> {
  const { record, holding } = state
  if (record === null || holding === null) return false
  const { predecessor } = record
  if (predecessor === null || !ctx.runtime.equal(predecessor.hash, holding.hash)) return false
  const key = (await ctx.ring()).find(predecessor.keyId)
  // Without the nonce the successor has been seen, without the key it cannot be derived: the predecessor goes on as it may.
  if (predecessor.nonce === null || key === undefined) return true
  const { id, generation } = record
  const secret = await deriveSuccessor(key, { id, generation, secret: holding.secret, nonce: predecessor.nonce })
  if (ctx.runtime.equal(await ctx.runtime.sha256(secret), record.secretHash)) await hold(ctx, state, record, secret)
  return true
}

/** What a replacement changes besides the secret. */
export interface Replacement {
  readonly authentication?: Authentication | undefined
  readonly ifUserEpoch?: number | undefined
}

/**
 * Gives the session a random new secret and lets the old ones die at once: at an authentication and at a change of
 * privilege. Wins against renewals under way, loses to endings and to other authentications.
 * @throws SessionEndedError, UserChangedError, ContentionError
 */
export async function replaceSecret(
  ctx: Context,
  state: SessionState,
  replacement: Replacement,
): Promise<SessionRecord> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { record } = state
    if (record === null) throw new SessionEndedError(state.ended?.reason ?? 'unknown')
    const late = attempt === 0 && hasRunOut(ctx, record)
    if (late !== false && (await late)) {
      rejudge(ctx, state, await ctx.store.read(record.id, { strict: true }))
      continue
    }
    const secret = newSecret(ctx.runtime)
    const at = ctx.runtime.now()
    const result = await ctx.store.rotate(record.id, {
      at,
      logUntil: at + retentionOf(ctx.settings.policy).log,
      from: record.secretHash,
      to: await ctx.runtime.sha256(secret),
      generation: record.generation + 1,
      predecessor: null,
      ...replacement,
    })
    if (result.outcome === 'user-changed') throw new UserChangedError()
    if (result.outcome === 'rotated') {
      await hold(ctx, state, result.record, secret)
      return state.record ?? result.record
    }
    rejudge(ctx, state, result.record)
  }
  throw new ContentionError('secret', ATTEMPTS)
}

/** Goes on from the record as it is now, where the token of this request still counts for it. */
function rejudge(ctx: Context, state: SessionState, stored: SessionRecord | null): void {
  const { runtime, settings } = ctx
  const record = stored === null ? null : underPolicy(stored, settings.policy)
  const verdict = state.holding && judge(record, state.holding, runtime.now(), settings.policy.grace, runtime.equal)
  if (verdict?.status === 'active') {
    state.record = verdict.record
    return
  }
  const replaced = { reason: 'replaced', at: null, note: null } as const
  dropSession(state, verdict?.status === 'superseded' ? replaced : endedMeanwhile(record, runtime.now()))
}
