import { put } from '../http/exchange.ts'
import type { Held, IssueReason } from '../kind.ts'
import type { Context } from './context.ts'
import { isStillHeld, type SessionState } from './state.ts'

/**
 * Goes on with a session, and puts the texts that its client is to get into the answer. Where the request holds another session
 * by then, or none, a step that was under way changes nothing.
 */
export async function issue(state: SessionState, held: Held, why: IssueReason): Promise<true> {
  const issued = await held.kind.issue(held, why)
  if (why !== 'begun' && !isStillHeld(state, held)) return true
  state.held = issued.held
  if (state.readOnly) return true
  const { persistent, expiresAt } = issued.held.record
  for (const { slot, text } of issued.texts) {
    put(state.exchange, slot, { text, expiresAt: persistent ? expiresAt : null })
  }
  return true
}

/** Lets the answer delete the cookies of a session. */
export function deleteCookiesOf(ctx: Context, state: SessionState, which: 'signed-in' | 'anonymous'): void {
  for (const slot of ctx.kinds.slotsWith(which)) put(state.exchange, slot, 'delete')
}
