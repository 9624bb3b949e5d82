import { type AccountEvent, accountHappening } from '../audit/happenings.ts'
import type { Services } from '../environment.ts'

/** The actor of what the command does. */
export const COMMAND = 'command'

/** What somebody did themselves: it is in the audit log a moment later. */
export function tell({ audit }: Pick<Services, 'audit'>, userId: string | null, event: AccountEvent): void {
  audit.record(accountHappening(Date.now(), userId, event, null))
}

/**
 * What `actor` did to somebody else: it is in the audit log before the act is answered, so that no crash takes it away.
 * Never throws, since the act has happened: where the log cannot be written, this ends after some seconds and the entry
 * goes on waiting.
 */
export async function tellAct(
  { audit }: Pick<Services, 'audit'>,
  userId: string | null,
  event: AccountEvent,
  actor: string | null,
): Promise<void> {
  audit.record(accountHappening(Date.now(), userId, event, actor))
  await audit.flush()
}
