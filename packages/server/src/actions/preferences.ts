import type { KnownAccount } from '../accounts/accounts.ts'
import type { Preferences } from '../accounts/preferences.ts'
import type { Services } from '../environment.ts'
import type { ServerSession } from '../session-data.ts'
import { countAct } from './limits.ts'
import { mailOwner } from './mailing.ts'
import { type Refused, refused } from './refusals.ts'
import { tell } from './telling.ts'
import { FRESH } from './windows.ts'

type Chosen = Preferences & { readonly alerts?: boolean | undefined }

/**
 * Keeps what a person chose in the account, and puts it into all of their sessions: in force at the next request of each.
 * Where nothing changes, nothing is written. Turning the mails off asks for a fresh sign-in and is told to the address:
 * else whoever has a stolen session silences what would tell the owner of it. Null where it was done.
 */
export async function setPreferences(
  services: Services,
  session: ServerSession,
  chosen: Chosen,
): Promise<Refused | null> {
  const { userId, data } = session
  const account = userId === null ? null : await services.accounts.read(userId)
  if (account === null) return refused('not-signed-in')
  const { theme, language, alerts = account.alerts } = chosen
  const isSilencing = account.alerts && !alerts
  // The session as well: it is left behind where the store failed between the two, and this is how it is mended.
  const isAsBefore = [account, data].every((held) => held.theme === theme && held.language === language)
  if (isAsBefore && alerts === account.alerts) return null
  if (isSilencing && !session.isFresh(FRESH)) return refused('not-fresh')
  const over = await countAct(services, 'preferences', account.id)
  if (over !== null) return over
  await services.accounts.change(account.id, { theme, language, alerts })
  tell(services, account.id, { type: 'preferences-changed' })
  if (isSilencing) tellSilenced(services, account, language)
  if (!isAsBefore) await services.sessions.updateUser(account.id, { set: { theme, language } })
  return null
}

/** The last of these mails. */
function tellSilenced(services: Services, { name, email }: KnownAccount, language: Preferences['language']): void {
  mailOwner(services, { email, language }, 'alerts-off', (mails) => mails.alertsOff(name))
}
