import type { Context } from './context.ts'
import { cut } from './cut.ts'
import type { EndReason, SessionRecord } from './record.ts'
import type { EndRequest, EndResult } from './store.ts'

/** In characters (UTF-16 units). An ending never fails because of its note, so what is longer is cut. */
const LONGEST_NOTE = 200

/** The request to end something now, kept as long as the policy says. */
export function endRequest(ctx: Context, reason: EndReason, note: string | null): EndRequest {
  const at = ctx.runtime.now()
  return { at, reason, note: cut(note, LONGEST_NOTE), keepUntil: at + ctx.settings.policy.keepEnded }
}

/** Ends one session in the store; the first ending is an event. */
export async function recordEnding(
  ctx: Context,
  id: string,
  reason: EndReason,
  note: string | null,
): Promise<EndResult> {
  const result = await ctx.store.end(id, endRequest(ctx, reason, note))
  if (result.outcome === 'ended') emitEnded(ctx, result.record)
  return result
}

export function emitEnded(ctx: Context, record: SessionRecord): void {
  if (record.ended === null) return
  const { reason, note } = record.ended
  ctx.events.emit({ type: 'ended', sessionId: record.id, userId: record.userId, reason, note })
}
