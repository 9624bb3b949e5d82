import type { Selectable } from 'kysely'
import type { Tables } from '../accounts/database.ts'
import type { Happening } from './happenings.ts'

/** One that is kept has a number, which grows without holes in each database. */
export interface Kept extends Happening {
  readonly id: number
}

export function rowOf({ at, type, severity, userId, sessionId, actor, detail }: Happening) {
  return { at, type, severity, user_id: userId, session_id: sessionId, actor, detail: JSON.stringify(detail) }
}

export function keptOf({
  id,
  at,
  type,
  severity,
  user_id,
  session_id,
  actor,
  detail,
}: Selectable<Tables['happenings']>): Kept {
  return {
    id,
    at,
    type,
    severity: severity as Kept['severity'],
    userId: user_id,
    sessionId: session_id,
    actor,
    detail: JSON.parse(detail),
  }
}
