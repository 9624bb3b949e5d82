import type { Preferences } from '../accounts/preferences.ts'
import type { ServerSession, Services } from '../environment.ts'
import { tell } from './telling.ts'

/** Keeps what a person chose in the account, and puts it into all of their sessions: in force at the next request of each. */
export async function setPreferences(
  services: Services,
  { userId }: ServerSession,
  { theme, language, alerts }: Preferences & { readonly alerts?: boolean | undefined },
): Promise<void> {
  if (userId === null) return
  await services.accounts.change(userId, { theme, language, ...(alerts !== undefined && { alerts }) })
  await services.sessions.updateUser(userId, { set: { theme, language } })
  tell(services, userId, { type: 'preferences-changed' })
}
