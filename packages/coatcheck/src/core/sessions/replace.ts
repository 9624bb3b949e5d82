import { ContentionError, SessionEndedError, UserChangedError } from '../../errors.ts'
import type { Replacement } from '../kind.ts'
import type { SessionRecord } from '../record/record.ts'
import type { Context } from './context.ts'
import { endedOf } from './ended.ts'
import { issue } from './issue.ts'
import { hasRunOut } from './running-out.ts'
import { dropSession, type SessionState } from './state.ts'

const ATTEMPTS = 8

/**
 * Gives the session a random new token and lets the old ones die at once: at an authentication and at a change of
 * privilege. Wins against renewals under way, loses to endings and to other authentications.
 * @throws SessionEndedError, UserChangedError, ContentionError
 */
export async function replaceToken(
  ctx: Context,
  state: SessionState,
  replacement: Replacement,
): Promise<SessionRecord> {
  const late = state.held !== null && hasRunOut(ctx, state.held)
  const refused = late === false ? null : await late
  if (refused !== null) dropSession(state, endedOf(refused))
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { held } = state
    if (held === null) throw new SessionEndedError(state.ended?.reason ?? 'unknown')
    const result = await held.kind.replace(held, replacement)
    switch (result.outcome) {
      case 'user-changed':
        throw new UserChangedError()
      case 'replaced':
        await issue(state, result.held, 'rotated')
        return (state.held ?? result.held).record
      case 'again':
        state.held = result.held
        break
      case 'refused':
        dropSession(state, endedOf(result.refused))
        break
    }
  }
  throw new ContentionError('secret', ATTEMPTS)
}
