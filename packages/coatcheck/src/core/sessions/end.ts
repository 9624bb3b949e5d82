import { cut } from '../base/truncate.ts'
import { refuseUnknown } from '../base/unknown-options.ts'
import type { Held } from '../kind.ts'
import { type EndReason, type SessionRecord, withFields } from '../record/record.ts'
import { retentionOf } from '../record/retention.ts'
import type { EndRequest } from '../store/store.ts'
import type { Context } from './context.ts'

/** In characters (UTF-16 units). An ending never fails because of its note, so what is longer is cut. */
const LONGEST_NOTE = 200

/** The request to end something now, kept as long as the policy says. */
function endRequest(ctx: Context, reason: EndReason, note: string | null): EndRequest {
  const at = ctx.runtime.now()
  const { policy } = ctx.settings
  const logUntil = at + retentionOf(policy).log
  return { at, reason, note: cut(note, LONGEST_NOTE), keepUntil: at + policy.keepEnded, logUntil }
}

/** Ends a session by its public id; the first ending is an event. */
export async function endById(ctx: Context, id: string, note: string | null): Promise<'ended' | 'already' | 'missing'> {
  const result = await ctx.store.end(id, endRequest(ctx, 'revoked', note))
  if (result.outcome === 'ended') emitEnded(ctx, result.record)
  return result.outcome
}

/** Ends a session that a request holds, or has held; the first ending is an event. */
export async function endHeld(
  ctx: Context,
  { kind, record }: Pick<Held, 'kind' | 'record'>,
  reason: EndReason,
): Promise<void> {
  const request = endRequest(ctx, reason, null)
  const result = await kind.end(record.id, request)
  if (result.outcome === 'ended') emitEnded(ctx, result.record)
  if (result.outcome === 'forgotten') emitEnded(ctx, withFields(record, { ended: request }))
}

/** Ends all sessions of a user, but `except`; answers how many. */
export async function endSessionsOf(
  ctx: Context,
  userId: string,
  options: { readonly except?: string | null | undefined; readonly note?: string | null | undefined },
): Promise<number> {
  // A misspelt `except` would end the very session that it is to spare.
  refuseUnknown(options, { except: null, note: null }, 'revokeUser')
  const { except, note } = options
  const request = endRequest(ctx, 'revoked', note ?? null)
  const forgetAt = request.at + retentionOf(ctx.settings.policy).epochs
  const ended = await ctx.store.endUser(userId, { ...request, forgetAt, except: except ?? undefined })
  for (const record of ended) emitEnded(ctx, record)
  ctx.events.emit({ type: 'user-ended', userId, note: request.note, count: ended.length })
  return ended.length
}

/** Ends every session there is; answers how many. */
export async function endAllSessions(ctx: Context, note: string | null): Promise<number> {
  const request = endRequest(ctx, 'revoked', note)
  const count = await ctx.store.endAll(request)
  ctx.events.emit({ type: 'all-ended', note: request.note, count })
  return count
}

export function emitEnded(ctx: Context, record: SessionRecord): void {
  if (record.ended === null) return
  const { reason, note } = record.ended
  ctx.events.emit({ type: 'ended', sessionId: record.id, userId: record.userId, reason, note })
}
