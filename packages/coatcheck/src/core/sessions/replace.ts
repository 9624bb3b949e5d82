import { ContentionError, SessionEndedError, UserChangedError } from '../../errors.ts'
import type { Held, Replacement } from '../kind.ts'
import type { SessionRecord } from '../record/record.ts'
import type { Context } from './context.ts'
import { endedOf } from './ended.ts'
import { issue } from './issue.ts'
import { hasRunOut } from './running-out.ts'
import { dropSession, isStillHeld, type SessionState } from './state.ts'

const ATTEMPTS = 8

/**
 * Gives the session a random new token and lets the old ones die at once: at an authentication and at a change of
 * privilege. Wins against renewals under way, loses to endings and to authentications of other requests. Several of one request
 * take turns, since each goes on from the token of the one before.
 * @throws SessionEndedError, UserChangedError, ContentionError
 */
export async function replaceToken(
  ctx: Context,
  state: SessionState,
  replacement: Replacement,
): Promise<SessionRecord> {
  const first = state.held
  if (first === null) throw new SessionEndedError(state.ended?.reason ?? 'unknown')
  return await ctx.serial.run(`${first.record.id}\n\ntoken`, () => replaceInTurn(ctx, state, first, replacement))
}

async function replaceInTurn(
  ctx: Context,
  state: SessionState,
  first: Held,
  replacement: Replacement,
): Promise<SessionRecord> {
  const late = hasRunOut(ctx, state.held ?? first)
  const refused = late === false ? null : await late
  if (refused !== null && isStillHeld(state, first)) dropSession(state, endedOf(refused))
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { held } = state
    if (held === null) throw new SessionEndedError(state.ended?.reason ?? 'unknown')
    if (!isStillHeld(state, first)) throw new SessionEndedError('replaced')
    const result = await held.kind.replace(held, replacement)
    // Another step of the same request may have got a newer token meanwhile, or ended the session.
    const isOvertaken = state.held !== held
    switch (result.outcome) {
      case 'user-changed':
        throw new UserChangedError()
      case 'replaced':
        await issue(state, result.held, 'rotated')
        return (isStillHeld(state, first) ? (state.held ?? result.held) : result.held).record
      case 'again':
        if (!isOvertaken) state.held = result.held
        break
      case 'refused':
        if (!isOvertaken) dropSession(state, endedOf(result.refused))
        break
    }
  }
  throw new ContentionError('secret', ATTEMPTS)
}
