import type { Preferences } from '../accounts/preferences.ts'
import type { ServerSession, Services } from '../environment.ts'

/** Keeps what a person chose in the account, and puts it into all of their sessions: in force at the next request of each. */
export async function setPreferences(
  { accounts, sessions }: Services,
  { userId }: ServerSession,
  { theme, language }: Preferences,
): Promise<void> {
  if (userId === null) return
  await accounts.change(userId, { theme, language })
  await sessions.updateUser(userId, { set: { theme, language } })
}
