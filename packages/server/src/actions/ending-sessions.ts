import { BY_ADMINISTRATOR } from '../ending-text.ts'
import type { Services } from '../environment.ts'
import { tellAct } from './telling.ts'

type Ending = Pick<Services, 'audit' | 'sessions'>

/** Ends sessions of others, each told with who did it; answers how many were alive. What is not there is passed over. */
export async function endSessions(services: Ending, ids: readonly string[], actor: string): Promise<number> {
  const told: Promise<void>[] = []
  for (const id of ids) {
    const status = await services.sessions.find(id)
    // Their own sessions end where everybody ends theirs, and never by a selection in which they were overlooked.
    if (status?.alive !== true || status.info.userId === actor) continue
    if ((await services.sessions.revoke(id, BY_ADMINISTRATOR)) !== 'ended') continue
    told.push(tellAct(services, status.info.userId, { type: 'sessions-ended', sessionId: id }, actor))
  }
  await Promise.all(told)
  return told.length
}

/** Ends all sessions of a user; answers how many were alive. `note`: why, for the record and for who held them. */
export async function endSessionsOf(
  services: Ending,
  userId: string,
  actor: string,
  note: string = BY_ADMINISTRATOR,
): Promise<number> {
  const ended = await services.sessions.revokeUser(userId, { note })
  await tellAct(services, userId, { type: 'sessions-ended' }, actor)
  return ended
}

/** Ends every session there is, that of who does it, too; answers how many. `note` as above. */
export async function endAllSessions(
  services: Ending,
  actor: string,
  note: string = BY_ADMINISTRATOR,
): Promise<number> {
  const ended = await services.sessions.revokeAll(note)
  await tellAct(services, null, { type: 'sessions-ended' }, actor)
  return ended
}
