import { type AccountEvent, accountHappening } from '../audit/happenings.ts'
import type { Services } from '../environment.ts'

/** `actor`: who did it, where that is not the user. */
export function tell(
  { audit }: Pick<Services, 'audit'>,
  userId: string | null,
  event: AccountEvent,
  actor: string | null = null,
): void {
  audit.record(accountHappening(Date.now(), userId, event, actor))
}
